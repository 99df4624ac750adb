"""Any exception to a refusal: Django's, DRF's, the database's and our own, in one table of rules."""

from __future__ import annotations

import logging
from typing import Any

from django.core.exceptions import (
    BadRequest as DjangoBadRequest,
)
from django.core.exceptions import (
    PermissionDenied,
    RequestDataTooBig,
    SuspiciousOperation,
    ValidationError,
)
from django.core.signals import got_request_exception
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.http.request import RawPostDataException
from rest_framework import exceptions as drf

from config.http import errors
from config.http.errors import FieldError, Refusal

logger = logging.getLogger("deskgate.http")

# SQLite reports our own mistakes by the same class as a locked or lost database.
_SQLITE_MISTAKES = ("no such ", "near ", "incomplete input", "unrecognized token", "too many ", "wrong number of ")

_UNREADABLE = (SuspiciousOperation, DjangoBadRequest, UnreadablePostError, MultiPartParserError, RawPostDataException)


def refusal_of(exception: BaseException) -> Refusal:
    """The refusal that tells ``exception`` to the caller; ``Internal`` for whatever nobody foresaw."""
    if isinstance(exception, Refusal):
        return exception
    if isinstance(exception, OperationalError | InterfaceError):
        return _of_database(exception)
    if isinstance(exception, Http404):
        return errors.NotFound(reason=str(exception))
    if isinstance(exception, PermissionDenied):
        return errors.Forbidden(reason=str(exception))
    if isinstance(exception, RequestDataTooBig):
        return errors.PayloadTooLarge()
    if isinstance(exception, ValidationError):
        return errors.ValidationRefused(fields=_fields_of_django(exception))
    if isinstance(exception, _UNREADABLE):
        # SessionInterrupted is here too: the session's row died while its request ran.
        return errors.BadRequest(reason=f"{type(exception).__name__}: {exception}")
    if isinstance(exception, drf.APIException):
        return _of_drf(exception)
    return errors.Internal(reason=type(exception).__name__)


def told(exception: BaseException, request: HttpRequest) -> Refusal:
    """``refusal_of`` for an answer about to be sent: our own faults are logged once, with traceback."""
    refusal = refusal_of(exception)
    if isinstance(refusal, errors.Internal) and not isinstance(exception, Refusal):
        logger.error("unexpected", exc_info=exception, extra={"path": request.path})
        # Monitoring tools listen to this signal, and Django's test client raises what we just answered with 500.
        got_request_exception.send(sender=None, request=request)
    elif refusal.status == 503:
        logger.warning("unavailable", extra={"path": request.path, "cause": f"{type(exception).__name__}: {exception}"})
    return refusal


def _of_database(exception: Exception) -> Refusal:
    words = str(exception)
    if words.startswith(_SQLITE_MISTAKES):
        return errors.Internal(reason=words)
    return errors.Busy(reason=f"{type(exception).__name__}: {words}")


def _fields_of_django(exception: ValidationError) -> list[FieldError]:
    by_field = exception.error_dict if hasattr(exception, "error_dict") else {"": exception.error_list}
    return [
        FieldError("" if name == "__all__" else name, each.code or "invalid", " ".join(each.messages))
        for name, found in by_field.items()
        for each in found
    ]


def _of_drf(exception: drf.APIException) -> Refusal:
    headers: dict[str, str] = {}
    if isinstance(exception, drf.ValidationError):
        return errors.ValidationRefused(fields=fields_of_detail(exception.detail))
    if isinstance(exception, drf.NotAuthenticated | drf.AuthenticationFailed):
        challenge = getattr(exception, "auth_header", None)
        if challenge:
            headers["WWW-Authenticate"] = challenge
        presented = isinstance(exception, drf.AuthenticationFailed)
        return errors.Unauthenticated(presented=presented, headers=headers, reason=str(exception.detail))
    if isinstance(exception, drf.Throttled):
        return errors.TooMany(retry_after=int(getattr(exception, "wait", None) or 60))
    for kind, refusal in _DRF.items():
        if isinstance(exception, kind):
            return refusal(reason=str(exception.detail))
    if exception.status_code >= 500:
        return errors.Internal(reason=str(exception.detail))
    return errors.BadRequest(reason=str(exception.detail))


_DRF: dict[type[drf.APIException], type[Refusal]] = {
    drf.ParseError: errors.BadRequest,
    drf.PermissionDenied: errors.Forbidden,
    drf.NotFound: errors.NotFound,
    drf.MethodNotAllowed: errors.MethodNotAllowed,
    drf.NotAcceptable: errors.NotAcceptable,
    drf.UnsupportedMediaType: errors.UnsupportedMedia,
}


def fields_of_detail(detail: Any, name: str = "") -> list[FieldError]:
    """DRF's nested ``detail`` as a flat list; inner names are joined by dots (``data.redirectURIs.0``)."""
    if isinstance(detail, dict):
        return [
            found
            for key, inner in detail.items()
            for found in fields_of_detail(inner, name if key == "non_field_errors" else _joined(name, str(key)))
        ]
    if isinstance(detail, list):
        found: list[FieldError] = []
        for position, inner in enumerate(detail):
            nested = isinstance(inner, dict | list)
            found += fields_of_detail(inner, _joined(name, str(position)) if nested else name)
        return found
    return [FieldError(name, str(getattr(detail, "code", "invalid")), str(detail))]


def _joined(outer: str, inner: str) -> str:
    return f"{outer}.{inner}" if outer else inner
