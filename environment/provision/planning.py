"""Entries → steps: what is added, changed, the same. Nothing is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from environment.provision.faults import Fault, Faults
from environment.provision.kinds import MASK, AnyKind, Diff, Entry, Key, Reference, Step, kind_named, kinds
from environment.provision.reading import Batch
from environment.provision.world import World

AnyStep: TypeAlias = Step[Any, Any]
CHUNK = 500
"""Keys looked up at once: SQLite takes no more than some thousand parameters in a statement."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The steps, each kind after those it needs."""

    steps: tuple[AnyStep, ...]
    world: World

    @property
    def todo(self) -> tuple[AnyStep, ...]:
        return tuple(step for step in self.steps if step.action != "same")

    @property
    def counts(self) -> Counter[str]:
        """How many are to "add", to "change" and the "same"."""
        return Counter(step.action for step in self.steps)


def plan_of(batch: Batch) -> Plan:
    """Compare the files with the database. Raises Faults with everything found wrong before anything is written."""
    world = World.of_database()
    faults: list[Fault] = []
    keyed = [(kind, list(_keyed(kind, batch.of(kind), world, faults))) for kind in kinds()]
    steps = [step for kind, rows in keyed for step in _steps(kind, rows, world)]
    if not faults:
        faults.extend(_unresolved(steps, world))
    for step in steps:
        faults.extend(step.kind.judge(step))
    if faults:
        raise Faults(faults)
    return Plan(tuple(steps), world)


def _keyed(
    kind: AnyKind, entries: Iterable[Entry[Any]], world: World, faults: list[Fault]
) -> Iterator[tuple[Key, Entry[Any]]]:
    seen: dict[Key, Entry[Any]] = {}
    for entry in entries:
        try:
            key = kind.key(entry, world)
        except Faults as lost:
            faults.extend(lost.faults)
            continue
        if key in seen:
            first = seen[key]
            faults.append(entry.fault(f"{kind.label(entry.row)} stands already in {first.file}:{first.node.line}"))
            continue
        seen[key] = entry
        yield key, entry
    world.keys[kind.name] = set(seen)


def _steps(kind: AnyKind, rows: list[tuple[Key, Entry[Any]]], world: World) -> Iterator[AnyStep]:
    there = _find(kind, [key for key, _entry in rows], world)
    for key, entry in rows:
        obj = there.get(key)
        wanted = kind.wanted(entry.row, world)
        now = kind.current(obj, entry.row, world) if obj is not None else {}
        diffs = tuple(_diffs(kind, entry.row, now, wanted, is_new=obj is None))
        yield Step(kind, entry, key, obj, kind.label(entry.row), diffs)


def _diffs(
    kind: AnyKind, row: Any, now: dict[str, Any], wanted: dict[str, Any], *, is_new: bool, within: str = ""
) -> Iterator[Diff]:
    for name, value in wanted.items():
        field = f"{within}{name}"
        before = now.get(name)
        if isinstance(value, dict) and isinstance(before, dict | None):
            yield from _diffs(kind, row, before or {}, value, is_new=is_new, within=f"{field} ")
        elif is_new or before != value:
            yield Diff(field, _shown(before, value, secret=kind.is_secret(row, field), is_new=is_new))


def _shown(before: Any, after: Any, *, secret: bool, is_new: bool) -> str:
    if secret:
        return MASK if is_new else f"{MASK} → {MASK}"
    return _text(after) if is_new else f"{_text(before)} → {_text(after)}"


def _text(value: Any) -> str:
    if isinstance(value, (list, tuple)):
        return ", ".join(str(item) for item in value) or "(none)"
    if isinstance(value, bool):
        return "true" if value else "false"
    return "(none)" if value is None or value == "" else str(value)


def _unresolved(steps: Iterable[AnyStep], world: World) -> Iterator[Fault]:
    """References that lead neither to a row of the files nor of the database; each kind asked once."""
    open_ones: dict[str, list[tuple[AnyStep, Reference]]] = {}
    for step in steps:
        for reference in step.kind.references(step.row, world):
            if not any(world.has(reference.kind, key) for key in reference.keys):
                open_ones.setdefault(reference.kind, []).append((step, reference))
    for name, asked in open_ones.items():
        kind = kind_named(name)
        keys = {key for _step, reference in asked for key in reference.keys}
        there = _find(kind, keys, world) if kind else {}
        for step, reference in asked:
            if not any(key in there for key in reference.keys):
                yield step.entry.fault(f"no {reference.told}, in the files or in the database", *reference.field)


def _find(kind: AnyKind, keys: Collection[Key], world: World) -> dict[Key, Any]:
    listed, there = list(keys), {}
    for start in range(0, len(listed), CHUNK):
        there.update(kind.find(listed[start : start + CHUNK], world))
    return there
