r"""``manage.py revoke``: end tokens and sessions, at once, on every worker."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.selectors import Login, user_by_login
from accounts.services.sessions import sign_out_everywhere
from environment.services import installation_new_epoch
from oauthapi.models import ApiClient
from oauthapi.services.families import client_tokens_revoke


class Command(BaseCommand):
    """Everything of one user, of one API client, or of everybody. Nobody is disabled by it: they may sign in again."""

    help = r"End tokens and sessions: manage.py revoke --user 't100\agent', --client C, or --all."

    def add_arguments(self, parser: CommandParser) -> None:
        """Whose, and why."""
        whose = parser.add_mutually_exclusive_group(required=True)
        whose.add_argument("--user", help=r"tenant\name, or the name of an administrator of the installation")
        whose.add_argument("--client", help="a client id")
        whose.add_argument("--all", action="store_true", help="every token, code and session of the installation")
        parser.add_argument("--reason", default="", help="kept in the security events")

    def handle(self, *args: Any, **options: Any) -> None:
        """Raises CommandError when there is no such user or client."""
        reason = options["reason"]
        if options["user"]:
            self.stdout.write(_user(options["user"], reason))
        elif options["client"]:
            self.stdout.write(_client(options["client"], reason))
        else:
            installation_new_epoch(reason=reason)
            self.stdout.write("Every token, code and session has ended.")


def _user(name: str, reason: str) -> str:
    user = user_by_login(Login.parse(name), administration=True)
    if user is None:
        raise CommandError(f"There is no user {name}.")
    sign_out_everywhere(user, reason=reason)
    return f"Every token, code and session of {user} has ended."


def _client(client_id: str, reason: str) -> str:
    client = ApiClient.objects.filter(client_id=client_id).first()
    if client is None:
        raise CommandError(f"There is no API client {client_id}.")
    ended = client_tokens_revoke(client, reason=reason)
    return f"Every token and code of {client} has ended ({ended} authorizations and tokens of its own)."
