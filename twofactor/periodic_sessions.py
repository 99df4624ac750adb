"""Calls: ended when their time is over, and deleted when nobody looks at them any more."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone

from activity.jobs import Done, Job, register
from activity.purges import purge
from twofactor.flow.calls import call_of
from twofactor.models import Budget, FlowSession, Guard, StoredAnswer
from twofactor.options import limits

SLICE = 200
"""Sessions ended at once."""


def sessions_end() -> Done:
    """End calls whose time is over; nothing depends on it, for their time is looked at whenever they are used."""
    open_ = FlowSession.objects.exclude(state=FlowSession.State.ENDED).filter(ends_at__lte=timezone.now())
    due = list(open_.select_related("application").order_by("ends_at")[:SLICE])
    for session in due:
        call_of(session).end("hangup")
    return Done(len(due), left_over=len(due) >= SLICE)


register(Job(name="twofactor.sessions-end", every=timedelta(minutes=1), run=sessions_end))


def _kept() -> timedelta:
    return timedelta(days=limits.RETENTION_DAYS.of(None))


@purge(name="twofactor.sessions-purge", every=timedelta(minutes=10), by="started_at", kept=_kept, limit=200)
def sessions_purge(before: datetime) -> QuerySet[FlowSession]:
    """Calls with their codes, steps and deliveries."""
    return FlowSession.objects.filter(started_at__lt=before)


@purge(name="twofactor.answers-purge", every=timedelta(minutes=10), by="made_at", kept=timedelta(days=1))
def answers_purge(before: datetime) -> QuerySet[StoredAnswer]:
    """Answers kept for repeats."""
    return StoredAnswer.objects.filter(made_at__lt=before)


@purge(name="twofactor.budgets-purge", every=timedelta(minutes=10), by="ends_at", kept=timedelta(hours=1))
def budgets_purge(before: datetime) -> QuerySet[Budget]:
    """Counts of windows that are over."""
    return Budget.objects.filter(ends_at__lt=before)


@purge(name="twofactor.guards-purge", every=timedelta(hours=1), by="changed_at", kept=timedelta(days=1))
def guards_purge(before: datetime) -> QuerySet[Guard]:
    """Counters of accounts without a wrong code since, and those of a year ago."""
    long_ago = before - timedelta(days=365)
    return Guard.objects.filter(Q(failures=0) | Q(changed_at__lt=long_ago), changed_at__lt=before)
