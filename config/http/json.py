"""The one JSON reader. What it refuses is 400 with what and where, never 500.

Refused: bytes that are not UTF-8, a byte order mark, nesting deeper than 32, ``NaN`` and ``Infinity``, NUL and lone
surrogates in strings, a key twice in one object, numbers longer than 32 characters (a number of a million digits
takes Python seconds). A caller who tells such keys himself collects those of the outermost object.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Callable
from typing import Any, NoReturn

from config.http.errors import MalformedJson

MAX_DEPTH = 32
MAX_NUMBER = 32

_TYPOGRAPHIC = dict.fromkeys("\u201c\u201d\u201e\u201f\u2018\u2019\u00ab\u00bb")
# A string, or one bracket; everything else is skipped. The closing quote is optional, so that an unclosed string is
# passed over once, to the end (else `"\"\"\"…` would be tried again from each quote: quadratic).
_TOKENS = re.compile(rb'"(?:[^"\\]++|\\.)*+"?|[\[\]{}]', re.DOTALL)
_SURROGATE = re.compile(r"[\ud800-\udfff]")


class _Doubled(dict[str, Any]):
    """An object with keys that stand there twice; it holds the last value of each."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        counted = Counter(key for key, _value in pairs)
        self.twice = [key for key, count in counted.items() if count > 1]


def read_json(body: bytes) -> Any:
    """The value in ``body``. Raises ``MalformedJson`` (400)."""
    value = _parsed(body, _object)
    if b"\\u" in body:
        # Raw, neither NUL nor a surrogate came through: what is left is their escapes.
        _check_strings(value, "$")
    return value


def read_json_doubled(body: bytes) -> tuple[Any, list[str]]:
    """The value, and the keys that stand more than once in the outermost object. Raises ``MalformedJson`` (400)."""
    value = _parsed(body, _object_or_doubled)
    twice = value.twice if isinstance(value, _Doubled) else []
    if twice:
        value = dict(value)
    _check_strings(value, "$")
    return value, twice


def _parsed(body: bytes, object_of: Callable[[list[tuple[str, Any]]], dict[str, Any]]) -> Any:
    text = _decoded(body)
    _check_depth(body)
    try:
        return json.loads(
            text,
            object_pairs_hook=object_of,
            parse_constant=_constant,
            parse_int=_integer,
            parse_float=_float,
        )
    except json.JSONDecodeError as error:
        _refuse(_syntax(text, error))
    except RecursionError:  # pragma: no cover - the depth check comes first
        _refuse(f"nesting is deeper than {MAX_DEPTH}")


def _refuse(words: str) -> NoReturn:
    raise MalformedJson(f"The request body is not valid JSON: {words}.")


def _decoded(body: bytes) -> str:
    if body.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        _refuse("it begins with a byte order mark")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        _refuse(f"byte {error.start} is not UTF-8")


def _check_depth(body: bytes) -> None:
    depth = 0
    for found in _TOKENS.finditer(body):
        mark = found.group()
        if mark in (b"{", b"["):
            depth += 1
            if depth > MAX_DEPTH:
                _refuse(f"nesting is deeper than {MAX_DEPTH} at byte {found.start()}")
        elif mark in (b"}", b"]"):
            depth -= 1


def _syntax(text: str, error: json.JSONDecodeError) -> str:
    place = f"line {error.lineno} column {error.colno}"
    character = text[error.pos : error.pos + 1]
    if character in _TYPOGRAPHIC and character:
        return f'a typographic quote {character} at {place}; write the straight "'
    return f"{error.msg[:1].lower()}{error.msg[1:]} at {place}"


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for key, value in pairs:
        if key in made:
            _refuse(f"the key {_shown(key)} stands twice in one object")
        made[key] = value
    return made


def _object_or_doubled(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    return made if len(made) == len(pairs) else _Doubled(pairs)


def _constant(name: str) -> NoReturn:
    _refuse(f"{name} is not a JSON number")


def _integer(digits: str) -> int:
    if len(digits) > MAX_NUMBER:
        _refuse(f"a number is longer than {MAX_NUMBER} characters")
    return int(digits)


def _float(digits: str) -> float:
    if len(digits) > MAX_NUMBER:
        _refuse(f"a number is longer than {MAX_NUMBER} characters")
    value = float(digits)
    if math.isinf(value):
        _refuse("a number is too large")
    return value


def _check_strings(value: Any, where: str) -> None:
    if isinstance(value, str):
        if "\x00" in value:
            _refuse(f"NUL in the string at {where}")
        if _SURROGATE.search(value):
            _refuse(f"a lone surrogate in the string at {where}")
    elif isinstance(value, dict):
        if isinstance(value, _Doubled):
            _refuse(f"the key {_shown(value.twice[0])} stands twice in one object")
        for key, member in value.items():
            _check_strings(key, f"{where} (a key)")
            _check_strings(member, f"{where}.{_shown(key)}")
    elif isinstance(value, list):
        for position, member in enumerate(value):
            _check_strings(member, f"{where}[{position}]")


def _shown(key: str) -> str:
    """A caller's key, short and printable, for our message."""
    return key[:40].encode("ascii", "backslashreplace").decode("ascii").replace("\x00", "\\x00")
