"""How a fixed code of a test destination is written: ``destination=code``."""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError

from twofactor.destinations import email_read, phone_read

FEWEST, MOST = 4, 9
"""Digits of a code that is made here."""
_CODE = re.compile(rf"[0-9]{{{FEWEST},{MOST}}}\Z")


def fixed_code_read(entry: str) -> tuple[str, str]:
    """(Destination in the form by which it is compared, code). Raises ValidationError, which quotes neither."""
    destination, _mark, code = entry.rpartition("=")
    compared = destination_compared(destination)
    if not compared:
        raise ValidationError("Write destination=code.", code="invalid")
    if not _CODE.match(code.strip()):
        raise ValidationError(f"A fixed code has {FEWEST} to {MOST} digits.", code="invalid")
    return compared, code.strip()


def check_fixed_code(entry: str) -> None:
    """Raises ValidationError."""
    fixed_code_read(entry)


def destination_compared(text: str) -> str:
    """A number in E.164, or an e-mail address in small letters; "" of nothing. Raises ValidationError."""
    return email_read(text).casefold() if "@" in text else phone_read(text)
