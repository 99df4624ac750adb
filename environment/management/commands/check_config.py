"""``manage.py check_config``: what is wrong with the configuration, in one line each."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.core import checks
from django.core.management.base import BaseCommand
from django.db.models import Model

from environment.findings import findings

_ABOUT_ALL = "installation"
Line = dict[str, Any]


class Command(BaseCommand):
    """Reads only; exits 1 when there is a fault, 0 with warnings or nothing."""

    help = "Say what is wrong with the configuration. Exit status 1: a fault; 0: at most warnings."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="a JSON array instead of lines")

    def handle(self, *args: Any, **options: Any) -> None:
        """One line for each finding, faults first."""
        lines = sorted([*_of_rooms(), *_of_django()], key=lambda line: line["level"] != "fault")
        if options["json"]:
            self.stdout.write(json.dumps(lines, indent=2, ensure_ascii=False))
        else:
            for line in lines:
                self.stdout.write(f"{line['level']}: {line['message']}")
            if not lines:
                self.stdout.write("Nothing was found.")
        if any(line["level"] == "fault" for line in lines):
            raise SystemExit(1)


def _of_rooms() -> Iterator[Line]:
    for one in findings():
        about = [_named(each) for each in one.about] or [{"type": _ABOUT_ALL, "name": ""}]
        yield {"level": one.level, "message": one.words, "about": about}


def _named(obj: Model) -> dict[str, str]:
    return {"type": str(obj._meta.verbose_name), "name": str(obj)}


def _of_django() -> Iterator[Line]:
    """The system checks of this house, those of a deployment among them; what is only worth knowing is left out."""
    for one in checks.run_checks(include_deployment_checks=True, databases=["default"]):
        if (one.id or "").startswith("deskgate.") and one.level >= checks.WARNING:
            level = "fault" if one.level >= checks.ERROR else "warning"
            words = f"{one.msg} {one.hint}" if one.hint else str(one.msg)
            yield {"level": level, "message": f"{words} ({one.id})", "about": []}
