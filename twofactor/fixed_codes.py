"""Destinations that have a fixed code on test calls, to which nothing is sent."""

from __future__ import annotations

from django.core.exceptions import ValidationError

from environment.models import Application
from twofactor.options.fixed_codes import destination_compared, fixed_code_read
from twofactor.options.settings import TEST_DESTINATIONS


def fixed_code_of(application: Application, destination: str) -> str:
    """The fixed code of a destination, however both are written; "" of one that has none.

    Whether this is a test call is for the caller to know: no other call has a fixed code. Raises SealBroken.
    """
    try:
        compared = destination_compared(destination)
    except ValidationError:
        return ""
    return dict(map(fixed_code_read, TEST_DESTINATIONS.of(application))).get(compared, "")
