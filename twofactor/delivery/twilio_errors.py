"""What Twilio's error codes mean for a delivery (reference part D.4). By codes: the words beside them change."""

from __future__ import annotations

from twofactor.delivery.outcomes import Outcome

_CODES: dict[Outcome, tuple[int, ...]] = {
    # Invalid number, no mobile, opted out, landline, no route, unknown handset, unreachable carrier.
    Outcome.PERMANENT: (21211, 21214, 21217, 21610, 21612, 21614, 21635, 30005, 30006),
    # Sign-in, account, sender, region not enabled, no recipient, sender not theirs, no callback address, service.
    Outcome.CONFIGURATION: (
        20003, 20005, 21212, 21408, 21601, 21603, 21604, 21606, 21608, 21609, 21617, 21659, 21660, 21703, 21704, 21705,
    ),
    # Blocked by the carrier, filtered, pumping suspected.
    Outcome.BLOCKED: (30004, 30007, 30450, 30453, 60410),
    # Too many at once, queue full, handset off, unknown.
    Outcome.TRANSIENT: (14107, 20429, 20500, 20503, 21611, 30001, 30003, 30008),
}  # fmt: skip
_CLASS = {code: outcome for outcome, codes in _CODES.items() for code in codes}


def class_of(code: int, status: int) -> Outcome:
    """The class of an error: by Twilio's code, else by the HTTP status."""
    known = _CLASS.get(code)
    if known is not None:
        return known
    return Outcome.TRANSIENT if status >= 500 or status in (408, 429) else Outcome.CONFIGURATION
