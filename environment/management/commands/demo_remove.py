"""Take away what the demo made."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config.http.errors import Refusal
from environment.demo import demo_records, demo_remains, demo_remove


class Command(BaseCommand):
    help = "List and delete every row that the demo made, and all that lies in the demo's contact centers."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--yes", action="store_true", help="Do not ask.")

    def handle(self, *args: Any, yes: bool, **options: Any) -> None:
        rows = demo_remains()
        for row in rows:
            self.stdout.write(f"- {row._meta.verbose_name} {row}")
        for records in demo_records(rows):
            self.stdout.write(f"- {records}")
        if not rows:
            self.stdout.write("Nothing here was made by the demo.")
        elif yes or self._agreed(len(rows)):
            try:
                demo_remove()
            except Refusal as refused:
                raise CommandError(f"{refused.message}\nNothing was deleted.") from None
            self.stdout.write(f"{len(rows)} deleted.")

    def _agreed(self, count: int) -> bool:
        if not sys.stdin.isatty():
            raise CommandError("Nobody is there to be asked: add --yes.")
        return input(f"Delete these {count}? [y/N] ").strip().casefold() in ("y", "yes")
