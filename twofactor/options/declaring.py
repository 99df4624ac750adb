"""How the options of an application's settings page are declared, and the names that they hold."""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError

from environment.declarations import BooleanOption, IntegerOption, TextOption
from environment.models import Application

SECTION = "two-factor"
HOLDERS = (Application.Type.TWO_FACTOR,)
_VARIABLE = re.compile(r"[A-Za-z_$][A-Za-z0-9_$]{0,63}\Z")
_PATH = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_ .-]{0,62}[A-Za-z0-9_]\Z|[A-Za-z0-9_]\Z")


def check_variable(text: str) -> None:
    """A variable's name, of a form that VoiceXML (ECMAScript) takes. Raises ValidationError."""
    if not _VARIABLE.match(text):
        raise ValidationError("Use letters, digits, _ and $, not beginning with a digit; at most 64.")


def check_path(text: str) -> None:
    """The name of a path. Raises ValidationError."""
    if not _PATH.match(text):
        raise ValidationError(f"{text[:80]!r} is no name of a path: use letters, digits, blanks, _ . and -.")


def check_path_of_failure(text: str) -> None:
    """The name of a path for callers who have not passed. Raises ValidationError."""
    check_path(text)
    if text.casefold() == "success":
        raise ValidationError("This path is for callers who have passed: use another.")


def check_path_of_failure_or_none(text: str) -> None:
    """As ``check_path_of_failure``; nothing is right too. Raises ValidationError."""
    if text:
        check_path_of_failure(text)


def declare_text(name: str, default: str, told: str, **rest: object) -> TextOption:
    """A text option of two-factor applications; ``rest`` as of TextOption."""
    return TextOption(section=SECTION, name=name, default=default, help=told, holders=HOLDERS, **rest)  # type: ignore[arg-type]


def declare_number(name: str, default: int, lowest: int, highest: int, told: str, unit: str = "") -> IntegerOption:
    """A number between ``lowest`` and ``highest``, both included."""
    return IntegerOption(
        section=SECTION,
        name=name,
        default=default,
        minimum=lowest,
        maximum=highest,
        unit=unit,
        help=told,
        holders=HOLDERS,
    )


def declare_switch(name: str, default: bool, told: str) -> BooleanOption:
    """One that is on or off."""
    return BooleanOption(section=SECTION, name=name, default=default, help=told, holders=HOLDERS)
