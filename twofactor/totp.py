"""Time-based codes (RFC 6238): SHA-1, 6 digits, steps of 30 seconds, by django-otp's algorithm."""

from __future__ import annotations

import hmac
import time
from typing import NamedTuple

from django_otp.oath import TOTP

DIGITS = 6
STEP = 30
"""Seconds."""
MOST_DRIFT = 10
"""Steps that a device's clock may be ahead or behind: five minutes (RFC 6238 §6)."""
_AROUND = (0, -1, 1)


class Match(NamedTuple):
    """The time step that a code is of, and how many steps the device's clock is ahead by it."""

    step: int
    drift: int


def matches(seed: bytes, code: str, *, drift: int) -> list[Match]:
    """The steps around the present one, moved by ``drift``, that have this code: seldom more than one.

    All of them are computed, whichever fits. ``code`` is ASCII.
    """
    totp = TOTP(seed, step=STEP, digits=DIGITS, drift=drift)
    totp.time = time.time()
    found = []
    for offset in _AROUND:
        totp.drift = drift + offset
        # Outside the bounds nothing is accepted: a clock that runs wrong is not followed for ever.
        within = abs(totp.drift) <= MOST_DRIFT
        if hmac.compare_digest(code_text(totp.token()), code) and within:
            found.append(Match(totp.t(), totp.drift))
    return found


def code_text(number: int) -> str:
    """A code as it is shown, with its leading zeros."""
    return f"{number:0{DIGITS}d}"
