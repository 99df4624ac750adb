"""Request bodies are read before anything else happens, on threads that the server has beside the working ones.

A read of granian's ``wsgi.input`` cannot be interrupted, nor may the thread leave it: a caller who promises a body and
goes silent keeps a thread until he hangs up. So the server has ``READERS`` threads more than may work at once, bodies
are read by no more than that, and one address has no more than a share of them.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Condition
from time import monotonic

from config.http.errors import Busy

READERS = 8
OF_ADDRESS = 4
PATIENCE = 0.3
"""Seconds that a body waits for a reader while those before it come along."""
SLOW = 1.0
"""Seconds from which a body is slow: nobody waits for its reader."""


class BodyReaders:
    """The seats of bodies being read."""

    def __init__(self) -> None:
        self._changed = Condition()
        self._begun: dict[object, tuple[str, float]] = {}

    @contextmanager
    def seat(self, address: str) -> Iterator[None]:
        """Hold a seat while reading. Raises Busy (503 with Retry-After) when none becomes free soon."""
        me = object()
        with self._changed:
            self._wait(address)
            self._begun[me] = (address, monotonic())
        try:
            yield
        finally:
            with self._changed:
                del self._begun[me]
                self._changed.notify_all()

    def _wait(self, address: str) -> None:
        until = monotonic() + PATIENCE
        while self._full(address, since=monotonic()):
            left = until - monotonic()
            if left <= 0 or self._full(address, since=monotonic() - SLOW):
                raise Busy(reason="too many request bodies are unfinished")
            self._changed.wait(left)

    def _full(self, address: str, *, since: float) -> bool:
        """Whether the bodies begun before ``since`` leave no seat."""
        held = [whose for whose, begun in self._begun.values() if begun <= since]
        return len(held) >= READERS or held.count(address) >= OF_ADDRESS
