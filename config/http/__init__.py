"""The HTTP habits that every room shares. This package imports no app.

``principal_of(request)`` answers "who is asking?" for every view, DRF or plain.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from django.conf import settings
from django.http import HttpRequest
from django.utils.module_loading import import_string

from config.context import current, in_request
from config.principal import ANONYMOUS, Principal


def plain_request(request: Any) -> HttpRequest:
    """The Django request under a DRF one, or the request itself."""
    return cast(HttpRequest, getattr(request, "_request", request))


def principal_of(request: Any) -> Principal:
    """Who asks: what an authenticator or a view proved, else what the session cookie proves, else ``ANONYMOUS``.

    Only a proven principal is kept on the request, so that a view may sign somebody in and ask again.
    """
    plain = plain_request(request)
    known: Principal | None = getattr(plain, "deskgate_principal", None)
    if known is not None:
        return known
    principal = session_principal(plain)
    if principal.is_authenticated:
        set_principal(plain, principal)
    return principal


def session_principal(request: HttpRequest) -> Principal:
    """What the session cookie alone proves, whatever else was sent; ``ANONYMOUS`` without a live session."""
    dotted: str = getattr(settings, "DESKGATE_SESSION_PRINCIPAL", "")
    if not dotted or not hasattr(request, "session"):
        return ANONYMOUS
    of_session = cast(Callable[[HttpRequest], Principal], import_string(dotted))
    return of_session(request)


def set_principal(request: Any, principal: Principal) -> None:
    """Remember who was proven: on the request (CORS, access log) and in the request's context (changes, events)."""
    plain_request(request).deskgate_principal = principal  # type: ignore[attr-defined]
    if in_request():
        current().principal = principal
