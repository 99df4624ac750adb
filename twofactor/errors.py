"""This room's refusals."""

from __future__ import annotations

from config.http.errors import Conflict, NotFound


class NoSuchSession(NotFound):
    """404: no session of this id, or one that somebody else opened."""

    message = "There is no such session."


class OutOfOrder(Conflict):
    """409: the session waits for something else."""

    word = "out_of_order"
    message = "The session does not wait for this now."


class SessionEnded(Conflict):
    """409: the session is over."""

    word = "ended"
    message = "The session has ended."


class StillAnswering(Conflict):
    """409: the same request, sent before, is being answered at this moment."""

    word = "in_progress"
    message = "The same request is being answered."
