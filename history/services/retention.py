"""The end of visits: with all that they hold, and the identities that nothing knows any more."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Exists, F, Model, OuterRef, QuerySet
from django.db.models.functions import Greatest

from activity.jobs import Done
from history.models import Event, Identity, Page, Recognition, Session, Visit

VISITS = 100
"""Visits that one slice begins at most."""
_LEAST = 2
"""A recognition may take its identity along."""


def visits_erase(*, due: QuerySet[Visit], limit: int) -> Done:
    """Delete at most ``limit`` rows of the ``due`` visits, the longest silent first, in one transaction.

    A visit's events go first, its own row last, so that a large one takes several slices. Rows that somebody else
    holds are left for later: a visit that is being written to, an identity that is being recognised. A visit to which
    an event comes between two slices stays, with what is left of it.
    """
    left = limit
    with transaction.atomic():
        held = due.select_for_update(skip_locked=True)
        visits = list(held.order_by("received_at", "pk")[: min(limit, VISITS)])
        for visit in visits:
            left -= _erase(visit, left)
            if left < _LEAST:
                break
    return Done(limit - left, left_over=left < _LEAST or (len(visits) == VISITS and left < limit))


def _erase(visit: Visit, limit: int) -> int:
    """Delete up to ``limit`` rows of a locked visit; the number of those deleted."""
    done = events = _delete_some(Event.objects.filter(visit=visit), limit)
    for kind in (Page, Session):
        done += _delete_some(kind.objects.filter(visit=visit), limit - done)
    done += _forget(visit, limit - done)
    if done < limit and not Recognition.objects.filter(visit=visit).exists():
        return done + _delete(Visit, [visit.pk])
    if done:
        # Should an event still come, it finds a visit that says nothing of what is gone.
        Visit.objects.filter(pk=visit.pk).update(
            event_count=Greatest(F("event_count") - events, 0),
            active_session_id=None,
            has_turns=Exists(Event.objects.filter(visit=visit, is_turn=True))
            | Exists(Session.objects.filter(visit=visit, told=True)),
        )
    return done


def _forget(visit: Visit, limit: int) -> int:
    """Delete recognitions of a visit without sessions and pages, and the identities that they leave without any.

    The identities are locked first, and so must be by whoever recognises one, in his transaction: the database looks
    at foreign keys at its end only.
    """
    named = Recognition.objects.filter(visit=visit).values_list("identity_id", flat=True)[: limit // _LEAST]
    found = list(named)
    if not found:
        return 0
    held = Identity.objects.filter(pk__in=found).order_by("pk").select_for_update(skip_locked=True)
    ids = list(held.values_list("pk", flat=True))
    gone = list(Recognition.objects.filter(visit=visit, identity__in=ids).values_list("pk", flat=True))
    done = _delete(Recognition, gone)
    known: Any = Identity.objects.filter(pk__in=ids)
    for kind in (Recognition, Session, Page, Event):
        known = known.filter(~Exists(kind.objects.filter(identity=OuterRef("pk"))))
    return done + _delete(Identity, list(known.values_list("pk", flat=True)))


def _delete_some(rows: QuerySet[Any], limit: int) -> int:
    return _delete(rows.model, list(rows.order_by().values_list("pk", flat=True)[:limit]))


def _delete(model: type[Model], keys: list[int]) -> int:
    """One statement: what hangs on these rows is gone already, and nothing is collected that would follow them."""
    if not keys:
        return 0
    rows: Any = model._default_manager.filter(pk__in=keys)
    deleted: int = rows._raw_delete(rows.db)  # noqa: SLF001 - Django's own way past its collector
    return deleted
