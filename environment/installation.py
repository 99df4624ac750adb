"""The one row that stands for this installation: made once, by the migration, and again after a test's flush."""

from __future__ import annotations

from typing import Any

from django.db import DEFAULT_DB_ALIAS

from environment.models import Installation


def ensure_installation(using: str = DEFAULT_DB_ALIAS) -> None:
    """Make the row unless it is there; two starters at once make one."""
    if not Installation.objects.using(using).filter(pk=1).exists():
        Installation.objects.using(using).bulk_create([Installation(pk=1)], ignore_conflicts=True)


def ensure_after_migrate(*, using: str, plan: Any = (), **_rest: Any) -> None:
    """Receiver of ``post_migrate``; a partly migrated store (``migrate environment zero``) has no table for it."""
    from django.db import connections

    if Installation._meta.db_table in connections[using].introspection.table_names():
        ensure_installation(using)
