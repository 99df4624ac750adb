"""ECMAScript string literals (ECMA-262 3rd edition §7.8.4), as Composer writes every value: in single quotes."""

from __future__ import annotations

import re

_ESCAPES = {"\\": "\\\\", "'": "\\'", "\b": "\\b", "\t": "\\t", "\n": "\\n", "\v": "\\x0B", "\f": "\\f", "\r": "\\r"}
# Line ends of ECMAScript; what closes markup; what XML cannot hold or a parser would make another character of.
_UNSAFE = re.compile("[\\\\'\x00-\x1f\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_MARKUP = re.compile('[<>&"]|[^\x00-\x7f]')


class BadText(ValueError):
    """A text that no literal can carry to the other side. The words quote nothing of it."""


def string_literal(text: str, *, plain_ascii: bool = True) -> str:
    """The literal whose value is ``text``.

    With ``plain_ascii`` (for scripts) everything beyond ASCII and all that means something in markup is escaped too;
    without it (for people who read it in Composer) only what must be. Raises BadText for lone surrogates.
    """
    if any("\ud800" <= one <= "\udfff" for one in text):
        raise BadText("The text holds half a character (a lone surrogate).")
    escaped = _UNSAFE.sub(_escape, text)
    return f"'{_MARKUP.sub(_escape, escaped) if plain_ascii else escaped}'"


def _escape(match: re.Match[str]) -> str:
    character = match[0]
    if character in _ESCAPES:
        return _ESCAPES[character]
    units = character.encode("utf-16-be")
    return "".join(f"\\u{units[at]:02X}{units[at + 1]:02X}" for at in range(0, len(units), 2))
