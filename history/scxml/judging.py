"""What is wrong with an SCXML document, generated here or not: its structure is judged, its scripts are never run."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from history.scxml.reaching import reached
from history.scxml.reading import Unreadable, parsed

LONGEST = 512 * 1024
"""Bytes of a document."""
MOST_PROBLEMS = 50
_NAMESPACE = "http://www.w3.org/2005/07/scxml"
_STATES = ("state", "parallel", "final", "history", "initial")
# Composer's generated pages name states of their own so; the platform puts the including state's id there.
_OWN_PREFIX = "$$_MY_PREFIX_$$."


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, with its line (0: the document as a whole)."""

    words: str
    line: int = 0

    def __str__(self) -> str:
        return f"line {self.line}: {self.words}" if self.line else self.words


@dataclass(slots=True)
class Chart:
    """A document's states by id, with those that come from included pages known by their prefix only."""

    root: Any
    states: dict[str, Any] = field(default_factory=dict)
    prefixes: set[str] = field(default_factory=set)

    def targets(self, text: str | None) -> list[str]:
        """The ids that an attribute names."""
        return [word.removeprefix(_OWN_PREFIX) for word in (text or "").split()]

    def is_included(self, name: str) -> bool:
        """Whether an id belongs to an included page."""
        return name.partition(".")[0] in self.prefixes and "." in name


def problems_of(data: bytes) -> list[Problem]:
    """Everything wrong with a document, at most ``MOST_PROBLEMS``; empty for a good one."""
    if len(data) > LONGEST:
        return [Problem(f"The document is longer than {LONGEST // 1024} KiB.")]
    try:
        root = parsed(data)
    except Unreadable as fault:
        return [Problem(fault.words, fault.line)]
    found = list(_of_root(root))
    if found:
        return found
    chart = Chart(root)
    found += _of_ids(chart)
    found += _of_targets(chart)
    if not found:
        found += _of_entry(chart)
    return found[:MOST_PROBLEMS]


def _of_root(root: Any) -> Iterator[Problem]:
    name = etree.QName(root)
    if name.localname != "scxml":
        yield Problem(f"The root is {name.localname[:60]}, not scxml.", root.sourceline)
    elif name.namespace != _NAMESPACE:
        yield Problem(f"The root is not in the namespace {_NAMESPACE}.", root.sourceline)
    elif root.get("profile", "ecmascript").lower() != "ecmascript":
        yield Problem("The orchestration server runs the ECMAScript profile only.", root.sourceline)


def _of_ids(chart: Chart) -> Iterator[Problem]:
    """States and data share their ids (they are of XML's type ID)."""
    lines: dict[str, int] = {}
    for element in chart.root.iter(etree.Element):
        if etree.QName(element).localname == "include":
            chart.prefixes.add(element.get("resolveid") or "")
        name = element.get("id")
        kind = local_name(element)
        if kind not in (*_STATES, "data") or name is None:
            continue
        if name in lines:
            yield Problem(f"The id {name} stands twice: on line {lines[name]} too.", element.sourceline)
        lines.setdefault(name, element.sourceline)
        if kind != "data":
            chart.states.setdefault(name, element)


def _of_targets(chart: Chart) -> Iterator[Problem]:
    for element in chart.root.iter(etree.Element):
        kind = local_name(element)
        named = element.get("target") if kind == "transition" else None
        if kind in ("scxml", "state", "parallel"):
            named = element.get("initial")
        for name in chart.targets(named):
            if name not in chart.states and not chart.is_included(name):
                what = "target" if kind == "transition" else "initial"
                yield Problem(f"There is no state {name}, which {what} names.", element.sourceline)


def _of_entry(chart: Chart) -> Iterator[Problem]:
    entries = chart.targets(chart.root.get("initial"))
    for initial in _children(chart.root, "initial"):
        entries += [name for one in _children(initial, "transition") for name in chart.targets(one.get("target"))]
        # Some generators name the first state itself there.
        entries += [initial.get("id")] if initial.get("id") else []
    line = chart.root.sourceline
    if len(entries) != 1:
        told = "no entry: initial names no state" if not entries else f"{len(entries)} entries instead of one"
        yield Problem(f"There are {told}." if entries else f"There is {told}.", line)
        return
    outside = [one for one in chart.states.values() if _has_foreign_initial(chart, one)]
    yield from (Problem(f"initial of {one.get('id')} is no state inside it.", one.sourceline) for one in outside)
    names = {name for name, state in chart.states.items() if local_name(state) == "final"}
    if not names & reached(chart.root, chart.states, chart.targets, entries):
        yield Problem("No final state can be reached from the entry.", line)


def _has_foreign_initial(chart: Chart, state: Any) -> bool:
    for name in chart.targets(state.get("initial")):
        inside = chart.states.get(name)
        if inside is not None and state not in inside.iterancestors():
            return True
    return False


def local_name(element: Any) -> str:
    """The tag of an element of SCXML; "" for those of other namespaces, and for comments."""
    if not isinstance(element.tag, str):
        return ""
    name = etree.QName(element)
    return name.localname if name.namespace == _NAMESPACE else ""


def _children(element: Any, tag: str) -> list[Any]:
    return [one for one in element if local_name(one) == tag]
