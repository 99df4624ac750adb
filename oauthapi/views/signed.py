"""The two landing pages: signed in (without an application to go back to) and signed out."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from config.http.browsing import methods, page
from oauthapi.views.browser import AnyRedirect, proven_of_session, url_of


@methods("GET", "HEAD")
def signed_in(request: HttpRequest) -> HttpResponseBase:
    """Who is signed in, with a button to sign out."""
    proven = proven_of_session(request)
    if proven is None:
        return AnyRedirect(url_of("/sign-in"))
    return page(request, "oauthapi/signed_in.html", {"user": proven.user})


@methods("GET", "HEAD")
def signed_out(request: HttpRequest) -> HttpResponseBase:
    """Nobody is signed in any more."""
    return page(request, "oauthapi/signed_out.html", {})
