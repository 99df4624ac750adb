"""This room's refusals."""

from __future__ import annotations

from typing import Any

from config.http.errors import Busy, Conflict, NotFound, Unauthenticated


class NotAuthorized(Unauthenticated):
    """401: the pair is missing or wrong, locked out, or nobody can have the right one because the set is partial."""

    message = "The History API demands a user name and a password, and these are missing or wrong."

    def __init__(self, message: str | None = None, **rest: Any) -> None:
        super().__init__(message, challenge="basic", **rest)


class NoDefaultDoor(Busy):
    """503: no application stands behind the bare paths; ``history/default-application`` names it."""

    message = "No Web Engagement Server application answers here."

    def __init__(self, message: str | None = None, **rest: Any) -> None:
        super().__init__(message, **{"retry_after": 60} | rest)


class OfAnotherVisit(Conflict):
    """409: an event, page or session of this id is there already, in another visit."""

    message = "This id belongs to another visit."


class VisitIsFull(Conflict):
    """409: the visit has as many events as one may have."""

    message = "This visit has as many events as a visit may have."


class ImportOvertaken(Conflict):
    """409: another process imports the same file at the same time; never answered over HTTP."""

    message = "Another process imports this file."


class NothingToCopy(Conflict):
    """409: the server's options are no whole set that its clients could have."""

    word = "nothing_to_copy"
    message = "There is nothing to copy."


class NoSuchClient(NotFound):
    """404: no such client or door, or not clear which one; told by ``manage.py history_probe``."""

    message = "There is no such client."
