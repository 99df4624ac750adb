"""Purges of this room, and the rotation of signing keys.

Nothing rests on the purges: ends are also checked at use. Old passwords go with their user.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Q, QuerySet

from accounts import options
from accounts.models import FailureCounter, Session, SigningKey, TemporaryToken
from accounts.services.keys import key_rotate_older, keys_delete_ended
from activity.jobs import Done, periodic
from activity.purges import purge

_MARGIN = timedelta(hours=1)
"""A row just ended may still be looked at by a request under way."""
_SHOWN = timedelta(days=7)
"""How long an administrator still sees who had taken a temporary token."""


def _idle() -> timedelta:
    """Longer than any contact center may allow."""
    return timedelta(minutes=options.SESSION_IDLE.maximum or 0) + _MARGIN


@purge(name="accounts.sessions-purge", every=timedelta(minutes=10), by="ends_at", kept=_MARGIN)
def sessions_purge(before: datetime) -> QuerySet[Session]:
    """Sessions past their absolute end."""
    return Session.objects.filter(ends_at__lt=before)


@purge(name="accounts.idle-sessions-purge", every=timedelta(minutes=10), by="last_seen_at", kept=_idle)
def idle_sessions_purge(before: datetime) -> QuerySet[Session]:
    """Sessions that were idle longer than any contact center may allow."""
    return Session.objects.filter(last_seen_at__lt=before)


@purge(name="accounts.failures-purge", every=timedelta(minutes=10), by="window_ends_at", kept=timedelta())
def failures_purge(before: datetime) -> QuerySet[FailureCounter]:
    """Counters whose window is over; one that still locks stays."""
    unlocked = Q(locked_until__isnull=True) | Q(locked_until__lt=before)
    return FailureCounter.objects.filter(unlocked, window_ends_at__lt=before)


@purge(name="accounts.temporary-tokens-purge", every=timedelta(hours=1), by="expires_at", kept=_SHOWN)
def temporary_tokens_purge(before: datetime) -> QuerySet[TemporaryToken]:
    """Temporary authorization tokens that ended days ago; until then the admin shows them."""
    return TemporaryToken.objects.filter(expires_at__lt=before)


@periodic(name="accounts.keys-rotate", every=timedelta(hours=1))
def keys_rotate() -> Done:
    """Publish a successor to each signing key that has signed for as long as the option says."""
    days = options.KEY_ROTATION.of(None)
    if not days:
        return Done()
    age, reason = timedelta(days=days), f"signed for {days} days"
    rotated = [key_rotate_older(purpose, age, reason=reason) for purpose in SigningKey.Purpose.values]
    return Done(sum(1 for key in rotated if key))


@periodic(name="accounts.keys-purge", every=timedelta(hours=1))
def keys_purge() -> Done:
    """Delete signing keys whose last signature has ended."""
    return Done(keys_delete_ended(reason="no longer published"))
