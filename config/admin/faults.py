"""What services refuse, as errors of a form or as messages."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.forms import Form, ModelForm

from config.http.errors import Refusal

Fault = Refusal | ValidationError
FAULTS: tuple[type[Exception], ...] = (Refusal, ValidationError)


def fault_lines(fault: Fault) -> Iterator[tuple[str, str]]:
    """(field as the service names it or "", words) for everything that is wrong."""
    if isinstance(fault, Refusal):
        if not fault.fields:
            yield "", fault.message
        for one in fault.fields:
            yield one.field, one.message
    elif hasattr(fault, "error_dict"):
        for name, messages in fault.message_dict.items():
            for message in messages:
                yield "" if name == NON_FIELD_ERRORS else name, message
    else:
        for message in fault.messages:
            yield "", message


def fault_text(fault: Fault) -> str:
    """All of it in one line."""
    return " ".join(dict.fromkeys(words for _field, words in fault_lines(fault)))


def fault_apply(form: Form | ModelForm, fault: Fault, *, names: Mapping[str, str] | None = None) -> None:
    """Put a service's refusal at the form's fields; ``names`` maps the service's names to the form's."""
    for field, words in fault_lines(fault):
        name = (names or {}).get(field, field)
        form.add_error(name if name in form.fields else None, words)
