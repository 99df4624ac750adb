"""Provisioning files as trees that remember their lines. Every scalar is a text; the rows' models say what it means.

YAML without aliases, tags, implicit types (``0123`` stays a text) and second keys; JSON without second keys. A JSON
``null``, and a YAML value that is not there (``place:``), are None: "none of them".
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from json.decoder import scanstring  # type: ignore[attr-defined]
from pathlib import Path
from typing import Any, TypeAlias

import yaml

from environment.provision.faults import Fault, Faults

DEPTH = 32
MAX_BYTES = 64 * 1024 * 1024
SUFFIXES = (".yaml", ".yml", ".json")


@dataclass(frozen=True, slots=True)
class Node:
    """A value and the line (from 1) where it begins."""

    value: Value
    line: int


Value: TypeAlias = str | list[Node] | dict[str, Node] | None


def tree_of(file: Path) -> Node:
    """Read one file. Raises Faults with the line of what cannot be read."""
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise Faults([Fault(str(error.strerror), file)]) from None
    if len(raw) > MAX_BYTES:
        raise Faults([Fault(f"longer than {MAX_BYTES // 1024 // 1024} MiB", file)])
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Faults([Fault("not UTF-8", file, raw[: error.start].count(b"\n") + 1)]) from None
    if "\x00" in text:
        raise Faults([Fault("a NUL character", file, text[: text.index("\x00")].count("\n") + 1)])
    return _Json(text, file).read() if file.suffix == ".json" else _Yaml(text, file).read()


def plain(node: Node) -> Any:
    """The tree without its lines."""
    if isinstance(node.value, dict):
        return {key: plain(item) for key, item in node.value.items()}
    if isinstance(node.value, list):
        return [plain(item) for item in node.value]
    return node.value


def line_of(node: Node, path: tuple[str | int, ...]) -> int:
    """The line of what ``path`` leads to, or of the last step that is there."""
    for step in path:
        inside = node.value
        found: Node | None = None
        if isinstance(inside, dict):
            found = inside.get(str(step))
        elif isinstance(inside, list) and isinstance(step, int):
            found = inside[step] if step < len(inside) else None
        if found is None:
            break
        node = found
    return node.line


class _Yaml:
    """Builds the tree from libyaml's events, so that no resolver ever guesses a type."""

    def __init__(self, text: str, file: Path) -> None:
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        self.file = file
        self.events: Iterator[Any] = yaml.parse(text, Loader=loader)

    def read(self) -> Node:
        try:
            self._next(yaml.StreamStartEvent)
            event = next(self.events)
            if isinstance(event, yaml.StreamEndEvent):
                return Node({}, 1)
            tree = self._node(next(self.events), 0)
            self._next(yaml.DocumentEndEvent)
            self._next(yaml.StreamEndEvent, "a second document; write one a file")
        except yaml.MarkedYAMLError as error:
            mark = error.problem_mark or error.context_mark
            raise self._fault(error.problem or "no YAML", mark.line + 1 if mark else 0) from None
        except yaml.YAMLError as error:
            raise self._fault(str(error), 0) from None
        return tree

    def _next(self, kind: type, otherwise: str = "no YAML") -> None:
        event = next(self.events)
        if not isinstance(event, kind):
            raise self._fault(otherwise, event.start_mark.line + 1)

    def _node(self, event: Any, depth: int) -> Node:
        line = event.start_mark.line + 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise self._fault("anchors and aliases are not read here", line)
        if getattr(event, "tag", None):
            raise self._fault("tags are not read here", line)
        if depth > DEPTH:
            raise self._fault(f"deeper than {DEPTH} levels", line)
        if isinstance(event, yaml.ScalarEvent):
            is_absent = event.value == "" and event.style in (None, "")
            return Node(None if is_absent else event.value, line)
        if isinstance(event, yaml.SequenceStartEvent):
            return Node(list(self._items(depth)), line)
        return Node(self._pairs(depth), line)

    def _items(self, depth: int) -> Iterator[Node]:
        while not isinstance(event := next(self.events), yaml.SequenceEndEvent):
            yield self._node(event, depth + 1)

    def _pairs(self, depth: int) -> dict[str, Node]:
        pairs: dict[str, Node] = {}
        while not isinstance(event := next(self.events), yaml.MappingEndEvent):
            key = self._node(event, depth + 1)
            if not isinstance(key.value, str):
                raise self._fault("a key is one text", key.line)
            if key.value in pairs:
                raise self._fault(f"{key.value!r} stands here twice", key.line)
            pairs[key.value] = self._node(next(self.events), depth + 1)
        return pairs

    def _fault(self, message: str, line: int) -> Faults:
        return Faults([Fault(message, self.file, line)])


class _Json:
    """A JSON reader that keeps lines; the standard one does not tell them. Numbers stay the text they are."""

    _number = re.compile(r"-?(0|[1-9][0-9]{0,31})(\.[0-9]{1,31})?([eE][-+]?[0-9]{1,3})?")
    _blank = re.compile(r"[ \t\r\n]*")
    _words = {"true": "true", "false": "false", "null": None}

    def __init__(self, text: str, file: Path) -> None:
        self.text, self.file = text, file
        self.at = self.counted = 0
        self.line = 1

    def read(self) -> Node:
        tree = self._value(0)
        if self._peek():
            raise self._fault("more after the end of the value")
        return tree

    def _value(self, depth: int) -> Node:
        first, line = self._peek(), self._line()
        if depth > DEPTH:
            raise self._fault(f"deeper than {DEPTH} levels")
        if first == "{":
            return Node(self._object(depth), line)
        if first == "[":
            return Node(self._array(depth), line)
        if first == '"':
            return Node(self._string(), line)
        for word, value in self._words.items():
            if self.text.startswith(word, self.at):
                self.at += len(word)
                return Node(value, line)
        number = self._number.match(self.text, self.at)
        if not number:
            raise self._fault("a value is wanted here")
        self.at = number.end()
        return Node(number.group(), line)

    def _object(self, depth: int) -> dict[str, Node]:
        pairs: dict[str, Node] = {}
        self.at += 1
        while self._peek() != "}":
            if pairs:
                self._take(",")
            if self._peek() != '"':
                raise self._fault("a key in double quotes is wanted here")
            key = self._string()
            if key in pairs:
                raise self._fault(f"{key!r} stands here twice")
            self._take(":")
            pairs[key] = self._value(depth + 1)
        self.at += 1
        return pairs

    def _array(self, depth: int) -> list[Node]:
        items: list[Node] = []
        self.at += 1
        while self._peek() != "]":
            if items:
                self._take(",")
            items.append(self._value(depth + 1))
        self.at += 1
        return items

    def _string(self) -> str:
        try:
            text, self.at = scanstring(self.text, self.at + 1, True)
            text.encode()
        except json.JSONDecodeError as error:
            raise self._fault(error.msg) from None
        except UnicodeEncodeError:
            raise self._fault("half of a surrogate pair") from None
        if "\x00" in text:
            raise self._fault("a NUL character")
        return str(text)

    def _take(self, character: str) -> None:
        if self._peek() != character:
            raise self._fault(f"{character!r} is wanted here")
        self.at += 1

    def _peek(self) -> str:
        blank = self._blank.match(self.text, self.at)
        self.at = blank.end() if blank else self.at
        return self.text[self.at : self.at + 1]

    def _line(self) -> int:
        self.line += self.text.count("\n", self.counted, self.at)
        self.counted = self.at
        return self.line

    def _fault(self, message: str) -> Faults:
        return Faults([Fault(message, self.file, self._line())])
