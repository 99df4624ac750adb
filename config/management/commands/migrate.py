"""``manage.py migrate``: Django's, with time for statements that a request would not be given."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.commands import migrate
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper


class Command(migrate.Command):
    """Without ``statement_timeout``, which would break off an index of a large table. ``lock_timeout`` stays: who waits
    for a lock on a table in use makes everybody wait behind it; what gives up is run again.
    """

    def handle(self, *args: Any, **options: Any) -> None:
        """As Django's."""
        with _unhurried(connections[options["database"]]):
            super().handle(*args, **options)


@contextmanager
def _unhurried(connection: BaseDatabaseWrapper) -> Iterator[None]:
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('statement_timeout')")
        before = cursor.fetchone()[0]
        cursor.execute("SET statement_timeout = 0")
    yield
    # Not after a fault: that ends the command, and its connection may be gone.
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('statement_timeout', %s, false)", [before])
