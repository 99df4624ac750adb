"""Print where the demo is and how to get in."""

from __future__ import annotations

from pathlib import Path
from typing import IO, Any, cast

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.urls import Resolver404, resolve
from rich.box import SIMPLE
from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from environment.provision.faults import Faults
from environment.provision.kinds import SignIn, kinds
from environment.provision.reading import Batch, read

_NARROWEST = 80
"""Columns; in fewer, names and secrets would be cut."""
_LONGEST = 24
"""Characters of a secret that has its place in the table; a longer one is told below."""
_WORD = 15
"""Columns of the longest word told beside a sign-in, so that none is broken."""
_PAGES = (
    ("Administration", "/admin/"),
    ("Sign-in page", "/auth/v3/sign-in"),
    ("Authentication API", "/auth/v3/userinfo"),
    ("Tokens for scripts", "/configuration/token"),
    ("Screen recording", "/version"),
    ("History API", "/server/data/identities"),
    ("Two-factor", "/twofactor/v1/sessions"),
    ("Demo outbox", "/demo/outbox"),
    ("OpenID discovery", "/auth/v3/.well-known/openid-configuration"),
    ("API documentation", "/docs/"),
    ("Health", "/readyz"),
)


class Command(BaseCommand):
    help = "Print the demo's addresses and sign-ins, read from its provisioning files. In demo mode only."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", nargs="?", type=Path, default=settings.BASE_DIR / "demo")

    def handle(self, *args: Any, folder: Path, **options: Any) -> None:
        if settings.DESKGATE_MODE != "demo":
            raise CommandError("There is no demo here: DESKGATE_MODE is not demo.")
        try:
            batch = read([folder])
        except Faults as faults:
            raise CommandError(str(faults)) from None
        width = max(Console().width, _NARROWEST)
        console = Console(file=cast(IO[str], self.stdout._out), highlight=False, width=width)  # noqa: SLF001
        console.print(_pages())
        ways = _ways(batch)
        console.print(_sign_ins([way for way in ways if len(way.secret) <= _LONGEST]))
        for way in ways:
            if len(way.secret) > _LONGEST:
                told = f" {way.what} {way.name}, {way.told}:\n   {way.secret}\n"
                console.print(told, markup=False, soft_wrap=True)


def _pages() -> Table:
    table = Table("Deskgate demo", Column("", no_wrap=True, overflow="fold"), box=None, show_header=False)
    for what, path in _PAGES:
        if _is_served(path):
            table.add_row(what, escape(f"{settings.DESKGATE_PUBLIC_URL}{path}"))
    return table


def _ways(batch: Batch) -> list[SignIn]:
    """People first."""
    ways = [kind.sign_in(entry.row) for kind in kinds() for entry in batch.of(kind)]
    return sorted((way for way in ways if way), key=lambda way: way.what.casefold(), reverse=True)


def _sign_ins(ways: list[SignIn]) -> Table:
    """Names and secrets are whole at any width: they are there to be copied."""
    table = Table(
        Column("as first set", no_wrap=True),
        Column("name", no_wrap=True, overflow="fold"),
        Column("password or secret", no_wrap=True, overflow="fold"),
        Column("", min_width=_WORD, ratio=1),
        box=SIMPLE,
        pad_edge=False,
    )
    for way in ways:
        table.add_row(way.what, escape(way.name), escape(way.secret), escape(way.told))
    return table


def _is_served(path: str) -> bool:
    try:
        resolve(path)
    except Resolver404:
        return False
    return True
