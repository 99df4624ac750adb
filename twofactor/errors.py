"""This room's refusals."""

from __future__ import annotations

from config.http.errors import BadRequest, Conflict, NotFound, Refusal


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


class EnrolmentOver(Refusal):
    """410: a link to enrol by that is wrong, expired, used or tried too often; one wording for all."""

    status = 410
    code = 6
    error = "not_found"
    message = "This link is not valid, or not any more. Ask for another one."


class WrongFirstCode(BadRequest):
    """400: the first code of an authenticator is not the one that its seed gives now."""

    code = 10
    message = "This is not the code that the authenticator shows now."


class NoAuthenticator(Conflict):
    """409: the customer has no confirmed authenticator."""

    word = "no_authenticator"
    message = "This customer has no authenticator."
