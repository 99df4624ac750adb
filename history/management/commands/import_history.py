"""``manage.py import_history``: visits and events of a file, resumable."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import IO, Any, cast

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import OperationalError
from django.utils import timezone
from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.text import Text

from config.http.errors import Refusal
from environment.models import Application
from history import options
from history.files import DamagedFile, fingerprint_of
from history.flows.imports import Aside, Sums, import_run
from history.lines import Refused
from history.models import HistoryImport
from history.refused_lines import ForeignFile, RefusedLines
from history.selectors.doors import server_named
from history.services.imports import import_begin

REFUSED = 3
"""The exit code when lines were refused."""
_SHOWN = 20
_SAID_EVERY = 30.0
"""Seconds between two lines where no bar can be drawn."""
Tell = Callable[[int, Sums], None]


class Command(BaseCommand):
    help = (
        "Import visits and events, one JSON object on each line (plain or gzip): events as the History API takes or "
        "tells them, with visitID; visits with visitId and startDate. An import that was broken off goes on where it "
        f"stopped. Exit codes: 0 done, 1 error, {REFUSED} some lines were refused."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE.jsonl[.gz]")
        parser.add_argument("--application", required=True, metavar="NAME", help="A Web Engagement Server application.")
        how = parser.add_mutually_exclusive_group()
        how.add_argument("--resume", action="store_true", help="Only go on with an import that was broken off.")
        how.add_argument("--restart", action="store_true", help="Begin at the first line, whatever was done before.")
        parser.add_argument("--refused", type=Path, metavar="FILE", help="Default: FILE.refused.jsonl beside the file.")
        parser.add_argument("--dry-run", action="store_true", help="Try everything, write nothing.")
        parser.add_argument(
            "--relative", action="store_true", help="The file's times are milliseconds before the import's beginning."
        )

    def handle(self, *args: Any, file: Path, application: str, **options: Any) -> None:
        console = Console(file=cast(IO[str], self.stdout._out), highlight=False, soft_wrap=True)  # noqa: SLF001
        beside = options["refused"] or file.with_name(f"{file.name}.refused.jsonl")
        if beside.exists() and file.exists() and beside.samefile(file):
            raise CommandError("--refused is the file itself.")
        if file.exists() and not file.is_file():
            raise CommandError(f"{file} is no regular file.")
        try:
            door = server_named(application)
            row = _begun(door, file, **{name: options[name] for name in ("resume", "restart", "dry_run")})
        except Refusal as refused:
            raise CommandError(f"{application}: {refused.reason or refused.message}") from None
        except OSError as error:
            raise CommandError(f"{file} cannot be read: {error.strerror}") from None
        if row.finished_at:
            if options["verbosity"]:
                done = f"{row} was imported on {row.finished_at:%Y-%m-%d}"
                console.print(f"{done}; --restart imports it again.", markup=False)
            return
        if row.lines_done:
            console.print(f"Going on behind line {row.lines_done:,}.")
        if options["dry_run"]:
            shown = _Shown(console)
            sums = _run(console, row, file, shown, relative=options["relative"], trial=True)
        else:
            with _aside(beside, row) as aside:
                sums = _run(console, row, file, aside, relative=options["relative"], trial=False)
        if options["verbosity"] or sums.refused:
            _tell(console, row, sums, "" if options["dry_run"] else f" (see {beside})", trial=options["dry_run"])
        if sums.refused:
            sys.exit(REFUSED)


def _begun(door: Application, file: Path, *, resume: bool, restart: bool, dry_run: bool) -> HistoryImport:
    """Raises CommandError, OSError, Forbidden."""
    fingerprint = fingerprint_of(file)
    known = HistoryImport.objects.filter(application=door, fingerprint=fingerprint).first()
    if resume and known is None:
        raise CommandError(f"No import of this file into {door} was begun: leave --resume away.")
    if dry_run:
        now = timezone.now()
        fresh = HistoryImport(
            application=door, fingerprint=fingerprint, file_name=file.name, started_at=now, last_at=now
        )
        return fresh if known is None or restart else known
    return import_begin(application=door, fingerprint=fingerprint, file_name=file.name, restart=restart)


def _aside(path: Path, row: HistoryImport) -> RefusedLines:
    """Raises CommandError."""
    try:
        return RefusedLines(path, fingerprint=row.fingerprint, upto=row.lines_done)
    except ForeignFile as error:
        raise CommandError(f"{path} cannot take the refused lines: {error}. Name another with --refused.") from None
    except OSError as error:
        raise CommandError(f"{path} cannot take the refused lines: {error.strerror}.") from None


def _run(console: Console, row: HistoryImport, file: Path, aside: Aside, *, relative: bool, trial: bool) -> Sums:
    go_on = "Nothing was written." if trial else "What was done stays; the same command goes on from there."
    try:
        with _bar(console, file.stat().st_size) as tell:
            return import_run(row, file, aside=aside, told=tell, relative=relative, trial=trial)
    except DamagedFile as damage:
        raise CommandError(f"{file} is damaged behind line {damage.after:,}: {damage}. {go_on}") from None
    except OSError as error:
        raise CommandError(f"{file}: {error.strerror}. {go_on}") from None
    except OperationalError as error:
        raise CommandError(f"The database failed behind line {row.lines_done:,}: {error}. {go_on}") from None
    except Refusal as refused:
        raise CommandError(f"{refused.message} {go_on}") from None
    except KeyboardInterrupt:
        raise CommandError(f"Stopped behind line {row.lines_done:,}. {go_on}", returncode=130) from None


class _Rate(ProgressColumn):
    """Lines in a second, of this run."""

    def render(self, task: Task) -> Text:
        return Text(f"{task.fields['lines'] / max(task.elapsed or 0.0, 0.001):,.0f} lines/s")


@contextmanager
def _bar(console: Console, size: int) -> Iterator[Tell]:
    """Something that shows how far it came: a bar, or a line from time to time where none can be drawn."""
    if not console.is_terminal or console.is_dumb_terminal:
        yield _lines(console)
        return
    columns = (TextColumn("Importing"), BarColumn(), TaskProgressColumn(), _Rate(), TimeRemainingColumn())
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("", total=size, lines=0)
        yield lambda position, sums: bar.update(task, completed=position, lines=sums.lines)


def _lines(console: Console) -> Tell:
    last = [monotonic()]

    def tell(_position: int, sums: Sums) -> None:
        if monotonic() - last[0] >= _SAID_EVERY:
            last[0] = monotonic()
            console.print(f"{sums.lines:,} lines …")

    return tell


class _Shown:
    """Of a trial: the first refused lines, on the terminal."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._left = _SHOWN
        self._lines: list[Refused] = []

    def write(self, lines: list[Refused]) -> None:
        self._lines = lines

    def keep(self) -> None:
        for line in self._lines[: self._left]:
            self._console.print(f"line {line.number}: {line.reason}", markup=False)
        self._left = max(0, self._left - len(self._lines))


def _tell(console: Console, row: HistoryImport, sums: Sums, where: str, *, trial: bool) -> None:
    stored = "would be stored" if trial else "stored"
    console.print(
        f"{sums.lines:,} lines: {sums.stored:,} {stored}, {sums.duplicates:,} there already, {sums.refused:,} refused"
        f"{where if sums.refused else ''}.",
        markup=False,
    )
    if sums.old:
        days = options.KEPT_DAYS.of(row.application)
        told = f"{options.KEPT_DAYS.section}/{options.KEPT_DAYS.name} ({days} days)"
        console.print(f"{sums.old:,} lines are older than {told}: the purge takes such visits away.", markup=False)
