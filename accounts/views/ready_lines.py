"""Lines for a terminal, ready to paste: straight single quotes, which no value of ours holds."""

from __future__ import annotations

import json
import shlex
from collections.abc import Sequence

from django.conf import settings

from environment.models import ContactCenter

NAME = "my_script"
"""The user name in the line; whoever pastes it writes his own."""
USUAL_ROLE = "Administrator"


def registering_line(*, token: str, contact_center: ContactCenter, roles: Sequence[str], password: str) -> str:
    """POST /configuration/basicauth by curl, with the seed's body: ``my_script`` under a password made for the line.

    Its role is one of ``roles``, which the asker may hand on: the seed's when it is among them.
    """
    role = USUAL_ROLE if USUAL_ROLE in roles else next(iter(roles), USUAL_ROLE)
    body = {
        "username": NAME,
        "password": password,
        "context": "ContactCenter",
        "contextId": str(contact_center.number),
        "userRole": role,
    }
    return " ".join(
        [
            f"curl {_quoted(settings.DESKGATE_PUBLIC_URL + '/configuration/basicauth')}",
            "-H 'accept: application/json' -H 'Content-Type: application/json'",
            f"-d {_quoted(json.dumps(body))}",
            # Last: it is long, and what is edited stands before it.
            f"-H {_quoted(f'Authorization: Bearer {token}')}",
        ]
    )


def using_line(name: str, password: str) -> str:
    """A first call with the pair, by curl: one that any role may make."""
    address = f"{settings.DESKGATE_PUBLIC_URL}/configuration/token"
    return f"curl -X POST -u {_quoted(f'{name}:{password}')} {_quoted(address)}"


def _quoted(text: str) -> str:
    """In single quotes whatever it holds; one inside is closed, quoted and opened again."""
    quoted = shlex.quote(text)
    return quoted if quoted.startswith("'") else f"'{quoted}'"
