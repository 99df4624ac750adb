"""Errors outside DRF: HTML pages for people, the dialect for API paths. ``config.urls`` names the handlers."""

from __future__ import annotations

import sys
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.template.loader import render_to_string
from django.views.decorators.csrf import csrf_exempt

from config.context import current
from config.http import errors
from config.http.dialects import DEFAULT, dialect_of_path, response_of
from config.http.errors import Refusal
from config.http.translation import refusal_of, told

# API paths where a browser may land; there a caller that prefers HTML gets a page.
PAGE_PATHS = (
    "/auth/v3/oauth/authorize",
    "/auth/v3/oauth/end-session",
    "/auth/v3/sign-in",
    "/auth/v3/sign-out",
    "/auth/v3/consent",
    "/configuration/token",
    "/twofactor/enrol/",
)

_WITH_TEMPLATE = frozenset({400, 403, 404, 500, 503})


def prefers_html(request: HttpRequest) -> bool:
    """Whether the caller asks for HTML before JSON; ``*/*`` and silence do not."""
    return request.get_preferred_type(["application/json", "text/html"]) == "text/html"


def wants_page(request: HttpRequest) -> bool:
    """Whether an error on this request is answered by a page."""
    path = request.path
    if dialect_of_path(path) is None:
        return True
    return path.rstrip("/").startswith(PAGE_PATHS) and prefers_html(request)


def answer(request: HttpRequest, refusal: Refusal) -> HttpResponseBase:
    """``refusal`` as this caller should see it."""
    if wants_page(request):
        return error_page(refusal)
    return response_of(refusal, dialect_of_path(request.path) or DEFAULT)


def error_page(refusal: Refusal) -> HttpResponse:
    """A plain page with the public words and the request id. Uses neither database nor session: they may be down."""
    shown = refusal.status if refusal.status in _WITH_TEMPLATE else 500 if refusal.status > 500 else 400
    content = {"message": refusal.message, "status": refusal.status, "request_id": current().request_id}
    response = HttpResponse(render_to_string(f"errors/{shown}.html", content), status=refusal.status)
    response["Cache-Control"] = "no-store"
    for name, value in refusal.headers.items():
        response[name] = value
    response.deskgate_refusal = refusal  # type: ignore[attr-defined]
    return response


def handler400(request: HttpRequest, exception: Exception | None = None) -> HttpResponseBase:
    """Django's ``handler400``: suspicious requests, interrupted sessions, bodies too large."""
    return answer(request, told(exception, request) if exception else errors.BadRequest())


def handler403(request: HttpRequest, exception: Exception | None = None) -> HttpResponseBase:
    """Django's ``handler403``."""
    return answer(request, errors.Forbidden(reason=str(exception or "")))


def handler404(request: HttpRequest, exception: Exception | None = None) -> HttpResponseBase:
    """Django's ``handler404``."""
    return answer(request, errors.NotFound())


def handler500(request: HttpRequest) -> HttpResponseBase:
    """Django's ``handler500``: called inside the ``except`` block, so a lost database is still told apart (503)."""
    exception = sys.exc_info()[1]
    # Not `told`: Django has logged and signalled already.
    return answer(request, errors.Internal() if exception is None else refusal_of(exception))


@csrf_exempt  # nothing is changed here, and an API caller has no form
def not_found(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
    """A view for the catch-all at the end of each API prefix: 404 in the dialect, also with DEBUG on."""
    return answer(request, errors.NotFound())


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponseBase:
    """``CSRF_FAILURE_VIEW``."""
    words = "The form has expired or came from another site. Go back, reload the page and try again."
    return answer(request, errors.Forbidden(words, reason=f"CSRF: {reason}"))
