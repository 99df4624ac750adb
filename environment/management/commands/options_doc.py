"""``manage.py options_doc``: every declared option as a page of Markdown (docs/options.md)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from django.core.management.base import BaseCommand

from environment.declarations import INSTALLATION, OptionDeclaration, registry
from environment.models import Application

_HEAD = """# Options

Made by `manage.py options_doc > docs/options.md` from the declarations in each room's `options.py`; do not edit.

A value is looked for at the application, then its contact center, then the installation, as far as the option may be
held there; then the default counts. A change holds on the next request of every worker. Options that are not listed
are kept as typed, flagged, and read by nobody. Secret ones are sealed and never shown again.
"""
_TYPES: dict[str, str] = dict(Application.Type.choices)


class Command(BaseCommand):
    """Prints to standard output."""

    help = "Print the page of all declared options: manage.py options_doc > docs/options.md"

    def handle(self, *args: Any, **options: Any) -> None:
        """The page, without a newline too many."""
        self.stdout.write(options_page(), ending="")


def options_page() -> str:
    """The whole page: one table for each section, sections and options in order."""
    return _HEAD + "".join(f"\n{line}" for line in _lines()) + "\n"


def _lines() -> Iterator[str]:
    for section, declared in groupby(registry(), key=lambda one: one.section):
        yield f"## {section}"
        yield ""
        yield "| option | value | default | held by | set by | meaning |"
        yield "|---|---|---|---|---|---|"
        for one in declared:
            yield "| " + " | ".join(_cell(text) for text in _row(one)) + " |"
        yield ""


def _row(one: OptionDeclaration[Any]) -> tuple[str, ...]:
    default = one.format(one.default)
    holders = ", ".join(_TYPES.get(holder, holder) for holder in sorted(one.holders))
    secrecy = "secret" if one.told else "secret, told to nobody"
    value = f"{one.valid_values} ({secrecy})" if one.secret else one.valid_values
    set_by = one.set_by if one.holders - {INSTALLATION} else INSTALLATION
    return f"`{one.name}`", value, f"`{default}`" if default else "empty", holders, f"{set_by} administrators", one.help


def _cell(text: str) -> str:
    """A bar would end the cell, a star in a pattern would begin italics."""
    return text.replace("|", "\\|").replace("*", "\\*") if "`" not in text else text.replace("|", "\\|")
