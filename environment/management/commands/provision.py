"""Bring the database to what provisioning files say."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import IO, Any, cast

from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from environment.provision.applying import apply
from environment.provision.faults import Faults
from environment.provision.planning import Plan, plan_of
from environment.provision.reading import read
from environment.provision.schema import schema

_SIGNS = {"add": "[green]+[/]", "change": "[yellow]~[/]"}
_BAR_FROM = 200
"""Fewer steps are over before a bar could be read."""


class Command(BaseCommand):
    help = (
        "Read provisioning files or folders (YAML, JSON), show what will be added and changed, and do it: all or "
        "nothing. Exit codes: 0 done or nothing to do, 1 error, 2 changes found with --dry-run --detailed-exitcode."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("paths", nargs="*", type=Path, metavar="FILE|DIR")
        parser.add_argument("--dry-run", action="store_true", help="Try everything, show the plan, write nothing.")
        parser.add_argument("--detailed-exitcode", action="store_true", help="With --dry-run: exit 2 for changes.")
        parser.add_argument("--yes", action="store_true", help="Do not ask.")
        parser.add_argument("--schema", action="store_true", help="Print the JSON Schema of the files, and exit.")

    def handle(
        self, *args: Any, paths: list[Path], dry_run: bool, detailed_exitcode: bool, yes: bool, **options: Any
    ) -> None:
        if options["schema"]:
            self.stdout.write(json.dumps(schema(), indent=2))
            return
        if not paths:
            raise CommandError("Name the files or folders to read.")
        console = Console(file=cast(IO[str], self.stdout._out), highlight=False, soft_wrap=True)  # noqa: SLF001
        try:
            plan = plan_of(read(paths))
            _show(plan, console, whole=options["verbosity"] > 0)
            if dry_run:
                apply(plan, trial=True)
                sys.exit(2 if detailed_exitcode and plan.todo else 0)
            if plan.todo and (yes or _agreed(console)):
                _apply(plan, console)
        except Faults as faults:
            raise CommandError(f"{faults}\nNothing was written.") from None


def _show(plan: Plan, console: Console, *, whole: bool) -> None:
    """The plan step by step, and its numbers; ``--verbosity 0`` shows the numbers alone."""
    for step in plan.todo if whole else ():
        console.print(f"{_SIGNS[step.action]} {escape(step.kind.name)} [bold]{escape(step.label)}[/]")
        for diff in step.diffs:
            console.print(f"    {escape(diff.field.replace('_', '-'))}: {escape(diff.shown)}")
    counts = plan.counts
    console.print(f"{counts['add']} to add, {counts['change']} to change, {counts['same']} the same.")


def _agreed(console: Console) -> bool:
    if not sys.stdin.isatty():
        raise CommandError("Nobody is there to be asked: add --yes, or --dry-run.")
    return console.input("Do this? \\[y/N] ").strip().casefold() in ("y", "yes")


def _apply(plan: Plan, console: Console) -> None:
    if len(plan.todo) < _BAR_FROM or not console.is_terminal:
        apply(plan)
    else:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
        with Progress(*columns, console=console) as bar:
            task = bar.add_task("Writing", total=len(plan.todo))
            apply(plan, progress=lambda step: bar.advance(task))
    console.print("Done.")
