"""Composer's ``default.workflow`` (XMI 2.0): the Entry block's variables read, and values of some of them written.

Writing edits the bytes of the attributes and nothing else: quotes, entities, line ends, order, encoding and whatever
else Composer or a person put there stay as they are.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from xml.parsers import expat

from history.scxml.literals import string_literal
from history.scxml.reading import Unreadable, encoding_declared, encoding_known, refuse_dangers

LONGEST = 1024 * 1024
"""Bytes of a file."""
MOST_VARIABLES = 1_000
_XMI = "http://www.omg.org/XMI"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_IRD = "http://studio.genesyslab.com/ird/"
_DATATYPES = "http://studio.genesyslab.com/common/datatypes/"
# Eclipse leaves the type out where it is the declared one.
_OF_VARIABLE = ((_DATATYPES, "Variable"), ("", ""))
_PLACE = (f"{_XMI} XMI", f"{_IRD} StrategyDiagram", "blocks", "variables")
_BOM = b"\xef\xbb\xbf"
_ATTRIBUTE = re.compile(rb"""([^\s=/<>"']+)\s*=\s*("[^"]*"|'[^']*')""")
_NAME = re.compile(rb"<[^\s/>]+")
_SOUNDS_USER = re.compile(r"(?:user|login)(?:[_-]?(?:name|id))?\Z", re.IGNORECASE)
_SOUNDS_PASSWORD = re.compile(r"(?:pass(?:word|wd|phrase)?|pwd)\Z", re.IGNORECASE)
_SOUNDS_SECRET = re.compile(r"pass|pwd|secret|token|credential|api_?key|authorization", re.IGNORECASE)


class NotWorkflow(ValueError):
    """The file is not one that is read here. The words quote no value of it."""


@dataclass(frozen=True, slots=True)
class Variable:
    """One variable of the Entry block; ``value`` is an ECMAScript expression, None where there is no such attribute.

    ``at`` and ``end`` are the bytes of its start tag.
    """

    name: str
    value: str | None
    type: str
    description: str
    at: int
    end: int

    @property
    def looks_like_user(self) -> bool:
        return bool(_SOUNDS_USER.search(self.name))

    @property
    def looks_like_password(self) -> bool:
        return bool(_SOUNDS_PASSWORD.search(self.name))

    @property
    def looks_secret(self) -> bool:
        """Whether its value is shown to nobody."""
        return bool(_SOUNDS_SECRET.search(self.name))


@dataclass(frozen=True, slots=True)
class Workflow:
    """A file as it came, with what was read of it."""

    data: bytes
    encoding: str
    variables: tuple[Variable, ...]

    def named(self, name: str) -> Variable | None:
        """The Entry variable of this name."""
        return next((one for one in self.variables if one.name == name), None)

    def guess(self) -> tuple[str, str]:
        """The names that look like user and password; "" where none does, or several."""
        return _only([v for v in self.variables if v.looks_like_user]), _only(
            [v for v in self.variables if v.looks_like_password]
        )


def workflow_read(data: bytes) -> Workflow:
    """Read a file. Raises NotWorkflow: too long, not XML, with a document type, not one Entry block, a name twice."""
    if len(data) > LONGEST:
        raise NotWorkflow(f"The file is longer than {LONGEST // 1024} KiB.")
    if data[:2] in (b"\xfe\xff", b"\xff\xfe") or b"\x00" in data:
        raise NotWorkflow("The file is not in UTF-8, US-ASCII or ISO-8859-1.")
    try:
        refuse_dangers(data, encoding=encoding_declared(data))
    except Unreadable as fault:
        raise NotWorkflow(f"{fault.words}{f' (line {fault.line})' if fault.line else ''}") from None
    reader = _Reader(data)
    variables = tuple(reader.found())
    return Workflow(data, reader.encoding, variables)


def workflow_written(workflow: Workflow, values: Mapping[str, str]) -> bytes:
    """The file with these variables' values as string literals: the bytes of their ``value`` and no others differ.

    Raises NotWorkflow for a name that the Entry block does not have, BadText for a value that nothing can carry.
    """
    edits: list[tuple[int, int, bytes]] = []
    for name, value in values.items():
        variable = workflow.named(name)
        if variable is None:
            raise NotWorkflow(f"The Entry block has no variable {name}.")
        edits.append(_edit(workflow, variable, string_literal(value, plain_ascii=False)))
    data = workflow.data
    for start, end, new in sorted(edits, reverse=True):
        data = data[:start] + new + data[end:]
    return data


def _edit(workflow: Workflow, variable: Variable, literal: str) -> tuple[int, int, bytes]:
    """(from, to, new bytes) in the file; a missing attribute is inserted after the last one."""
    tag = workflow.data[variable.at : variable.end]
    named = _NAME.match(tag)
    after = named.end() if named else 1
    for attribute in _ATTRIBUTE.finditer(tag, after):
        if attribute[1] == b"value":
            start, end = attribute.span(2)
            quote = attribute[2][:1].decode()
            new = _escaped(literal, quote, workflow.encoding)
            return variable.at + start + 1, variable.at + end - 1, new
        after = attribute.end()
    where = variable.at + after
    return where, where, b' value="' + _escaped(literal, '"', workflow.encoding) + b'"'


def _escaped(text: str, quote: str, encoding: str) -> bytes:
    """As the content of an attribute in these quotes; what the encoding lacks as references."""
    text = text.replace("&", "&amp;").replace("<", "&lt;")
    text = text.replace('"', "&quot;") if quote == '"' else text.replace("'", "&apos;")
    return text.encode(encoding, "xmlcharrefreplace")


def _only(found: list[Variable]) -> str:
    """The name, if there is exactly one; of several the only one that a person made."""
    own = [one for one in found if one.type != "System"]
    chosen = own if len(own) == 1 else found
    return chosen[0].name if len(chosen) == 1 else ""


class _Reader:
    """One pass of expat, which tells the byte at which each start tag begins."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._depth = 0
        # No deeper than what is looked for: a file may nest a hundred thousand elements.
        self._path: list[str] = []
        self._prefixes: dict[str, list[str]] = {}
        self._entries = 0
        self._in_entry = False
        self._variables: list[Variable] = []
        self.encoding = "utf-8"
        self._parser = expat.ParserCreate(encoding_declared(data), namespace_separator=" ")
        self._parser.XmlDeclHandler = self._declared
        self._parser.StartNamespaceDeclHandler = lambda prefix, uri: self._prefixes.setdefault(prefix or "", []).append(
            uri or ""
        )
        self._parser.EndNamespaceDeclHandler = lambda prefix: self._prefixes[prefix or ""].pop()
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end

    def found(self) -> list[Variable]:
        """The variables of the one Entry block."""
        try:
            self._parser.Parse(self._data, True)
        except expat.ExpatError as error:
            raise NotWorkflow(f"This is not well-formed XML (line {error.lineno}).") from None
        if self._entries != 1:
            told = "no Entry block" if not self._entries else f"{self._entries} Entry blocks"
            raise NotWorkflow(f"The file has {told}; a workflow has exactly one.")
        names = [one.name for one in self._variables]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise NotWorkflow(f"The Entry block has the variable {twice[0][:60]} twice.")
        return self._variables

    def _declared(self, version: str, encoding: str | None, standalone: int) -> None:
        known = encoding_known(encoding or "utf-8")
        if known is None or (self._data.startswith(_BOM) and known != "utf-8"):
            raise NotWorkflow("The file is not in UTF-8, US-ASCII or ISO-8859-1, or says so of itself.")
        self.encoding = known

    def _start(self, tag: str, attributes: dict[str, str]) -> None:
        if not self._path and tag != _PLACE[0]:
            raise NotWorkflow("The root of the file is not xmi:XMI.")
        self._depth += 1
        if self._depth > len(_PLACE):
            return
        self._path.append(tag)
        place = tuple(self._path)
        if place == _PLACE[:3] and self._type_of(attributes) == (_IRD, "EntryBlock"):
            self._entries += 1
            self._in_entry = True
        elif place == _PLACE and self._in_entry and self._type_of(attributes) in _OF_VARIABLE:
            self._keep(attributes)

    def _end(self, tag: str) -> None:
        if self._depth == len(self._path):
            if tuple(self._path) == _PLACE[:3]:
                self._in_entry = False
            self._path.pop()
        self._depth -= 1

    def _keep(self, attributes: dict[str, str]) -> None:
        if len(self._variables) == MOST_VARIABLES:
            raise NotWorkflow(f"The Entry block has more than {MOST_VARIABLES} variables.")
        at = self._parser.CurrentByteIndex
        told: dict[str, Any] = {one: attributes.get(one, "") for one in ("name", "type", "description")}
        self._variables.append(Variable(**told, value=attributes.get("value"), at=at, end=_tag_end(self._data, at)))

    def _type_of(self, attributes: dict[str, str]) -> tuple[str, str]:
        """Namespace and name of ``xmi:type``, whatever prefixes the file uses."""
        text = attributes.get(f"{_XMI} type") or attributes.get(f"{_XSI} type") or ""
        prefix, _, name = text.strip().rpartition(":")
        return (self._prefixes.get(prefix) or [""])[-1], name


def _tag_end(data: bytes, at: int) -> int:
    """Where the start tag that begins at ``at`` ends: at the first ``>`` outside quotes."""
    if data[at : at + 1] != b"<":
        raise NotWorkflow("This file cannot be edited.")
    quote = b""
    for position in range(at, len(data)):
        one = data[position : position + 1]
        if quote:
            quote = b"" if one == quote else quote
        elif one in (b'"', b"'"):
            quote = one
        elif one == b">":
            return position + 1
    raise NotWorkflow("This file cannot be edited.")
