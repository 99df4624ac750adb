"""Checks of the server settings' texts. All raise ValidationError in the administrator's words."""

from __future__ import annotations

import re
from collections.abc import Callable

import phonenumbers
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator

from config.outgoing import refusal_of_url
from twofactor.delivery.headers import BadHeaders, read_headers
from twofactor.outgoing import refusal_of_template

LONGEST_PATTERN = 200
"""Characters of one line of a pattern."""
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")
_ANY_VARIABLE = re.compile(r"\[var:([^\]]*)\]")
_VARIABLE_NAME = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]{0,63}\Z")
_HOST = re.compile(r"\[?[A-Za-z0-9._:-]{1,253}\]?\Z")
_SENDER = re.compile(r"\+[1-9][0-9]{6,14}\Z|(?=[A-Za-z0-9 ]{1,11}\Z)[A-Za-z0-9 ]*[A-Za-z][A-Za-z0-9 ]*\Z|[0-9]{3,8}\Z")
_email = EmailValidator()


def check_among(*words: str) -> Callable[[str], None]:
    """A check that takes these words only."""

    def check(text: str) -> None:
        if text not in words:
            raise ValidationError(f"{text[:40]!r} is none of: {', '.join(words)}.")

    return check


def check_host(text: str) -> None:
    """A host name or an address, or nothing."""
    if text and (
        not _HOST.match(text) or refusal_of_url(f"https://{in_brackets(text)}/", allowed=()) not in ("", "not-listed")
    ):
        raise ValidationError("This is no host name and no address.")


def in_brackets(host: str) -> str:
    """A host as it stands in an address: IPv6 in brackets."""
    return f"[{host}]" if ":" in host and not host.startswith("[") else host


def check_sms_url(text: str) -> None:
    """An address with variables in path and query, or nothing."""
    fault = refusal_of_template(text) if text else ""
    if fault:
        raise ValidationError(fault)


def check_base_url(text: str) -> None:
    """``https://host[:port]`` without a path."""
    if not re.fullmatch(r"https?://[^/?#]+", text) or refusal_of_template(text):
        raise ValidationError("This is no scheme and host, such as https://api.twilio.com.")


def check_headers(text: str) -> None:
    """As ``twofactor.delivery.headers`` reads them."""
    try:
        read_headers(text)
    except BadHeaders as error:
        raise ValidationError(str(error)) from None


def check_template(text: str) -> None:
    """Every ``[var:…]`` names a variable."""
    for name in _ANY_VARIABLE.findall(text):
        if not _VARIABLE_NAME.match(name):
            raise ValidationError(f"[var:{name[:40]}] names no variable.")


def check_pattern(text: str) -> None:
    """Lines with ``*``: they are looked for without regular expressions, and take linear time."""
    for line in text.splitlines():
        if len(line) > LONGEST_PATTERN:
            raise ValidationError(f"A line is longer than {LONGEST_PATTERN} characters.")
        if line.strip() and not line.replace("*", "").strip():
            raise ValidationError("A line of * alone would match everything.")


def check_status(text: str) -> None:
    """An HTTP status of an answer; redirects are never followed, nor are they a success."""
    if not re.fullmatch(r"[2-5][0-9]{2}", text) or text.startswith("3"):
        raise ValidationError(f"{text[:10]!r} is no HTTP status of 200 to 299, or 400 to 599.")


def check_region(text: str) -> None:
    """A country or territory that has telephone numbers, as ISO 3166-1 alpha-2 in capitals."""
    if text not in phonenumbers.SUPPORTED_REGIONS:
        raise ValidationError(f"{text[:10]!r} is no two-letter code of a country, such as US.")


def check_twilio_sid(letters: str) -> Callable[[str], None]:
    """A check of Twilio's ids of one kind, or nothing."""

    def check(text: str) -> None:
        if text and not re.fullmatch(letters + r"[0-9a-f]{32}", text):
            raise ValidationError(f"This is not {letters} with 32 hexadecimal digits.")

    return check


def check_one_line(text: str) -> None:
    """No line end, nor any other control character: it becomes part of a header or of a prompt."""
    if _CONTROL.search(text):
        raise ValidationError("Use no line end and no other control character.")


def check_sender_address(text: str) -> None:
    """``name@example.com``, or nothing."""
    check_one_line(text)
    if text:
        _email(text)


def check_sms_sender(text: str) -> None:
    """A number in E.164, a short code, or up to 11 letters and digits of which one is a letter; or nothing."""
    if text and not _SENDER.match(text):
        raise ValidationError("Write a number with its country code, as +14155550142, or up to 11 letters and digits.")
