"""Limits of sends and checks (reference part E.8); all are set by an administrator."""

from __future__ import annotations

from environment.declarations import CONTACT_CENTER, INSTALLATION, IntegerOption
from environment.models import Application

SECTION = "two-factor-limits"
_HOLDERS = (Application.Type.TWO_FACTOR, CONTACT_CENTER, INSTALLATION)
_MOST = 1_000_000


def _limit(name: str, default: int, told: str, *, unit: str = "", lowest: int = 0) -> IntegerOption:
    return IntegerOption(
        section=SECTION,
        name=name,
        default=default,
        minimum=lowest,
        maximum=_MOST,
        unit=unit,
        help=f"{told} 0: no limit." if lowest == 0 else told,
        holders=_HOLDERS,
    )


COOL_DOWN = _limit("resend-cool-down", 30, "How long a call waits before it may ask for another code.", unit="seconds")
DESTINATION_PAUSE = _limit("destination-pause", 30, "The time between two sends to one destination.", unit="seconds")
DESTINATION_10_MINUTES = _limit("destination-sends-10-minutes", 5, "Sends to one destination in ten minutes.")
DESTINATION_HOUR = _limit("destination-sends-hour", 10, "Sends to one destination in an hour.")
DESTINATION_DAY = _limit("destination-sends-day", 10, "Sends to one destination in a day.")
ACCOUNT_HOUR = _limit("account-sends-hour", 10, "Sends for one account in an hour; a fifth is kept for its own phone.")
ACCOUNT_DAY = _limit("account-sends-day", 20, "Sends for one account in a day; a fifth is kept for its own phone.")
PAIR_HOUR = _limit("pair-sends-hour", 6, "Sends for one account from one calling number, not its own, in an hour.")
NUMBER_SENDS = _limit("number-sends-hour", 20, "Sends for one calling number in an hour.")
NUMBER_CHECKS = _limit("number-checks-hour", 60, "Checks for one calling number in an hour.")
# Part E.8 has 20 and 60 for "calling number / IP / credential". Address and credential here are those of the IVR, which
# carries the calls of all customers: they bound what a stolen proof can do, and the calling number bounds one caller.
ADDRESS_SENDS = _limit("address-sends-hour", 1_000, "Sends for one address of a caller's system in an hour.")
ADDRESS_CHECKS = _limit("address-checks-hour", 3_000, "Checks for one address of a caller's system in an hour.")
CREDENTIAL_SENDS = _limit("credential-sends-hour", 1_000, "Sends for one credential in an hour.")
CREDENTIAL_CHECKS = _limit("credential-checks-hour", 3_000, "Checks for one credential in an hour.")
APPLICATION_HOUR = _limit("application-sends-hour", 1_000, "Sends of one application in an hour.")
APPLICATION_DAY = _limit("application-sends-day", 10_000, "Sends of one application in a day.")
COUNTRY_HOUR = _limit("country-sends-hour", 500, "Text messages of one application to one country in an hour.")
COUNTRY_DAY = _limit("country-sends-day", 5_000, "Text messages of one application to one country in a day.")
FAILURES_BEFORE_WAIT = _limit(
    "failures-before-wait", 10, "Wrong codes in a row after which an account waits: 30 seconds, doubled to an hour."
)
FAILURES_BEFORE_STOP = _limit(
    "failures-before-stop",
    100,
    "Wrong codes in a row after which an account stops until an administrator clears it.",
    lowest=1,
)
RETENTION_DAYS = IntegerOption(
    section="two-factor",
    name="retention-days",
    default=90,
    minimum=1,
    maximum=3_650,
    unit="days",
    holders=(INSTALLATION,),
    set_by="installation",
    help="How long calls are kept, with their codes, steps and deliveries.",
)
