"""What the pages for people share, in whatever room they stand: methods, CSRF asked by the view itself, a page that
nothing keeps, and paths of ours where a sign-in may lead.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import unquote, urlsplit

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.csrf import CsrfViewMiddleware
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_exempt

from config.http.cookies import kind_of_path
from config.http.csp import allow_form_target
from config.http.errors import BadRequest, MethodNotAllowed

View = Callable[[HttpRequest], HttpResponseBase]

LONGEST_PATH = 2000
_PLAIN = re.compile(r"[!-~]*")
"""Printable ASCII: what a browser sends as an address. Neither blank nor control character."""
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def methods(*allowed: str) -> Callable[[View], View]:
    """Refuse every other method with 405 in the dialect; Django's own decorator would answer without a body."""

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest) -> HttpResponseBase:
            if request.method not in allowed:
                raise MethodNotAllowed(allowed=allowed)
            return view(request)

        return guarded

    return decorate


def own_csrf(view: View) -> View:
    """The view asks ``is_forged`` itself, so that a form made old by another tab's sign-in is shown again.

    It is handed forms of storable text only: what another charset made of the bytes may hold NUL or half a character.
    """

    @wraps(view)
    def guarded(request: HttpRequest) -> HttpResponseBase:
        for name, values in request.POST.lists():
            for text in (name, *values):
                if _UNSTORABLE.search(str(text)):
                    raise BadRequest("The form holds characters that no text has.")
        return view(request)

    return csrf_exempt(guarded)


def is_forged(request: HttpRequest) -> bool:
    """Whether a POST lacks the CSRF token or comes from another origin: Django's own check."""
    return CsrfViewMiddleware(_no_answer).process_view(request, _no_answer, (), {}) is not None


def _no_answer(request: HttpRequest) -> HttpResponse:
    """Stands where the check wants a view; never called."""
    return HttpResponse()


def page(
    request: HttpRequest, template: str, context: dict[str, Any], *, target: str = "", status: int = 200
) -> HttpResponse:
    """A page that nothing keeps; ``target`` is the redirect URI its form may end at."""
    response = render(request, template, context, status=status)
    response["Cache-Control"] = "no-store"
    if target:
        allow_form_target(response, target)
    return response


def own_path(text: str) -> str:
    """``text`` when it is an absolute path of this server for people outside the admin, else nothing.

    Whatever a browser could read as another host is refused: ``//``, backslashes, control characters, a scheme. So are
    dot segments, which it would resolve, so that nothing leads below ``/admin`` by a detour.
    """
    if not text.startswith("/") or "//" in text or len(text) > LONGEST_PATH or not _PLAIN.fullmatch(text):
        return ""
    plain = unquote(urlsplit(text).path)
    if "//" in plain or "\\" in unquote(text) or not plain.isprintable():
        return ""
    if not url_has_allowed_host_and_scheme(text, allowed_hosts=None):
        return ""
    is_detour = not {".", ".."}.isdisjoint(plain.split("/"))
    return "" if is_detour or kind_of_path(plain) == "admin" else text
