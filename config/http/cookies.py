"""Two session cookies: the desk's for the whole host, the admin's below ``/admin`` only.

A desktop's session opens no admin, and an admin form survives a sign-in at a desk. The stock session and CSRF
middleware stay and know one name each; this layer outside them renames (a CSRF middleware with two names cannot
work, for the admin wraps its views in the stock ``csrf_protect``).
"""

from __future__ import annotations

from collections.abc import Callable
from http.cookies import Morsel
from typing import Literal

from django.conf import settings
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest
from django.http.response import HttpResponseBase

SessionKind = Literal["desk", "admin"]

ADMIN_PATH = "/admin"
ADMIN_SESSION = "deskgate_admin"
ADMIN_CSRF = "deskgate_admin_csrf"


def kind_of_path(path: str) -> SessionKind:
    """Which of the two cookies counts on ``path``."""
    return "admin" if path == ADMIN_PATH or path.startswith(f"{ADMIN_PATH}/") else "desk"


class TwoCookieMiddleware:
    """Outside the session and CSRF middleware; sets ``request.session_kind``."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.names = {settings.SESSION_COOKIE_NAME: ADMIN_SESSION, settings.CSRF_COOKIE_NAME: ADMIN_CSRF}

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Rename on the way in and, on ``/admin``, back on the way out."""
        kind = kind_of_path(request.path_info)
        request.session_kind = kind  # type: ignore[attr-defined]
        sent = dict(request.COOKIES)
        for desk, admin in self.names.items():
            of_admin = sent.pop(admin, None)
            if kind == "admin":
                sent.pop(desk, None)
                if of_admin is not None:
                    sent[desk] = of_admin
        request.COOKIES = sent
        response = self.get_response(request)
        if kind == "admin":
            self._rename(response)
        return response

    def _rename(self, response: HttpResponseBase) -> None:
        for desk, admin in self.names.items():
            if desk not in response.cookies:
                continue
            old: Morsel[str] = response.cookies.pop(desk)
            response.cookies[admin] = old.value
            morsel = response.cookies[admin]
            morsel.update({name: value for name, value in old.items() if value != ""})
            morsel["path"] = ADMIN_PATH
            morsel["samesite"] = "Strict"


class KindSessionMiddleware(SessionMiddleware):
    """The stock session middleware; the store is told which cookie brought the key, before it loads anything."""

    def process_request(self, request: HttpRequest) -> None:
        """Attach the lazy session."""
        super().process_request(request)
        request.session.kind = getattr(request, "session_kind", "desk")  # type: ignore[attr-defined]
