"""How long a visit is open after its last event, and how long it is kept; each application decides for itself."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable

from django.db.models import Exists, OuterRef, QuerySet

from environment.models import Application
from history import options
from history.models import Visit

MINUTE = 60_000
DAY = 24 * 60 * MINUTE
"""Milliseconds, as every time and span here."""

Span = Callable[[Application], int]
"""What an application says of a span, in ms."""


def now_ms() -> int:
    """This server's time."""
    return time.time_ns() // 1_000_000


def visit_timeout(application: Application) -> int:
    """A visit for which nothing came for so long is over."""
    return options.VISIT_TIMEOUT.of(application) * MINUTE


def kept(application: Application) -> int:
    """A visit for which nothing came for so long is deleted."""
    return options.KEPT_DAYS.of(application) * DAY


def is_open(visit: Visit) -> bool:
    """Whether more may be expected of this visit."""
    return visit.received_at >= now_ms() - visit_timeout(visit.application)


def applications_seen() -> QuerySet[Application]:
    """The applications that have visits, whatever type they are of by now."""
    return Application.objects.filter(Exists(Visit.objects.filter(application=OuterRef("pk"))))


def cut_offs(applications: Iterable[Application], span: Span) -> dict[int, list[int]]:
    """The time so long ago → ids of the applications that say so."""
    now, found = now_ms(), dict[int, list[int]]()
    for application in applications:
        found.setdefault(now - span(application), []).append(application.pk)
    return found
