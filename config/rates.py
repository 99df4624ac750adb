"""How often somebody may ask: request-rate buckets in Django's cache, shared by all workers when it is Redis.

A bucket protects against load and guessing at speed; nothing that a check rests on (lockouts, one-time use) is kept
here. A cache that is away loosens a limit to one of each process, never to none.
"""

from __future__ import annotations

import logging
from collections import OrderedDict
from threading import Lock
from time import monotonic, time

from django.core.cache import cache

from config.encryption import keyed_hash

logger = logging.getLogger(__name__)

SPARE = 60
"""Seconds that a bucket outlives its window in the cache: the clocks of two machines differ a little."""
PAUSE = 1.0
"""Seconds without a question to a cache that failed: a Redis that hangs costs its timeout once, not every request."""
WARNING_EVERY = 60.0  # seconds
LOCAL_BUCKETS = 10_000


class LocalBuckets:
    """The buckets of this process, for when the cache is away. At most ``LOCAL_BUCKETS`` are remembered."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._counts: OrderedDict[str, int] = OrderedDict()

    def count(self, key: str, more: int = 1) -> int:
        """``more`` requests; the number of all. The bucket that was not asked for the longest time makes room."""
        with self._lock:
            count = self._counts.pop(key, 0) + more
            self._counts[key] = count
            if len(self._counts) > LOCAL_BUCKETS:
                self._counts.popitem(last=False)
            return count

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._counts.clear()


class CacheHealth:
    """Whether the cache is worth asking, and when its failure was last told of."""

    def __init__(self) -> None:
        self._away_until = 0.0
        self._told = -WARNING_EVERY

    def is_resting(self) -> bool:
        """Whether it failed less than ``PAUSE`` seconds ago."""
        return monotonic() < self._away_until

    def failed(self, error: Exception) -> None:
        """Remember it; one warning a minute. The error's words are left out: a URL of a cache may hold a password."""
        now = monotonic()
        self._away_until = now + PAUSE
        if now - self._told >= WARNING_EVERY:
            self._told = now
            logger.warning("the cache is away (%s): request rates are limited per process", type(error).__name__)


_local = LocalBuckets()
_health = CacheHealth()


def rate_take(name: str, subject: str, *, limit: int, seconds: int, count: int = 1) -> int:
    """Count one request of ``subject`` in bucket ``name``: at most ``limit`` in each window of ``seconds``.

    ``count``: of a request that brings several things at once, how many; they have room all together or not at all.

    Returns 0 when there is room, else the whole seconds until the window ends (at least 1). Windows are fixed, and the
    same for every subject and worker: in the worst case twice ``limit`` pass within one length of a window. Refused
    requests are counted too, but a window's end forgives all of them. Never raises for a cache that fails.
    """
    window, gone = divmod(int(time()), seconds)
    key = f"rate:{name}:{seconds}:{window}:{keyed_hash(subject.encode(errors='backslashreplace'), purpose='rates')}"
    return 0 if _counted(key, seconds, count) <= limit else seconds - gone


def _counted(key: str, seconds: int, count: int) -> int:
    if not _health.is_resting():
        try:
            return _counted_in_cache(key, seconds + SPARE, count)
        except Exception as error:  # noqa: BLE001 - every backend has errors of its own, and none may end a request
            _health.failed(error)
    return _local.count(key, count)


def _counted_in_cache(key: str, seconds: int, count: int) -> int:
    try:
        return cache.incr(key, count)
    except ValueError:  # not there yet; of several who find that, one adds it and all of them count
        cache.add(key, 0, timeout=seconds)
        return cache.incr(key, count)
