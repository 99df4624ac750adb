"""Purges of what happened. They stand here, one floor above ``activity``, because options say how long it is kept."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from activity.jobs import Done, periodic
from activity.models import Change, SecurityEvent
from activity.services import happenings_purge
from environment.options import CHANGES_KEPT, EVENTS_KEPT

SLICE = 5_000


@periodic(name="activity.changes-purge", every=timedelta(hours=1))
def changes_purge() -> Done:
    """Delete change rows older than the installation keeps them."""
    before = timezone.now() - timedelta(days=CHANGES_KEPT.of())
    deleted = happenings_purge(Change, before=before, limit=SLICE)
    return Done(deleted, left_over=deleted >= SLICE)


@periodic(name="activity.events-purge", every=timedelta(hours=1))
def events_purge() -> Done:
    """Delete security events older than the installation keeps them."""
    before = timezone.now() - timedelta(days=EVENTS_KEPT.of())
    deleted = happenings_purge(SecurityEvent, before=before, limit=SLICE)
    return Done(deleted, left_over=deleted >= SLICE)
