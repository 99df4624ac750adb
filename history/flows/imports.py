"""An import of a file from where it stands to its end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from django.utils import timezone

from history import options
from history.files import DamagedFile, Line, lines_of
from history.lines import Refused, Told, line_read, refused
from history.models import HistoryImport
from history.services.imports import Counted, import_finish, import_take

LINES = 1_000
"""Of one transaction."""
BYTES = 4_194_304
"""Of the lines of one transaction: no more than that is in memory at once, give or take a line."""


@dataclass(slots=True)
class Sums:
    """What one run did. ``old``: lines that the next purge takes away again."""

    lines: int = 0
    stored: int = 0
    duplicates: int = 0
    refused: int = 0
    old: int = 0


class Aside(Protocol):
    """Where lines go that were not taken: ``write`` those of one transaction, in each try; ``keep`` when it is done."""

    def write(self, lines: list[Refused]) -> None: ...

    def keep(self) -> None: ...


def import_run(
    row: HistoryImport,
    path: Path,
    *,
    aside: Aside,
    told: Callable[[int, Sums], None],
    relative: bool = False,
    trial: bool = False,
) -> Sums:
    """Import from behind ``row.lines_done``, and return what this run did.

    ``told`` hears after each transaction how many bytes of the file were read. ``relative``: the file's times are ms
    before the import's beginning. What was done stays done, whatever is raised: OSError, DamagedFile, ImportOvertaken,
    OperationalError.
    """
    sums, position = Sums(), [0]
    horizon = round(timezone.now().timestamp() * 1_000) - options.KEPT_DAYS.of(row.application) * 86_400_000
    before = round(row.started_at.timestamp() * 1_000) if relative else None

    def read(count: int) -> None:
        position[0] = count

    for batch in _batches(lines_of(path, after=row.lines_done, told=read)):
        found = [line_read(line, fingerprint=row.fingerprint, before=before) for line in batch]
        lines = [one for one in found if isinstance(one, Told)]
        wrong = [one for one in found if isinstance(one, Refused)]
        counted = _take(row, batch, lines, wrong, aside, trial=trial)
        aside.keep()
        sums.lines += len(batch)
        sums.stored += counted.stored
        sums.duplicates += counted.duplicates
        sums.refused += len(counted.refused)
        sums.old += sum(one.at < horizon for one in lines)
        told(position[0], sums)
    if not trial:
        import_finish(row)
    return sums


def _take(
    row: HistoryImport,
    batch: list[Line],
    lines: list[Told],
    wrong: list[Refused],
    aside: Aside,
    *,
    trial: bool,
) -> Counted:
    texts = {line.number: line for line in batch}

    def keep(counted: Counted) -> None:
        late = [refused(texts[number], reason) for number, reason in counted.refused.items()]
        counted.refused |= {one.number: one.reason for one in wrong}
        aside.write(sorted([*wrong, *late], key=lambda one: one.number))

    return import_take(row, upto=batch[-1].number, lines=lines, keep=keep, trial=trial)


def _batches(lines: Iterator[Line]) -> Iterator[list[Line]]:
    """What comes before a damage is taken before the damage is told."""
    batch: list[Line] = []
    size = 0
    try:
        for line in lines:
            batch.append(line)
            size += len(line.text)
            if len(batch) >= LINES or size >= BYTES:
                yield batch
                batch, size = [], 0
    except DamagedFile:
        if batch:
            yield batch
        raise
    if batch:
        yield batch
