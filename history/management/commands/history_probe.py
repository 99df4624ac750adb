"""``manage.py history_probe``: does the History API let this client in, and if not, what is wrong."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from config.outgoing import check_allowed_entry
from history.errors import NoSuchClient
from history.flows.probing import probe, probe_kinds


class Command(BaseCommand):
    """One line; exit status 0 when the client was answered, else 1."""

    help = "Call the History API as a client would, with its own configured credentials, and say what failed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--as", dest="kind", required=True, choices=probe_kinds(), help="the kind of client")
        parser.add_argument("--application", default="", metavar="NAME", help="the Web Engagement Server application")
        parser.add_argument("--client", default="", metavar="NAME", help="the client, when there are several")
        parser.add_argument("--url", default="", metavar="BASE", help="instead of PUBLIC_URL/history/NAME/server/data")
        parser.add_argument(
            "--allow", action="append", default=[], metavar="HOST", help="host, address or network it may lead to"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Call, and tell."""
        words = {name: options[name] for name in ("application", "client", "url", "allow")}
        try:
            for entry in options["allow"]:
                check_allowed_entry(entry)
            probed = probe(options["kind"], **words)
        except NoSuchClient as refused:
            raise CommandError(refused.message) from refused
        except ValidationError as refused:
            raise CommandError(f"--allow: {' '.join(refused.messages)}") from refused
        self.stdout.write(probed.line)
        if not probed.is_fine:
            raise SystemExit(1)
