"""Failures in a row, of an account from one calling number and of an account from anywhere.

A try is reserved before its code is compared, with the wait that it earns should it be wrong; the right code gives
everything back. Calls from the account's own verified phone are counted and held up by their own counter alone: wrong
codes of others never lock its owner out.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Case, F, Q, QuerySet, Value, When
from django.utils import timezone

from activity.services import event_record
from config.policy import require
from twofactor.masking import account_key, number_key
from twofactor.models import FlowSession, Guard
from twofactor.options import limits

SHORTEST, LONGEST = timedelta(seconds=30), timedelta(hours=1)
Kind = Guard.Kind


def guards_reserve(session: FlowSession, *, from_own_phone: bool) -> bool:
    """Count a try, in the caller's transaction; False when a counter refuses it: the caller rolls back."""
    now = timezone.now()
    return all(_reserve(session, kind, now) for kind in _kinds(from_own_phone))


def guards_failed(session: FlowSession, *, from_own_phone: bool) -> None:
    """The try was wrong: the wait doubles with each one that follows."""
    first = limits.FAILURES_BEFORE_WAIT.of(session.application)
    now = timezone.now()
    for kind in _kinds(from_own_phone) if first else ():
        failures = _row(session, kind).values_list("failures", flat=True).first() or 0
        if failures >= first:
            wait = min(SHORTEST * 2 ** min(failures - first, 10), LONGEST)
            _row(session, kind).update(waits_until=now + wait)


def guards_released(session: FlowSession, *, from_own_phone: bool) -> None:
    """The try was neither right nor wrong: it counts for nothing."""
    for kind in _kinds(from_own_phone):
        _row(session, kind).filter(failures__gt=0).update(failures=F("failures") - 1, waits_until=None)


def guards_passed(session: FlowSession) -> None:
    """The code was right: the account starts afresh, from this number and from anywhere."""
    for kind in Kind:
        _row(session, kind).filter(failures__gt=0).update(failures=0, waits_until=None, changed_at=timezone.now())


def guard_clear(guard: Guard, *, reason: str | None = None) -> None:
    """Forget the failures in a row, and with them the wait or the stop. Raises Forbidden.

    The row itself goes, as if the account had never failed; one that is gone already was cleared by somebody else.
    The event names the account, never the calling number, which may be the verified one.
    """
    require("write", guard)
    with transaction.atomic():
        row = Guard.objects.select_for_update().select_related(None).filter(pk=guard.pk).first()
        if row is None:
            return
        failures = row.failures
        row.delete()
        event_record(
            name="two-factor-wait-cleared",
            contact_center_id=guard.application.contact_center_id,
            detail={
                "application": str(guard.application),
                "account": guard.account,
                "kind": guard.kind,
                "failures": failures,
                "reason": reason or "",
            },
        )


def _kinds(from_own_phone: bool) -> Sequence[Guard.Kind]:
    return (Kind.PAIR,) if from_own_phone else (Kind.PAIR, Kind.ACCOUNT)


def _key(session: FlowSession, kind: Guard.Kind) -> dict[str, Any]:
    return {
        "application_id": session.application_id,
        "account": account_key(session.account),
        "kind": kind,
        "cli": number_key(session.cli) if kind == Kind.PAIR else "",
    }


def _row(session: FlowSession, kind: Guard.Kind) -> QuerySet[Guard]:
    return Guard.objects.filter(**_key(session, kind))


def _reserve(session: FlowSession, kind: Guard.Kind, now: datetime) -> bool:
    application = session.application
    first, stop = limits.FAILURES_BEFORE_WAIT.of(application), limits.FAILURES_BEFORE_STOP.of(application)
    free = _row(session, kind).filter(Q(waits_until__isnull=True) | Q(waits_until__lte=now), failures__lt=stop)
    counted: dict[str, object] = {"failures": F("failures") + 1, "changed_at": now}
    if first:
        waits = When(failures__gte=first - 1, then=Value(now + SHORTEST))
        counted["waits_until"] = Case(waits, default=None)
    if free.update(**counted):
        return True
    made = Guard(**_key(session, kind), changed_at=now)
    Guard.objects.bulk_create([made], ignore_conflicts=True)
    return bool(free.update(**counted))
