"""The content security policy. Tried: the stock admin and the API docs violate none of it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.http.response import HttpResponseBase

SELF = "'self'"
NONE = "'none'"

# For settings: CONTENT_SECURITY_POLICY = {"DIRECTIVES": DIRECTIVES}
DIRECTIVES: dict[str, Any] = {
    "default-src": [NONE],
    "script-src": [SELF],
    "style-src": [SELF],
    "font-src": [SELF],
    "connect-src": [SELF],
    "form-action": [SELF],
    "manifest-src": [SELF],
    # `data:` for the icons inside Swagger's stylesheet.
    "img-src": [SELF, "data:"],
    "frame-ancestors": [NONE],
    "base-uri": [NONE],
    "object-src": [NONE],
}


def form_action_source(redirect_uri: str) -> str:
    """The source expression for a validated redirect URI: canonical origin, ``http://127.0.0.1:*`` or ``scheme:``.

    Empty when the URI cannot be written as one; the policy then stays at ``'self'``.
    """
    try:
        parts = urlsplit(redirect_uri)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return ""
    if parts.scheme not in ("http", "https"):
        return f"{parts.scheme}:" if parts.scheme.replace("+", "").replace(".", "").replace("-", "").isalnum() else ""
    if not host or not all(character.isalnum() or character in "-._:" for character in host) or not host.isascii():
        return ""
    shown = f"[{host}]" if ":" in host else host
    if host in ("127.0.0.1", "::1"):
        return f"{parts.scheme}://{shown}:*"
    return f"{parts.scheme}://{shown}" + (f":{port}" if port else "")


def allow_form_target(response: HttpResponseBase, redirect_uri: str) -> None:
    """Let the form on this page end, after redirects, at ``redirect_uri``.

    Chromium checks every hop after the POST; without this it blocks the redirect when the code is already burnt.
    """
    source = form_action_source(redirect_uri)
    if source:
        response._csp_update = {"form-action": [source]}  # type: ignore[attr-defined]  # noqa: SLF001 - django-csp's protocol
