r"""``manage.py unlock``: let somebody try again at once."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.db.models import QuerySet

from accounts.models import FailureCounter
from accounts.selectors import Login, user_by_login
from accounts.services.lockout import countable, lockout_release
from accounts.services.unlocking import counters_of_account

Kind = FailureCounter.Kind


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
        counters = list(_wanted(options).filter(failures__gt=0))
        if not counters:
            name = options["user"]
            if name and user_by_login(Login.parse(name), administration=True) is None:
                raise CommandError(f"There is no user {name}.")
            raise CommandError("No failures are counted there.")
        with transaction.atomic():
            for counter in counters:
                lockout_release(counter, reason=options["reason"])
        for counter in counters:
            self.stdout.write(f"Released: {counter} ({counter.failures} failures)")


def _wanted(options: dict[str, Any]) -> QuerySet[FailureCounter]:
    if options["address"]:
        return FailureCounter.objects.filter(address=options["address"])
    if options["client"]:
        return _of_machine(Kind.CLIENT, options["client"])
    if options["credential"]:
        return _of_machine(Kind.CREDENTIAL, options["credential"])
    login = Login.parse(options["user"])
    # The user's own spelling, else what was typed: unknown names are counted too.
    return counters_of_account(str(user_by_login(login, administration=True) or login))


def _of_machine(kind: str, name: str) -> QuerySet[FailureCounter]:
    return FailureCounter.objects.filter(kind=kind, name=countable(name))
