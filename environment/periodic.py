"""Purges of what happened. They stand here, one floor above ``activity``, because options say how long it is kept."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import QuerySet

from activity.models import Change, SecurityEvent
from activity.purges import purge
from environment.options import CHANGES_KEPT, EVENTS_KEPT

_SLICE = 5_000
"""Nothing hangs on these rows, so that more of them go at once."""


def _changes_kept() -> timedelta:
    return timedelta(days=CHANGES_KEPT.of())


def _events_kept() -> timedelta:
    return timedelta(days=EVENTS_KEPT.of())


@purge(name="activity.changes-purge", every=timedelta(hours=1), by="at", kept=_changes_kept, limit=_SLICE)
def changes_purge(before: datetime) -> QuerySet[Change]:
    """Change rows older than the installation keeps them."""
    return Change.objects.filter(at__lt=before)


@purge(name="activity.events-purge", every=timedelta(hours=1), by="at", kept=_events_kept, limit=_SLICE)
def events_purge(before: datetime) -> QuerySet[SecurityEvent]:
    """Security events older than the installation keeps them."""
    return SecurityEvent.objects.filter(at__lt=before)
