"""Our own web services: what they are asked with, and what they say beside the four statuses of seed 004."""

from __future__ import annotations

from django.core.exceptions import ValidationError

from environment.declarations import ListOption
from twofactor.options.declaring import HOLDERS, SECTION, check_path, check_variable, declare_switch, declare_text

OUTCOMES = ("no-method", "sends-exhausted", "attempts-exhausted", "limited", "delivery-failed", "locked")
"""What the provider's answers may say in words of the application's own (``status-mapping``)."""
STATUSES = ("success", "not found", "incorrect code", "error")


def check_mapping(text: str) -> None:
    """``outcome=status``. Raises ValidationError."""
    outcome, mark, status = text.partition("=")
    if not mark or outcome.strip() not in OUTCOMES:
        raise ValidationError(f"Write outcome=status; outcomes are {', '.join(OUTCOMES)}.")
    check_path(status.strip())
    if status.strip().casefold() == "success":
        raise ValidationError("No outcome of these is told as success.")


ACCOUNT_PARAMETER = declare_text(
    "account-parameter",
    "AccountNumber",
    "The parameter in which callers of our web services give the account reference.",
    check=check_variable,
    valid_values="the name of a parameter",
)
SERVICES_BY_GET = declare_switch(
    "services-by-get", False, "Whether our web services answer GET too, which carries the code in the address."
)
REVEAL_VALUES = declare_switch(
    "reveal-values",
    False,
    "Whether checkVerifiedContactMethods tells whole addresses and numbers to its authenticated caller. Without it the "
    "call sets no variables for address and number either.",
)
STATUS_MAPPING = ListOption(
    section=SECTION,
    name="status-mapping",
    default=(),
    check=check_mapping,
    valid_values="outcome=status, with commas between",
    holders=HOLDERS,
    help=f"Statuses of our web services beside {', '.join(STATUSES)}, for: {', '.join(OUTCOMES)}.",
)
