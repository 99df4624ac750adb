r"""``manage.py unlock``: let somebody try again at once."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.db.models import Q

from accounts.models import FailureCounter, User
from accounts.selectors import Login, user_by_login
from accounts.services.lockout import countable, lockout_release

Kind = FailureCounter.Kind
_ACCOUNT = (Kind.PAIR, Kind.ACCOUNT)


class Command(BaseCommand):
    r"""Releases every counter of one account, address, API client or Basic credential."""

    help = r"Release lockouts: manage.py unlock 't100\agent', or --address A, --client C, --credential N."

    def add_arguments(self, parser: CommandParser) -> None:
        """One subject, and why."""
        one = parser.add_mutually_exclusive_group(required=True)
        one.add_argument("user", nargs="?", help=r"tenant\name, or the name of an administrator of the installation")
        one.add_argument("--address", help="an IP address, whatever the account")
        one.add_argument("--client", help="a client id, from any address")
        one.add_argument("--credential", help="the name of a Basic credential, from any address")
        parser.add_argument("--reason", default="", help="kept in the security events")

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError when nothing is counted of that subject: more often a misspelt name than good news."""
        counters = list(FailureCounter.objects.filter(_wanted(options)))
        if not counters:
            raise CommandError("No failures are counted there.")
        with transaction.atomic():
            for counter in counters:
                lockout_release(counter, reason=options["reason"])
        for counter in counters:
            self.stdout.write(f"Released: {counter} ({counter.failures} failures)")


def _wanted(options: dict[str, Any]) -> Q:
    if options["address"]:
        address = options["address"]
        return Q(kind=Kind.ADDRESS, subject=address) | Q(subject__endswith=f" from {address}")
    if options["client"]:
        return Q(kind=Kind.CLIENT, subject__startswith=f"{countable(options['client'])} from ")
    if options["credential"]:
        return Q(kind=Kind.CREDENTIAL, subject__startswith=f"{countable(options['credential'])} from ")
    account = _account(options["user"])
    return Q(kind__in=_ACCOUNT, subject=account) | Q(kind__in=_ACCOUNT, subject__startswith=f"{account} from ")


def _account(text: str) -> str:
    """As the counters write it: the user's own spelling, else what was typed (unknown names are counted too)."""
    login = Login.parse(text)
    user: User | None = user_by_login(login, administration=True)
    return countable(str(user or login))
