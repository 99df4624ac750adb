"""The words of the state table."""

from __future__ import annotations

from enum import StrEnum
from typing import TypeAlias


class Stage(StrEnum):
    """The states of E.2. Sessions wait in SELECT and ENTER only."""

    START = "start"
    CHECK = "check"
    SELECT = "select"
    ISSUE = "issue"
    ENTER = "enter"
    VERIFY = "verify"


class Event(StrEnum):
    """What happens in a state."""

    ARRIVE = "arrive"
    SUCCESS = "success"
    NOT_FOUND = "not found"
    INCORRECT = "incorrect code"
    STATUS = "another status"
    FAILED = "failed"
    CHOICE = "choice"
    NO_INPUT = "no input"
    SENDS_USED_UP = "sends used up"
    LIMITED = "limited"
    ACCEPTED = "accepted or unknown"
    CODE = "code"
    RESEND = "resend"
    LOCKED = "locked"
    DEAD = "no code that could be right"
    WRONG = "wrong"
    WRONG_LAST = "wrong for the last time"
    EXPIRED = "expired"
    HANG_UP = "hang-up"
    TIME_OVER = "time over"


Next: TypeAlias = tuple[Stage, Event] | None
"""The stage and event that follow; None: the flow waits, or has ended."""
ANY = None
"""A row of every stage."""
