"""What the pages of this room share: the browser's binding cookie, the stored request, who is signed in."""

from __future__ import annotations

import secrets
from datetime import datetime
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from accounts.models import User
from oauthapi.errors import Gone
from oauthapi.models import AuthorizationRequest
from oauthapi.services.codes import Proven
from oauthapi.services.requests import request_load

COOKIE = "deskgate_browser"


class AnyRedirect(HttpResponseRedirect):
    """A redirect to a validated URI, whose scheme may be an app's own."""

    def __init__(self, location: str, *, status: int = 302) -> None:
        self.allowed_schemes = [location.split(":", 1)[0]]
        super().__init__(location, status=status)
        self["Cache-Control"] = "no-store"


def binding_of(request: HttpRequest) -> str:
    """This browser's binding; a fresh one when it has none."""
    value = request.COOKIES.get(COOKIE, "")
    return value if 32 <= len(value) <= 64 else secrets.token_urlsafe(24)


def bind(response: HttpResponse, browser: str) -> None:
    """Give the browser its binding for the sign-in pages."""
    response.set_cookie(
        COOKIE, browser, path="/auth/v3", httponly=True, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
    )


def asked_id(request: HttpRequest) -> str:
    """The id of the stored request that this page is about, as sent."""
    return request.POST.get("request") or request.GET.get("request", "")


def waiting_request(request: HttpRequest) -> AuthorizationRequest:
    """The stored request that this page is about. Raises Gone."""
    row = request_load(asked_id(request), request.COOKIES.get(COOKIE, ""))
    if row is None:
        raise Gone(reason="no waiting request of this id and browser")
    return row


def proven_of_session(request: HttpRequest) -> Proven | None:
    """The user signed in on this browser, under the epochs that his session proved; None without one."""
    user = request.user
    if not isinstance(user, User):
        return None
    session = request.session
    if session.get("proved_at") is None or session.get("user_epoch") is None:
        return None
    return Proven(
        user, session["user_epoch"], session["installation_epoch"], datetime.fromisoformat(session["proved_at"])
    )


def url_of(path: str, **query: str) -> str:
    """An address of ours, by PUBLIC_URL-less path so that it stays on the host the browser uses."""
    return f"/auth/v3{path}" + (f"?{urlencode(query)}" if query else "")


def issuer_url(path: str) -> str:
    """An address of ours for others, from PUBLIC_URL."""
    return f"{settings.DESKGATE_PUBLIC_URL}/auth/v3{path}"
