"""Addresses and numbers as people write them, brought into the one form that is stored."""

from __future__ import annotations

import re
import unicodedata

import phonenumbers
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator

_NUMBER = re.compile(r"\+[0-9 ()./-]{6,40}", re.ASCII)
_LONGEST_ADDRESS = 254
_email = EmailValidator()


def phone_read(text: str) -> str:
    """A telephone number in E.164; "" of nothing. Raises ValidationError, which does not quote it.

    The country code must stand there: it is not guessed from where somebody is.
    """
    written = text.strip()
    if not written:
        return ""
    if not written.startswith("+"):
        raise ValidationError("Write the number with + and its country code, as in +442079460958.", code="invalid")
    try:
        number = phonenumbers.parse(written, None) if _NUMBER.fullmatch(written) else None
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number):
        raise ValidationError("This is no telephone number.", code="invalid")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def email_read(text: str) -> str:
    """An e-mail address; "" of nothing. Raises ValidationError, which does not quote it."""
    address = text.strip()
    if not address:
        return ""
    if any(unicodedata.category(one) == "Cc" for one in address):
        raise ValidationError("Use no control characters.", code="invalid")
    if len(address) > _LONGEST_ADDRESS:
        raise ValidationError(f"Use at most {_LONGEST_ADDRESS} characters.", code="too_long")
    try:
        _email(address)
    except ValidationError:
        raise ValidationError("This is no e-mail address.", code="invalid") from None
    return address
