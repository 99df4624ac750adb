"""Argon2id for what people choose, few at a time: a login storm must not starve token checks."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher

from config.context import in_request
from config.http.errors import Busy

PATIENCE = 2.0
"""Seconds that a request waits for its turn to hash."""


class HashingGate:
    """At most ``permits`` hashes at once in this process; of those waiting only so many, for each holds a thread."""

    def __init__(self, permits: int, waiters: int) -> None:
        self._turn = threading.BoundedSemaphore(permits)
        self._room = threading.BoundedSemaphore(permits + waiters)

    @contextmanager
    def passed(self) -> Iterator[None]:
        """Hold a permit; ``Busy`` (503) after ``PATIENCE`` or at once when too many wait already."""
        if not self._room.acquire(blocking=False):
            raise Busy("Too many sign-ins at once.", reason="hashing queue is full", retry_after=2)
        try:
            if not self._turn.acquire(timeout=PATIENCE):
                raise Busy("Too many sign-ins at once.", reason="waited for a hashing permit in vain", retry_after=2)
            try:
                yield
            finally:
                self._turn.release()
        finally:
            self._room.release()


def _gate() -> HashingGate:
    permits = max(1, (os.cpu_count() or 1) - 1)
    return HashingGate(permits, max(1, settings.DESKGATE_THREADS // 2))


_the_gate: HashingGate | None = None
_making = threading.Lock()


@contextmanager
def hashing_permit() -> Iterator[None]:
    """Hold this process' permit while hashing in a request; commands hash as they like."""
    global _the_gate  # noqa: PLW0603 - made once per process, at its first use
    if not in_request():
        yield
        return
    with _making:
        _the_gate = _the_gate or _gate()
    with _the_gate.passed():
        yield


class DeskgateArgon2(Argon2PasswordHasher):
    """OWASP's second profile: 19 MiB, t=2, p=1; 20 to 28 ms where docs/performance.md was measured."""

    time_cost = 2
    memory_cost = 19_456
    parallelism = 1

    def encode(self, password: str, salt: str) -> str:
        with hashing_permit():
            return super().encode(password, salt)

    def verify(self, password: str, encoded: str) -> bool:
        with hashing_permit():
            return super().verify(password, encoded)

    def harden_runtime(self, password: str, encoded: str) -> None:
        """Nothing to make up for: a hash of another cost is renewed at the next sign-in."""
