"""Purges: jobs that delete what ended a while ago, and what can be said of them at any moment.

A room declares one in ``periodic.py`` by the rows that are due::

    @purge(name="oauthapi.codes-purge", every=timedelta(minutes=5), by="expires_at", kept=timedelta(days=1))
    def codes_purge(before: datetime) -> QuerySet[AuthorizationCode]:
        return AuthorizationCode.objects.filter(expires_at__lt=before)

What is left is measured when somebody looks, by the same rows: two bounded reads of an index.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Model, QuerySet
from django.utils import timezone

from activity.jobs import COUNTED, Backlog, Done, Job, register

SLICE = 1_000
"""Rows of one slice of a purge: one short transaction."""

DueRows = Callable[[datetime], QuerySet[Any, Any]]
"""The rows that ended before a time."""


def purge(
    *, name: str, every: timedelta, by: str, kept: timedelta | Callable[[], timedelta], limit: int | None = None
) -> Callable[[DueRows], Callable[[], Done]]:
    """Declare the decorated function's rows as those that a job deletes, the first ended first.

    ``by`` is the indexed column of their end; ``kept`` is how long after it they stay; ``limit`` (``SLICE``) bounds one
    slice.
    """

    def cut_off() -> datetime:
        return timezone.now() - (kept() if callable(kept) else kept)

    def declare(rows: DueRows) -> Callable[[], Done]:
        def run() -> Done:
            return slice_purge(rows(cut_off()), by=by, limit=limit)

        def measure() -> Backlog:
            before = cut_off()
            return _backlog(rows(before).order_by(by), by, before)

        run.__doc__, run.__name__ = rows.__doc__, rows.__name__
        register(Job(name=name, every=every, run=run, measure=measure))
        return run

    return declare


def slice_purge(rows: QuerySet[Any, Any], *, by: str, limit: int | None = None) -> Done:
    """Delete the ``limit`` (``SLICE``) rows that ended first, ``by`` being the indexed column of their end."""
    model: type[Model] = rows.model
    limit = limit or SLICE
    first = list(rows.order_by(by).values_list("pk", flat=True)[:limit])
    if first:
        model._default_manager.filter(pk__in=first).delete()
    return Done(len(first), left_over=len(first) >= limit)


def _backlog(rows: QuerySet[Any, Any], by: str, before: datetime) -> Backlog:
    oldest = rows.values_list(by, flat=True).first()
    if oldest is None:
        return Backlog()
    return Backlog(rows[: COUNTED + 1].count(), before - oldest)
