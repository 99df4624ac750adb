"""This room's refusals."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.core.exceptions import ValidationError
from django.db import IntegrityError

from config.http.errors import Conflict, FieldError, InvalidParameter, Refusal


class OptionRefused(InvalidParameter):
    """400, code 2: an option cannot have this value; ``fields`` names each as ``section/option``."""

    message = "An option cannot have this value."


class OptionsChanged(Refusal):
    """412, code 2: somebody changed the options since the caller read them; ``If-Match`` names another state."""

    status = 412
    code = 2
    error = "invalid_request"
    word = "precondition_failed"
    message = "The options were changed meanwhile. Read them again."


class NameTaken(Conflict):
    """409, code 18: another row got in first with the same key."""

    message = "Another one of this name exists already."


@contextmanager
def rivals_told(field: str | Callable[[], str] | None = None) -> Iterator[None]:
    """Around a transaction: that another one stored the same key first is NameTaken, not a server's fault. ``field``
    names the key, or finds it out by what is stored once the transaction is undone.
    """
    try:
        yield
    except IntegrityError as rival:
        named = field() if callable(field) else field
        raise NameTaken(field=named, reason=str(rival)) from rival


@contextmanager
def duplicates_told() -> Iterator[None]:
    """Around a service: values that are refused only because another row has them are NameTaken, naming each field."""
    try:
        yield
    except ValidationError as error:
        by_field = error.error_dict if hasattr(error, "error_dict") else {}
        found = [(name, one) for name, listed in by_field.items() for one in listed]
        if not found or any(one.code != "unique" for _name, one in found):
            raise
        fields = [FieldError(name, "exists", " ".join(one.messages)) for name, one in found]
        raise NameTaken(fields[0].message, fields=fields) from error
