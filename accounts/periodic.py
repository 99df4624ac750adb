"""Purges of this room, and the rotation of signing keys.

Nothing rests on the purges: ends are also checked at use. Old passwords go with their user.
"""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from accounts import options
from accounts.models import FailureCounter, Session, SigningKey
from accounts.services.keys import key_rotate_older, keys_delete_ended
from activity.jobs import Done, periodic, slice_purge

_MARGIN = timedelta(hours=1)
"""A row just ended may still be looked at by a request under way."""


@periodic(name="accounts.sessions-purge", every=timedelta(minutes=10))
def sessions_purge() -> Done:
    """Delete sessions past their absolute end."""
    before = timezone.now() - _MARGIN
    return slice_purge(Session.objects.filter(ends_at__lt=before), by="ends_at")


@periodic(name="accounts.idle-sessions-purge", every=timedelta(minutes=10))
def idle_sessions_purge() -> Done:
    """Delete sessions that were idle longer than any contact center may allow."""
    longest = timedelta(minutes=options.SESSION_IDLE.maximum or 0)
    idle = Session.objects.filter(last_seen_at__lt=timezone.now() - longest - _MARGIN)
    return slice_purge(idle, by="last_seen_at")


@periodic(name="accounts.failures-purge", every=timedelta(minutes=10))
def failures_purge() -> Done:
    """Delete counters whose window is over; one that still locks stays."""
    now = timezone.now()
    over = FailureCounter.objects.filter(Q(locked_until__isnull=True) | Q(locked_until__lt=now), window_ends_at__lt=now)
    return slice_purge(over, by="window_ends_at")


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
