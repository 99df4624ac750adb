"""Releasing every counter of one account at once."""

from __future__ import annotations

from django.db import transaction
from django.db.models import QuerySet

from accounts.models import FailureCounter, User
from accounts.services.lockout import countable, lockout_release
from config.policy import require

_OF_ACCOUNTS = (FailureCounter.Kind.PAIR, FailureCounter.Kind.ACCOUNT)


def user_unlock(user: User, *, reason: str | None = None) -> int:
    """Let a user try again at once, from everywhere; how many counters were released. Raises Forbidden."""
    require("write", user)
    counters = list(counters_of_account(str(user)))
    with transaction.atomic():
        for counter in counters:
            lockout_release(counter, reason=reason)
    return len(counters)


def counters_of_account(name: str) -> QuerySet[FailureCounter]:
    """What is counted of an account, from whatever address; ``name`` as the counters write it, in any case."""
    return FailureCounter.objects.filter(name=countable(name), kind__in=_OF_ACCOUNTS)
