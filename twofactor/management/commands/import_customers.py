"""``manage.py import_customers``: customers of a CSV file."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import monotonic
from typing import IO, Any, cast

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from config.http.errors import Refusal
from environment.models import ContactCenter
from environment.selectors import contact_center_called, contact_center_of_domain
from twofactor.customer_lines import COLUMNS, CustomerLine, RefusedCustomers, UnreadableFile, lines_counted, lines_read
from twofactor.services.customer_imports import customers_take

REFUSED = 3
"""The exit code when lines were refused."""
LINES = 1_000
"""Of one transaction."""
_SHOWN = 20
_SAID_EVERY = 30.0
"""Seconds between two lines where no bar can be drawn."""


class Command(BaseCommand):
    help = (
        f"Add, update and delete customers by a CSV file with the columns {', '.join(COLUMNS)}. An empty cell leaves "
        "what is there; without an action a line adds or updates. Lines that were taken stay taken if the import is "
        f"broken off. Exit codes: 0 done, 1 error, {REFUSED} some lines were refused."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path, metavar="FILE.csv")
        parser.add_argument("--contact-center", required=True, metavar="ID", help="Its domain, number or ID.")
        parser.add_argument("--refused", type=Path, metavar="FILE", help="Default: FILE.refused.csv beside the file.")
        parser.add_argument("--dry-run", action="store_true", help="Try everything, write nothing.")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        console = Console(file=cast(IO[str], self.stdout._out), highlight=False, soft_wrap=True)  # noqa: SLF001
        home = _contact_center(options["contact_center"])
        trial = options["dry_run"]
        beside = options["refused"] or file.with_name(f"{file.name}.refused.csv")
        if not trial and (beside.exists() or beside.is_symlink()):
            raise CommandError(f"{beside} is there already; name another one with --refused.")
        try:
            counts, refused = _run(console, home, file, None if trial else beside)
        except UnreadableFile as error:
            raise CommandError(f"{file}: {error}; what came before it was taken.") from None
        except OSError as error:
            raise CommandError(f"{error.filename or file}: {error.strerror}") from None
        except Refusal as error:
            raise CommandError(error.message) from None
        if options["verbosity"] or refused:
            would = " would be" if trial else ""
            told = ", ".join(f"{counts[outcome]:,}{would} {outcome}" for outcome in ("added", "updated", "deleted"))
            where = "" if trial or not refused else f" (see {beside})"
            console.print(f"{told}; {refused:,} refused{where}.", markup=False)
        if refused:
            sys.exit(REFUSED)


def _contact_center(text: str) -> ContactCenter:
    found = contact_center_called(text) or contact_center_of_domain(text)
    if found is None:
        raise CommandError(f"There is no contact center {text}.")
    return found


def _run(console: Console, home: ContactCenter, file: Path, beside: Path | None) -> tuple[Counter[str], int]:
    """The counts by outcome, and how many lines were refused. Without ``beside``: a trial."""
    counts: Counter[str] = Counter()
    refused = 0
    with ExitStack() as stack:
        aside = stack.enter_context(RefusedCustomers(beside)) if beside else None
        tell = stack.enter_context(_bar(console, lines_counted(file)))
        for lines in _batches(lines_read(file)):
            taken = customers_take(home, lines, trial=aside is None)
            counts += taken.counts
            refused += len(taken.refused)
            if aside:
                aside.write(taken.refused)
            else:
                for line, reason in taken.refused[:_SHOWN]:
                    console.print(f"line {line.number}: {reason}", markup=False)
            tell(lines[-1].number)
    return counts, refused


def _batches(lines: Iterator[CustomerLine]) -> Iterator[list[CustomerLine]]:
    """What comes before a damage is taken before the damage is told."""
    batch: list[CustomerLine] = []
    try:
        for line in lines:
            batch.append(line)
            if len(batch) >= LINES:
                yield batch
                batch = []
    except UnreadableFile:
        if batch:
            yield batch
        raise
    if batch:
        yield batch


@contextmanager
def _bar(console: Console, size: int) -> Iterator[Callable[[int], None]]:
    """Something that shows how far it came: a bar, or a line from time to time where none can be drawn."""
    if not console.is_terminal or console.is_dumb_terminal:
        last = [monotonic()]

        def tell(number: int) -> None:
            if monotonic() - last[0] >= _SAID_EVERY:
                last[0] = monotonic()
                console.print(f"{number:,} lines …")

        yield tell
        return
    columns = (TextColumn("Importing"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("", total=size)
        yield lambda number: bar.update(task, completed=min(number, size))
