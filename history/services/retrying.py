"""What two that write at once come to: a deadlock, or a lock that was not given in time, is tried again."""

from __future__ import annotations

import random
from collections.abc import Callable
from time import sleep
from typing import TypeVar

from django.db import OperationalError, connection

T = TypeVar("T")
TRIES = 5
_PAUSE = 0.05
"""Seconds before the second try; doubled for each that follows."""
# PostgreSQL: serialization_failure, deadlock_detected, lock_not_available.
_STATES = frozenset({"40001", "40P01", "55P03"})


def again(write: Callable[[], T], *, tries: int = TRIES) -> T:
    """The result of ``write``, a whole transaction, tried again where another writer stood in its way.

    Raises what the last try raises.
    """
    for attempt in range(1, tries):
        try:
            return write()
        except OperationalError as error:
            if not is_rival(error) or connection.in_atomic_block:
                raise
        sleep(_PAUSE * 2**attempt * random.uniform(0.5, 1))  # noqa: S311 - a pause, not a secret
    return write()


def is_rival(error: OperationalError) -> bool:
    """Whether the database says that another writer was in the way, and not that it is gone."""
    state = getattr(error.__cause__, "sqlstate", None)
    return state in _STATES or str(error) in ("database is locked", "database table is locked")
