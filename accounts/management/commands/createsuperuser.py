"""Django's ``createsuperuser`` for users whose name in the database is a key made of other fields."""

from __future__ import annotations

import os
from typing import Any

from django.contrib.auth.management.commands.createsuperuser import Command as DjangoCommand
from django.core.exceptions import ValidationError
from django.core.management.base import CommandError, CommandParser

from accounts.models import User
from config.http.errors import Refusal

_KEY = User.USERNAME_FIELD
_VARIABLE = "DJANGO_SUPERUSER_USERNAME"


class Command(DjangoCommand):
    """Makes an administrator of the installation, who signs in at ``/admin/`` with this bare name."""

    help = (
        "Make an administrator of the installation. With --noinput the password comes from DJANGO_SUPERUSER_PASSWORD; "
        "without one the account cannot sign in until a password is set."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Django's arguments, and ``--username`` as every other installation of Django has it."""
        super().add_arguments(parser)
        parser.add_argument("--username", dest=_KEY, help="The name to sign in with.")

    def handle(self, *args: Any, **options: Any) -> str | None:
        """Raises CommandError with every rule that the name or password breaks."""
        name = options[_KEY] or ("" if options["interactive"] else os.environ.get(_VARIABLE, ""))
        options[_KEY] = name or None
        if name and User.objects.filter(login_key=name.casefold()).exists():
            raise CommandError("Error: That username is already taken.")
        try:
            return super().handle(*args, **options)
        except Refusal as refused:
            raise CommandError(refused.message) from None
        except ValidationError as error:
            raise CommandError("; ".join(error.messages)) from None

    def _get_input_message(self, field: Any, default: Any = None) -> str:
        # The stock question would be "Login key:".
        if field.name != _KEY:
            return str(super()._get_input_message(field, default))  # type: ignore[misc]
        return f"Username (leave blank to use '{default}'): " if default else "Username: "
