"""This room's refusals. Codes are those of the vendor's table of ``statusCode``."""

from __future__ import annotations

from config.http.errors import BadRequest, Busy, Forbidden, InUse, MissingParameter, NotFound


class MissingOrigin(MissingParameter):
    """400: every call names the page it comes from."""

    message = "The header 'Origin' is missing."


class OriginRefused(Forbidden):
    """403: pages of this origin are not let in."""

    message = "Requests of this origin are not allowed."


class CsrfRefused(Forbidden):
    """403: the session was begun with a CSRF token, and this request lacks it."""

    code = 3
    message = "Missing or invalid Csrf token"


class UnknownOperation(BadRequest):
    """400: no such ``operationName``, or not one of this server."""

    message = "This operation is not known here."


class ServerRefused(BadRequest):
    """400: the credentials may not be sent there; nothing was."""

    message = "This server is not one that credentials may be sent to."


class UnknownSeat(NotFound):
    """404: no such place or device in the agent's contact center, or a disabled one."""


class DeviceInUse(InUse):
    """409: another open session holds the device; it is named."""


class NoServerAnswered(Busy):
    """503: neither Recording Web Services answered."""

    message = "Recording Web Services do not answer. Try again in a moment."
