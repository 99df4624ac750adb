"""What waits for its first code."""

from __future__ import annotations

import re

from django.utils import timezone

from config.encryption import keyed_hashes
from twofactor.models import Authenticator

TOKEN_PURPOSE = "two-factor-enrolment"  # noqa: S105 - what its hash is for
MOST_FAILURES = 5
"""Codes that one link compares."""
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")


def pending_by(token: str) -> Authenticator | None:
    """The authenticator that this link confirms, with its customer; None for a link that does not work."""
    if not _TOKEN.fullmatch(token):
        return None
    hashes = keyed_hashes(token.encode(), purpose=TOKEN_PURPOSE)
    rows = Authenticator.objects.select_related("customer__contact_center").filter(
        token_hash__in=hashes,
        confirmed_at__isnull=True,
        link_expires_at__gt=timezone.now(),
        link_failures__lt=MOST_FAILURES,
        customer__enabled=True,
        customer__contact_center__enabled=True,
    )
    return rows.first()
