"""A test by the real gateways, to an address that an administrator typed: counted, and recorded without it."""

from __future__ import annotations

import secrets

from activity.services import event_record
from config.context import current
from config.http.errors import TooMany
from config.policy import require
from config.rates import rate_take
from environment.models import Application, Option
from twofactor.delivery.delivering import Tries, tries_of
from twofactor.delivery.messages import CodeMessage
from twofactor.masking import mask
from twofactor.models import Method
from twofactor.options.internal import DIGITS, EXPIRY_MINUTES

SECONDS = 20
"""All tries of one test together."""
MOST = 20
"""Tests of one application in an hour; each may cost money, and may annoy somebody."""


def send_test(*, application: Application, method: Method, to: str, reason: str) -> Tries:
    """Send a code that opens nothing. Raises Forbidden, TooMany."""
    require("write", Option(owner_id=application.contact_center_id, application=application))
    wait = rate_take("two-factor-test", str(application.pk), limit=MOST, seconds=3600)
    if wait:
        raise TooMany(f"An hour has room for {MOST} tests. Try again later.", retry_after=wait)
    code = str(secrets.randbelow(10 ** DIGITS.of(application))).zfill(DIGITS.of(application))
    message = CodeMessage(
        application=application, method=method, to=to, code=code, minutes=EXPIRY_MINUTES.of(application)
    )
    tries = tries_of(message, seconds=SECONDS)
    event_record(
        name="two-factor-test-sent",
        user_name=current().principal.name,
        contact_center_id=application.contact_center_id,
        detail={
            "application": application.name,
            "channel": str(method),
            "destination": mask(method, to),
            "outcome": str(tries.verdict),
            "gateways": [f"{row.gateway}: {tried.outcome}" for row, tried in tries.made],
            "reason": reason,
        },
    )
    return tries
