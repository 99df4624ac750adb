"""Ends of sessions whose time is over, and the purge of ended ones. Nothing rests on either: every use looks itself."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import QuerySet

from activity.jobs import Done, periodic
from activity.purges import purge
from screenrec.flows.desk import lapse_due
from screenrec.models import RecorderSession

_SLICE = 50
"""Few: each may have to be told to another server."""
_KEPT = timedelta(days=30)


@periodic(name="screenrec.sessions-expire", every=timedelta(seconds=30))
def expire() -> Done:
    """End sessions that did not ping in time, are too old, or whose agent changed."""
    ended = lapse_due(_SLICE)
    return Done(ended, left_over=ended >= _SLICE)


@purge(name="screenrec.sessions-purge", every=timedelta(hours=1), by="ended_at", kept=_KEPT)
def sessions_purge(before: datetime) -> QuerySet[RecorderSession]:
    """Sessions that ended long ago."""
    return RecorderSession.objects.filter(ended_at__lt=before)
