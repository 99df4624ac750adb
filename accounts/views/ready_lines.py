"""Lines for a terminal, ready to paste: straight single quotes, which no value of ours holds."""

from __future__ import annotations

import json
import shlex

from django.conf import settings

from environment.models import ContactCenter

NAME = "my_script"
"""The user name in the line; whoever pastes it writes his own."""
ROLE = "Administrator"


def registering_line(*, token: str, contact_center: ContactCenter, password: str) -> str:
    """POST /configuration/basicauth by curl, with the seed's body: ``my_script`` under a password made for the line."""
    body = {
        "username": NAME,
        "password": password,
        "context": "ContactCenter",
        "contextId": str(contact_center.number),
        "userRole": ROLE,
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
    """A first call with the pair, by curl."""
    address = f"{settings.DESKGATE_PUBLIC_URL}/environment/v3/contact-centers"
    return f"curl -u {_quoted(f'{name}:{password}')} {_quoted(address)}"


def _quoted(text: str) -> str:
    """In single quotes whatever it holds; one inside is closed, quoted and opened again."""
    quoted = shlex.quote(text)
    return quoted if quoted.startswith("'") else f"'{quoted}'"
