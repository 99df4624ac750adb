"""``manage.py errors_doc``: every refusal of every room as a page of Markdown (docs/errors.md)."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management.base import BaseCommand

from config.http import errors
from config.http.errors import Refusal

_HEAD = """# Errors

Made by `manage.py errors_doc > docs/errors.md` from `config/http/errors.py` and each room's `errors.py`; do not edit.

An answer shows the HTTP status, the number of `status.code`, the word (`error` of RFC 6749; the string code of other
dialects where it differs) and the public words, which a case may make more exact. Why exactly stays inside: look for
the answer's `X-Request-ID` in the security events of the admin, or in the log.
"""


class Command(BaseCommand):
    """Prints to standard output."""

    help = "Print the page of all errors: manage.py errors_doc > docs/errors.md"

    def handle(self, *args: Any, **options: Any) -> None:
        """The page, without a newline too many."""
        self.stdout.write(errors_page(), ending="")


def errors_page() -> str:
    """The whole page: what all rooms share, then each room in the order of the settings."""
    return _HEAD + "".join(f"\n{line}" for line in _lines()) + "\n"


def _lines() -> Iterator[str]:
    for title, module in _modules():
        yield f"## {title}"
        yield ""
        yield "| status | code | word | public words | when |"
        yield "|---|---|---|---|---|"
        for kind in _refusals(module):
            word = kind.error if kind.word in ("", kind.error) else f"{kind.error}, {kind.word}"
            cells = (str(kind.status), str(kind.code), f"`{word}`", kind.message, _when(kind))
            yield "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
        yield ""


def _modules() -> Iterator[tuple[str, ModuleType]]:
    yield "Everywhere", errors
    for app in apps.get_app_configs():
        if Path(app.path) == settings.BASE_DIR / app.name and find_spec(f"{app.name}.errors"):
            yield f"{app.name}/", import_module(f"{app.name}.errors")


def _refusals(module: ModuleType) -> list[type[Refusal]]:
    found = [kind for _name, kind in inspect.getmembers(module, inspect.isclass) if issubclass(kind, Refusal)]
    own = [kind for kind in found if kind.__module__ == module.__name__ and kind is not Refusal]
    return sorted(own, key=lambda kind: (kind.status, kind.code, kind.__name__))


def _when(kind: type[Refusal]) -> str:
    """The first sentence of the class's own docstring, without the number that the table already shows."""
    text = " ".join((kind.__doc__ or "").split()) if "__doc__" in vars(kind) else ""
    first = text.split(". ")[0].rstrip(".").replace("``", "`")
    number, _, rest = first.partition(": ")
    return rest[:1].upper() + rest[1:] if rest and number[:3].isdigit() else first
