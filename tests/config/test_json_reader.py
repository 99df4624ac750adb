"""The one JSON reader: what it takes, and that everything else is 400 with what and where."""

import time

import pytest

from config.http.errors import MalformedJson
from config.http.json import read_json, read_json_doubled


def test_ordinary_json_is_read():
    assert read_json('{"a": [1, 2.5, "ü", null, true], "b": {}}'.encode()) == {"a": [1, 2.5, "ü", None, True], "b": {}}


def test_a_surrogate_pair_is_one_character():
    assert read_json(rb'"\ud83d\ude00"') == "\U0001f600"


def test_brackets_inside_strings_are_not_depth():
    assert read_json(b'["' + b"[" * 100 + b'\\""]') == ["[" * 100 + '"']


def test_depth_32_is_read():
    assert read_json(b"[" * 32 + b"]" * 32)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"[" * 33 + b"]" * 33, "nesting is deeper than 32 at byte 32"),
        (b"[" * 100_000, "nesting is deeper"),
        (b'{"a":' * 100_000, "nesting is deeper"),
        (b'{"a": NaN}', "NaN is not"),
        (b"-Infinity", "-Infinity is not"),
        (b"1e999", "too large"),
        (b'{"a": "x\\u0000"}', "NUL in the string at $.a"),
        (b'["x", "\\ud800"]', "lone surrogate in the string at $[1]"),
        (b'{"\\ud800": 1}', "lone surrogate"),
        (b'{"a": 1, "a": 2}', "the key a stands twice"),
        (b"9" * 33, "longer than 32"),
        (b"0." + b"1" * 40, "longer than 32"),
        (b'"\xff"', "byte 1 is not UTF-8"),
        (b"\xef\xbb\xbf{}", "byte order mark"),
        (b"{", "line 1 column 2"),
        (b'{"a": 1,}', "line 1"),
        (b"", "line 1 column 1"),
        ("{“a”: 1}".encode(), "typographic quote “ at line 1 column 2"),
    ],
)
def test_what_is_not_our_json_is_refused_with_its_place(body, words):
    with pytest.raises(MalformedJson) as caught:
        read_json(body)
    assert caught.value.status == 400
    assert words in caught.value.message


@pytest.mark.parametrize("unit", [b'\\"', b"[]", b'"', b"\\", b'""'])
def test_a_megabyte_of_anything_is_judged_quickly(unit):
    begun = time.perf_counter()
    with pytest.raises(MalformedJson):
        read_json(b'"' + unit * (1_000_000 // len(unit)))
    assert time.perf_counter() - begun < 2


def test_a_caller_who_asks_is_told_the_keys_that_stand_twice_at_the_top():
    value, twice = read_json_doubled(b'{"a": 1, "b": 2, "a": 3, "a": 4, "b": 2, "c": {"a": 1}}')
    assert (value, twice) == ({"a": 4, "b": 2, "c": {"a": 1}}, ["a", "b"])
    assert type(value) is dict


@pytest.mark.parametrize("body", [b'{"x": {"a": 1, "a": 2}}', b'[{"a": 1, "a": 2}]'])
def test_further_inside_a_key_twice_is_refused_whoever_asks(body):
    for read in (read_json, read_json_doubled):
        with pytest.raises(MalformedJson, match="stands twice"):
            read(body)
