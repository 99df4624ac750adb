"""Logins of one agent, one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

_turns = tuple(Lock() for _ in range(64))


@contextmanager
def turn_of(agent_key: str) -> Iterator[None]:
    """One login of an agent at a time in this process: two at once would leave the cookie of a dead session."""
    with _turns[hash(agent_key) % len(_turns)]:
        yield
