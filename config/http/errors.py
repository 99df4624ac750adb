"""The refusals every room shares: raise deep, answer once (``config.http.dialects``).

A refusal has public words (``message``) and, apart from them, inner words for log and events (``reason``). Rooms
subclass these in their ``errors.py`` and set the class attributes. docs/errors.md lists all of them with their numbers.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from config.http.challenges import REALM, Challenge, challenge_header
from config.http.refusal import FieldError as FieldError
from config.http.refusal import Refusal as Refusal


class BadRequest(Refusal):
    """400: the request cannot be read."""

    word = "validation_error"
    message = "The request is malformed."


class MalformedJson(BadRequest):
    """400: the body is not the JSON we read (``config.http.json`` names what and where)."""

    word = "malformed_json"
    message = "The request body is not valid JSON."


class MissingParameter(BadRequest):
    """400, code 1: a parameter that is needed is not there."""

    code = 1
    field_code = "required"
    message = "A required parameter is missing."


class InvalidParameter(BadRequest):
    """400, code 2: a parameter has a value that cannot be taken."""

    message = "A parameter is invalid."


class ValidationRefused(BadRequest):
    """400, code 10: values fail validation; ``fields`` names every one of them."""

    code = 10
    message = "Some values are not valid."


class Unauthenticated(Refusal):
    """401, code 20, with the challenge of RFC 9110 §11.6.1; with a Basic challenge the word is ``unauthorized``.

    ``challenge`` is the scheme to ask for. ``presented`` says that a credential was sent and failed: only then does a
    bearer challenge carry an error code (RFC 6750 §3.1).
    """

    status = 401
    code = 20
    error = "invalid_token"
    word = "not_authenticated"
    message = "Authentication is required."
    challenge: Challenge = "bearer"

    def __init__(
        self,
        message: str | None = None,
        *,
        challenge: Challenge | None = None,
        presented: bool = False,
        realm: str = REALM,
        **rest: Any,
    ) -> None:
        super().__init__(message, **rest)
        self.challenge = challenge or type(self).challenge
        self.presented = presented
        if self.challenge == "basic" and self.error == "invalid_token":
            self.error = "unauthorized"
        if self.challenge == "bearer":
            words = {"error": self.error, "error_description": self.message} if presented else {}
            self.headers.setdefault("WWW-Authenticate", challenge_header("Bearer", realm=realm, **words))
        elif self.challenge == "basic":
            self.headers.setdefault("WWW-Authenticate", challenge_header("Basic", realm=realm, charset="UTF-8"))


class Forbidden(Refusal):
    """403, code 5: known, but without permission."""

    status = 403
    code = 5
    error = "access_denied"
    word = "forbidden"
    message = "You have no permission to do this."


class InsufficientScope(Forbidden):
    """403 for a token whose scope does not reach (RFC 6750 §3.1); ``scope`` is what would."""

    error = "insufficient_scope"
    word = "insufficient_scope"

    def __init__(self, message: str | None = None, *, scope: str, **rest: Any) -> None:
        super().__init__(message, **rest)
        challenge = challenge_header("Bearer", realm=REALM, error=self.error, scope=scope)
        self.headers.setdefault("WWW-Authenticate", challenge)


class NotFound(Refusal):
    """404, code 6: no such path or object, or none that the caller may know of."""

    status = 404
    code = 6
    error = "not_found"
    message = "There is nothing here."


class MethodNotAllowed(Refusal):
    """405, code 3, with ``Allow``."""

    status = 405
    code = 3
    error = "invalid_request"
    word = "method_not_allowed"
    message = "This method is not allowed here."

    def __init__(self, message: str | None = None, *, allowed: Sequence[str] = (), **rest: Any) -> None:
        super().__init__(message, **rest)
        self.headers.setdefault("Allow", ", ".join(allowed))


class NotAcceptable(Refusal):
    """406, only where more than one format is served (the schema)."""

    status = 406
    word = "not_acceptable"
    message = "No format that you accept is served here."


class Conflict(Refusal):
    """409, code 18: exists already."""

    status = 409
    code = 18
    error = "invalid_request"
    word = "exists"
    message = "This exists already."


class InUse(Conflict):
    """409, code 19: in use by something else."""

    code = 19
    word = "in_use"
    message = "This is in use."


class PayloadTooLarge(Refusal):
    """413: the body is longer than we read."""

    status = 413
    word = "payload_too_large"
    message = "The request body is too large."


class UnsupportedMedia(Refusal):
    """415: the body's media type is not read here."""

    status = 415
    word = "unsupported_media_type"
    message = "This media type is not read here."


class TooMany(Refusal):
    """429 with ``Retry-After`` in seconds (default 60)."""

    status = 429
    code = 3
    error = "temporarily_unavailable"
    word = "too_many_requests"
    message = "Too many requests. Try again later."

    def __init__(self, message: str | None = None, *, retry_after: int = 60, **rest: Any) -> None:
        super().__init__(message, retry_after=retry_after, **rest)


class Internal(Refusal):
    """500, code 4: our own fault; the traceback is in the log under the request id, never in the answer."""

    status = 500
    code = 4
    error = "server_error"
    word = "internal_error"
    message = "Something went wrong on our side."


class Busy(Refusal):
    """503, code 4, with ``Retry-After`` in seconds (default 2): the database is unreachable or a queue is full."""

    status = 503
    code = 4
    error = "temporarily_unavailable"
    message = "The service is busy. Try again in a moment."

    def __init__(self, message: str | None = None, *, retry_after: int = 2, **rest: Any) -> None:
        super().__init__(message, retry_after=retry_after, **rest)
