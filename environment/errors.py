"""This room's refusals."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError

from config.http.errors import Conflict, InvalidParameter


class OptionRefused(InvalidParameter):
    """400, code 2: an option cannot have this value; ``fields`` names each as ``section/option``."""

    message = "An option cannot have this value."


class NameTaken(Conflict):
    """409, code 18: another row got in first with the same key."""

    message = "Another one of this name exists already."


@contextmanager
def rivals_told(field: str | None = None) -> Iterator[None]:
    """Around a transaction: that another one stored the same key first is NameTaken, not a server's fault."""
    try:
        yield
    except IntegrityError as rival:
        raise NameTaken(field=field, reason=str(rival)) from rival
