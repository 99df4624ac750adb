"""What a call may begin with."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping

from django.core.exceptions import ValidationError

from config.http.errors import FieldError, ValidationRefused
from twofactor.options.declaring import check_variable

LONGEST = {"account": 255, "callId": 255, "cli": 64, "dnis": 64}
"""Characters."""
MOST_VARIABLES, LONGEST_VALUE = 50, 1_000


def start_checked(*, account: str, call_id: str, cli: str, dnis: str, variables: Mapping[str, str]) -> None:
    """Raise ValidationRefused naming everything that cannot be taken."""
    texts = {"account": account, "callId": call_id, "cli": cli, "dnis": dnis}
    faults = [*_text_faults(texts), *_variable_faults(variables)]
    if faults:
        raise ValidationRefused(faults[0].message, fields=faults)


def _text_faults(texts: Mapping[str, str]) -> Iterator[FieldError]:
    for name, text in texts.items():
        if name == "account" and not text.strip():
            yield FieldError(name, "required", "The account reference is needed.")
        elif len(text) > LONGEST[name]:
            yield FieldError(name, "too_long", f"Use at most {LONGEST[name]} characters.")
        elif _is_bad(text) or text != text.strip():
            yield FieldError(name, "invalid", "Use no control characters, and no blank at either end.")


def _variable_faults(variables: Mapping[str, str]) -> Iterator[FieldError]:
    if len(variables) > MOST_VARIABLES:
        yield FieldError("variables", "too_many", f"Send at most {MOST_VARIABLES} variables.")
        return
    for name, value in variables.items():
        field = f"variables.{name[:64].encode('ascii', 'backslashreplace').decode()}"
        try:
            check_variable(name)
        except ValidationError as fault:
            yield FieldError(field, "invalid", f"This is no name of a variable. {fault.messages[0]}")
            continue
        if len(value) > LONGEST_VALUE:
            yield FieldError(field, "too_long", f"Use at most {LONGEST_VALUE} characters.")
        elif _is_bad(value):
            yield FieldError(field, "invalid", "Use no control characters.")


def _is_bad(text: str) -> bool:
    return any(unicodedata.category(one) in ("Cc", "Cs") for one in text)
