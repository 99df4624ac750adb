"""Files and folders → entries, each with its line. Nothing is asked of the database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from pydantic import ValidationError

from environment.provision.faults import Fault, Faults, path_text
from environment.provision.kinds import AnyKind, Entry, kind_named, kinds
from environment.provision.tree import SUFFIXES, Node, line_of, plain, tree_of

DEMO = "demo"
"""The top-level key that marks what a file makes as the demo's; taken in demo mode only."""


@dataclass(slots=True)
class Batch:
    """Every entry of the files, by kind."""

    entries: dict[str, list[Entry[Any]]] = field(default_factory=dict)

    def of(self, kind: AnyKind) -> list[Entry[Any]]:
        return self.entries.get(kind.name, [])


def read(paths: Iterable[Path]) -> Batch:
    """Read files, and folders with the files in them. Raises Faults naming everything wrong in all of them."""
    batch = Batch()
    faults: list[Fault] = []
    for file in files_of(paths):
        try:
            _read_file(file, batch, faults)
        except Faults as unreadable:
            faults.extend(unreadable.faults)
    if faults:
        raise Faults(faults)
    return batch


def files_of(paths: Iterable[Path]) -> list[Path]:
    """The files themselves: of a folder, those whose names end as we read them, hidden ones left out, by name."""
    files: list[Path] = []
    for path in paths:
        if path.is_dir():
            inside = sorted(one for one in path.rglob("*") if one.suffix in SUFFIXES and one.is_file())
            files.extend(one for one in inside if not any(part.startswith(".") for part in one.relative_to(path).parts))
        elif path.suffix in SUFFIXES and path.is_file():
            files.append(path)
        else:
            told = "no such file or folder" if not path.exists() else f"not one of {', '.join(SUFFIXES)}"
            raise Faults([Fault(told, path)])
    return list(dict.fromkeys(files))


def _read_file(file: Path, batch: Batch, faults: list[Fault]) -> None:
    tree = tree_of(file)
    if not isinstance(tree.value, dict):
        raise Faults([Fault("the file is a mapping from kinds to objects", file, tree.line)])
    made_by_demo = _is_demo(tree.value.get(DEMO), file, faults)
    for name, node in tree.value.items():
        if name == DEMO:
            continue
        kind = kind_named(name)
        if kind is None:
            known = ", ".join(sorted([DEMO, *(one.name for one in kinds())]))
            faults.append(Fault(f"unknown; known are {known}", file, node.line, name))
            continue
        for path, item in _objects(kind, node, file, faults):
            entry = _entry(kind, item, file, path, made_by_demo, faults)
            if entry is not None:
                batch.entries.setdefault(name, []).append(entry)


def _is_demo(node: Node | None, file: Path, faults: list[Fault]) -> bool:
    if node is None:
        return False
    if node.value not in ("true", "false"):
        faults.append(Fault("true or false", file, node.line, DEMO))
    elif node.value == "true" and settings.DESKGATE_MODE != "demo":
        faults.append(Fault("this file is the demo's: it is taken with DESKGATE_MODE=demo only", file, node.line, DEMO))
    return node.value == "true"


def _objects(
    kind: AnyKind, node: Node, file: Path, faults: list[Fault]
) -> Iterator[tuple[tuple[str | int, ...], Node]]:
    if kind.single:
        yield (kind.name,), node
    elif isinstance(node.value, list):
        for number, item in enumerate(node.value):
            yield (kind.name, number), item
    elif node.value is not None:
        faults.append(Fault("a list of objects", file, node.line, kind.name))


def _entry(
    kind: AnyKind, node: Node, file: Path, path: tuple[str | int, ...], made_by_demo: bool, faults: list[Fault]
) -> Entry[Any] | None:
    try:
        row = kind.row.model_validate(plain(node))
    except ValidationError as error:
        for wrong in error.errors(include_url=False, include_input=False, include_context=False):
            where = tuple(step for step in wrong["loc"] if step != "[key]")
            message = wrong["msg"].removeprefix("Value error, ")
            faults.append(Fault(message, file, line_of(node, where), path_text((*path, *where))))
        return None
    return Entry(row, file, node, path, made_by_demo)
