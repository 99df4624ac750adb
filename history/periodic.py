"""Retention: visits are deleted when nothing came for them for as long as their application keeps them."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import QuerySet

from activity.jobs import COUNTED, Backlog, Done, Job, register
from activity.purges import SLICE
from history.models import Visit
from history.selectors.spans import applications_seen, cut_offs, kept
from history.services.retention import visits_erase


def visits_purge() -> Done:
    """Delete one slice of rows, of whichever applications have visits that are due."""
    done, left_over = 0, False
    for _before, due in _due():
        erased = visits_erase(due=due, limit=SLICE - done)
        done, left_over = done + erased.count, left_over or erased.left_over
        if done >= SLICE:
            break
    return Done(done, left_over)


def visits_left() -> Backlog:
    """The visits that wait to be deleted, by bounded reads of an index for each time of keeping."""
    rows, overdue = 0, 0
    for before, due in _due():
        oldest = due.order_by("received_at", "pk").values_list("received_at", flat=True).first()
        if oldest is not None:
            overdue = max(overdue, before - oldest)
            rows += due.order_by("received_at")[: COUNTED + 1].count()
    return Backlog(min(rows, COUNTED + 1), timedelta(milliseconds=overdue)) if rows else Backlog()


def _due() -> list[tuple[int, QuerySet[Visit]]]:
    """(Cut-off, the visits of before) for each time of keeping; where all keep as long, one, by one index."""
    spans = cut_offs(applications_seen(), kept)
    if len(spans) == 1:
        (before,) = spans
        return [(before, Visit.objects.filter(received_at__lt=before))]
    return [
        (before, Visit.objects.filter(application_id__in=ids, received_at__lt=before)) for before, ids in spans.items()
    ]


register(Job(name="history.visits-purge", every=timedelta(minutes=10), run=visits_purge, measure=visits_left))
