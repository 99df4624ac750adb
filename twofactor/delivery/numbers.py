"""Where a telephone number is, and whether text messages go there."""

from __future__ import annotations

import phonenumbers
from phonenumbers import PhoneNumberType

from environment.models import Application
from twofactor.options.server import SMS_COUNTRIES

# Sending there pays whoever owns the number.
_COSTLY = frozenset(
    {PhoneNumberType.PREMIUM_RATE, PhoneNumberType.SHARED_COST, PhoneNumberType.UAN, PhoneNumberType.PAGER}
)


def region_of(number: str) -> str:
    """The ISO code of a number in E.164, "001" and the like of one without a country; "" when it is no number."""
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return ""
    return phonenumbers.region_code_for_number(parsed) or ""


def refusal_of_number(number: str, application: Application) -> str:
    """Why nothing is sent there, in our words; "" when it may."""
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return "no telephone number"
    if not phonenumbers.is_possible_number(parsed):
        return "no possible telephone number"
    if phonenumbers.number_type(parsed) in _COSTLY:
        return "a premium-rate number"
    countries = SMS_COUNTRIES.of(application)
    if countries and phonenumbers.region_code_for_number(parsed) not in countries:
        return "a country that SMS.Countries does not list"
    return ""
