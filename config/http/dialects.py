"""One refusal, several wire formats: each group of paths keeps the dialect its real product speaks.

``oauth``          ``/auth/v3``, ``/environment/v3``: RFC 6749 §5.2 members beside the vendor's envelope
``recorder``       ``/api/v2``: ``statusCode`` and ``statusMessage``, nothing else
``configuration``  ``/configuration``, ``/twofactor``, ``/demo/outbox``: ``code`` and ``errors``
``history``        ``/history``, ``/server/data``, ``/backend/data``: ``code``, ``title``, ``description``
``xml``            ``/twofactor/services``: ``<error><code>…</code><message>…</message></error>``
"""

from __future__ import annotations

import re
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Literal
from xml.sax.saxutils import escape

from django.http import HttpResponse, JsonResponse

from config.http.challenges import plain_words
from config.http.errors import Refusal

Dialect = Literal["oauth", "recorder", "configuration", "history", "xml"]

DEFAULT: Dialect = "oauth"
HISTORY_JSON = "application/json; charset=UTF-8"
"""As the real service writes it, successes too."""
XML = "application/xml; charset=utf-8"

_PREFIXES: tuple[tuple[str, Dialect], ...] = (
    ("/auth/v3", "oauth"),
    ("/environment/v3", "oauth"),
    ("/.well-known", "oauth"),
    ("/livez", "oauth"),
    ("/readyz", "oauth"),
    ("/schema", "oauth"),
    ("/api/v2", "recorder"),
    ("/version", "recorder"),
    ("/ping", "recorder"),
    ("/configuration", "configuration"),
    ("/twofactor/services", "xml"),
    ("/twofactor", "configuration"),
    ("/demo/outbox", "configuration"),
    ("/server/data", "history"),
    ("/backend/data", "history"),
    ("/server/tracker", "history"),
    ("/backend/tracker", "history"),
    ("/history", "history"),
)


def dialect_of_path(path: str) -> Dialect | None:
    """The dialect that answers for ``path``; None where people's pages live (admin, docs, everything else)."""
    for prefix, dialect in _PREFIXES:
        if path == prefix or path.startswith(f"{prefix}/"):
            return dialect
    return None


def envelope(data: Any = None, path: str | None = None) -> dict[str, Any]:
    """The vendor's ``ApiResponse`` of a success: ``{"status": {"code": 0}, "data"?, "path"?}``."""
    body: dict[str, Any] = {"status": {"code": 0}}
    if data is not None:
        body["data"] = data
    if path is not None:
        body["path"] = path
    return body


def body_of(refusal: Refusal, dialect: Dialect = DEFAULT) -> dict[str, Any]:
    """The object that tells ``refusal`` in ``dialect``. Inner words (``reason``) are never in it."""
    return _BODIES[dialect](refusal)


def response_of(refusal: Refusal, dialect: Dialect = DEFAULT) -> HttpResponse:
    """The whole answer: body, status and headers. A refusal is never stored by anybody's cache."""
    body = body_of(refusal, dialect)
    response: HttpResponse = JsonResponse(body, status=refusal.status)
    if dialect == "xml":
        response = HttpResponse(_element("error", body), status=refusal.status, content_type=XML)
    response["Cache-Control"] = "no-store"
    if dialect == "history":
        response["Content-Type"] = HISTORY_JSON
    if dialect == "oauth":
        response["Pragma"] = "no-cache"
    for name, value in refusal.headers.items():
        response[name] = value
    response.deskgate_refusal = refusal  # type: ignore[attr-defined]
    return response


def _oauth(refusal: Refusal) -> dict[str, Any]:
    detail = dict(refusal.detail)
    if len(refusal.fields) == 1:
        detail.setdefault("field", refusal.fields[0].field)
    body: dict[str, Any] = {
        "error": refusal.error,
        "error_description": plain_words(refusal.message),
        "status": {"code": refusal.code, "message": refusal.message, "detail": detail},
    }
    if len(refusal.fields) > 1 or any(each.message != refusal.message for each in refusal.fields):
        body["errors"] = [
            {"status": {"code": refusal.code, "message": each.message, "detail": {"field": each.field}}}
            for each in refusal.fields
        ]
    return body


def _recorder(refusal: Refusal) -> dict[str, Any]:
    return {"statusCode": refusal.code, "statusMessage": refusal.message}


def _configuration(refusal: Refusal) -> dict[str, Any]:
    errors = [{"field": each.field, "code": each.code, "message": each.message} for each in refusal.fields]
    return {
        "code": refusal.string_code,
        "errors": errors or [{"field": "", "code": refusal.string_code, "message": refusal.message}],
    }


_MOST_TOLD = 20
"""Faults in the words of one refusal."""


def _history(refusal: Refusal) -> dict[str, Any]:
    # The real service titles its 401 "Not Authorized", not with the registered phrase.
    title = "Not Authorized" if refusal.status == 401 else HTTPStatus(refusal.status).phrase
    # The dialect has no list of fields: its words name them all.
    told = list(dict.fromkeys(each.message for each in refusal.fields)) or [refusal.message]
    return {"code": refusal.status, "title": title, "description": " ".join(told[:_MOST_TOLD])}


def _xml(refusal: Refusal) -> dict[str, Any]:
    return {"code": refusal.string_code, "message": refusal.message}


def _element(name: str, members: dict[str, str]) -> str:
    """One element with one child for each member. Characters that XML 1.0 cannot hold are replaced."""
    children = "".join(f"<{each}>{escape(_NOT_XML.sub(_REPLACED, text))}</{each}>" for each, text in members.items())
    return f"<{name}>{children}</{name}>\n"


_NOT_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_REPLACED = "\ufffd"

_BODIES: dict[Dialect, Callable[[Refusal], dict[str, Any]]] = {
    "oauth": _oauth,
    "recorder": _recorder,
    "configuration": _configuration,
    "history": _history,
    "xml": _xml,
}
