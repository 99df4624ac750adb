"""What VoiceXML leaves to ECMAScript: names of variables, and texts as literals."""

from __future__ import annotations

import json
import re

_NAME = re.compile(r"[A-Za-z$][A-Za-z0-9_$]*\Z")
# ECMA-262, 3rd edition (VoiceXML's) with what later ones added; VoiceXML's scopes (2.0 §5.1.2); globals that a
# variable may not hide.
_WORDS = """
    abstract arguments await boolean break byte case catch char class const continue debugger default delete do double
    else enum eval export extends false final finally float for function goto if implements import in instanceof int
    interface let long native new null package private protected public return short static super switch synchronized
    this throw throws transient true try typeof undefined var void volatile while with yield
    application dialog document session Infinity NaN
"""
_RESERVED = frozenset(_WORDS.split())


def is_variable(name: str) -> bool:
    """Whether a document may declare it: names that begin with _ or end with $ are the platform's (2.0 §5.1)."""
    return _NAME.match(name) is not None and not name.endswith("$") and name not in _RESERVED


def literal(text: str) -> str:
    """``text`` as an ECMAScript string literal, in ASCII, without control characters, markup or quotes inside.

    Whatever the document's encoding, and whoever reads it again as markup or script, the text stays one text.
    """
    escaped = json.dumps(text)[1:-1].replace('\\"', "\\u0022")
    for character in "'<>&\x7f":
        escaped = escaped.replace(character, f"\\u{ord(character):04x}")
    return f"'{escaped}'"
