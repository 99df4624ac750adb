"""Lockout and limits: only failures count, in rows, and a try refused by a lock is not one.

A try is reserved before its password is looked at and given back when it was right. Any number of parallel tries
therefore sees exactly as many comparisons as the limit allows.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Case, F, Q, QuerySet, Value, When
from django.utils import timezone

from accounts import options
from accounts.errors import ProofRefused
from accounts.models import FailureCounter
from activity.services import event_record
from config.policy import require

Kind = FailureCounter.Kind
NEVER = timedelta(days=3650)


@dataclass(frozen=True, slots=True)
class Limit:
    """One counter of a try: ``limit`` failures in ``window``; reaching it locks for ``lock`` (None: until it ends).

    ``real_name`` is the name in its owner's spelling, by which security events are found; ``subject`` is folded.
    """

    kind: str
    subject: str
    limit: int
    window: timedelta
    lock: timedelta | None = None
    contact_center_id: UUID | None = None
    real_name: str = field(default="", compare=False)


def limits_of(
    *, account: str, address: str, contact_center_id: UUID | None, remembered: bool, real_name: str = ""
) -> list[Limit]:
    """The counters that a try of this account from this address must pass, in one fixed order (no deadlocks).

    ``real_name`` is the account in its user's own spelling, when there is such a user.
    """
    real_name = _kept(real_name or account)
    holder = contact_center_id
    threshold = options.LOCKOUT_THRESHOLD.of(holder)
    limits = [
        Limit(Kind.ADDRESS, address, options.ADDRESS_FAILURES.of(None), timedelta(minutes=10)),
    ]
    if not remembered:
        per_hour = options.ACCOUNT_FAILURES_PER_HOUR.of(holder)
        limits.append(Limit(Kind.ACCOUNT, account, per_hour, timedelta(hours=1), None, holder, real_name))
    if threshold:
        minutes = options.LOCKOUT_PERIOD.of(holder)
        window = timedelta(minutes=minutes) if minutes else NEVER
        lock = timedelta(minutes=options.LOCKOUT_DURATION.of(holder))
        limits.append(Limit(Kind.PAIR, f"{account} from {address}", threshold, window, lock, holder, real_name))
    return limits


def client_limit(client_id: str, address: str, kind: str = Kind.CLIENT) -> Limit:
    """The counter of an API client's (or Basic credential's) failures from one address."""
    allowed = options.CLIENT_FAILURES.of(None)
    subject = f"{countable(client_id)} from {address}"
    return Limit(kind, subject, allowed, timedelta(minutes=10), real_name=_kept(client_id))


def clients_limit(address: str) -> Limit:
    """The counter of one address's failures with client ids that nobody has: as many as over all accounts."""
    # An address's own kind: a client that is called "clients" has another counter.
    allowed = options.ADDRESS_FAILURES.of(None)
    return Limit(Kind.ADDRESS, f"clients from {address}", allowed, timedelta(minutes=10))


def credentials_limit(address: str) -> Limit:
    """The counter of one address's failures over all Basic credentials, those that nobody has among them."""
    allowed = options.ADDRESS_FAILURES.of(None)
    return Limit(Kind.ADDRESS, f"credentials from {address}", allowed, timedelta(minutes=10))


def countable(typed: str) -> str:
    """Typed text as a counter's subject: folded, cut to the column, without NUL, which PostgreSQL refuses."""
    return typed.replace("\x00", "").casefold()[:255]


def _kept(name: str) -> str:
    return name.replace("\x00", "")[:255]


def try_reserve(limits: list[Limit]) -> Limit | None:
    """Count a try on every limit, or on none: the limit that refuses it is returned (None: go on and look).

    The count is given back by ``try_succeeded``; a failure leaves it standing.
    """
    now = timezone.now()
    refusing: Limit | None = None
    with transaction.atomic():
        for limit in limits:
            # In here, so that a refused try leaves no row behind: made-up names cannot fill the table.
            _ensure_window(limit, now)
            free = _rows(limit).filter(failures__lt=limit.limit)
            if limit.lock:
                free = free.filter(_unlocked(now))
            if not free.update(failures=F("failures") + 1):
                refusing = limit
                transaction.set_rollback(True)
                break
    return refusing


def try_failed(limits: list[Limit]) -> list[Limit]:
    """The reserved try was a failure: lock what has now reached its limit, and name it."""
    now = timezone.now()
    return [limit for limit in limits if _lock_full(limit, now)]


def try_succeeded(limits: list[Limit]) -> None:
    """The reserved try was right: the pair starts afresh, the wider counters get this one back."""
    for limit in limits:
        if limit.kind == Kind.PAIR:
            _rows(limit).update(failures=0, locked_until=None)
        else:
            _give_back(limit)


def try_released(limits: list[Limit]) -> None:
    """The reserved try was never looked at (no turn to hash): it counts for nothing."""
    for limit in limits:
        _give_back(limit)


def any_refused(limits: list[Limit]) -> bool:
    """Whether one of these, which count only failures, is full; for machine secrets, whose right use writes nothing."""
    full = Q()
    for limit in limits:
        full |= Q(kind=limit.kind, subject=limit.subject, failures__gte=limit.limit)
    return FailureCounter.objects.filter(full, window_ends_at__gt=timezone.now()).exists()


def failure_count(limit: Limit) -> None:
    """Count one failure of a machine secret; the one that reaches the limit is told in the security events."""
    now = timezone.now()
    _ensure_window(limit, now)
    _rows(limit).update(failures=F("failures") + 1)
    if _lock_full(limit, now):
        told = f"{limit.kind}: {limit.subject} after {limit.limit} failures"
        event_record(
            name="locked",
            outcome="refused",
            refusal=told[:300],
            contact_center_id=limit.contact_center_id,
            **_whom(limit.kind, limit.real_name),
        )


def lockout_release(counter: FailureCounter, *, reason: str | None = None) -> None:
    """An administrator lets the subject try again at once."""
    require("write", counter)
    with transaction.atomic():
        counter.delete()
        event_record(
            name="lockout-released",
            contact_center_id=counter.contact_center_id,
            detail={"kind": counter.kind, "subject": counter.subject, "reason": reason or ""},
            **_whom(counter.kind, counter.real_name or counter.name),
        )


def refused_by(limit: Limit) -> ProofRefused:
    """The refusal of a locked try: the public words are those of a wrong password."""
    return ProofRefused(reason=f"locked: {limit.kind} {limit.subject} reached {limit.limit} failures")


def _whom(kind: str, name: str) -> dict[str, Any]:
    """Whom a counter speaks of, in the columns that security events are searched by."""
    return {"client_id" if kind == Kind.CLIENT else "user_name": name} if name else {}


def _rows(limit: Limit) -> QuerySet[FailureCounter]:
    return FailureCounter.objects.filter(kind=limit.kind, subject=limit.subject)


def _unlocked(now: datetime) -> Q:
    return Q(locked_until__isnull=True) | Q(locked_until__lte=now)


def _lock_full(limit: Limit, now: datetime) -> bool:
    """Lock a counter that has reached its limit: for ``lock``, or until its window ends. True for the one who did."""
    full = _rows(limit).filter(_unlocked(now), failures__gte=limit.limit)
    if limit.lock:
        return bool(full.update(locked_until=now + limit.lock, window_ends_at=now + limit.lock))
    # Only shown: what refuses is the count, which a rival's success may still lower.
    return bool(full.update(locked_until=F("window_ends_at")))


def _give_back(limit: Limit) -> None:
    below = When(failures__lte=limit.limit, then=Value(None))
    _rows(limit).filter(failures__gt=0).update(
        failures=F("failures") - 1, locked_until=Case(below, default=F("locked_until"))
    )


def _ensure_window(limit: Limit, now: datetime) -> None:
    """Make the row, or begin its window anew when the last one is over."""
    ends = now + limit.window
    known = _rows(limit).values_list("window_ends_at", flat=True).first()
    name, address = FailureCounter.parts_of(limit.kind, limit.subject)
    if known is None:
        row = FailureCounter(
            kind=limit.kind,
            subject=limit.subject,
            name=name,
            address=address,
            real_name=limit.real_name,
            window_ends_at=ends,
            contact_center_id=limit.contact_center_id,
        )
        FailureCounter.objects.bulk_create([row], ignore_conflicts=True)
    elif known <= now:
        # With the names too: the row may be of the release before, or of one who spelled the name otherwise.
        _rows(limit).filter(window_ends_at__lte=now).update(
            failures=0,
            locked_until=None,
            window_ends_at=ends,
            name=name,
            address=address,
            real_name=limit.real_name,
        )
