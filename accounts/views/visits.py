"""Who visits /configuration/token: a signed-in administrator, or somebody who is sent elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import urlencode

from accounts.models import User
from accounts.selectors import contact_centers_administered
from config.http import principal_of
from config.http.browsing import page
from config.principal import Principal
from environment.models import ContactCenter

CHOSEN = "contactCenter"
"""The parameter that names the chosen contact center, by its id."""


@dataclass(frozen=True, slots=True)
class Visit:
    """Who is here, the enabled contact centers where he administers credentials, and the one chosen (None: not yet)."""

    user: User
    principal: Principal
    contact_centers: tuple[ContactCenter, ...]
    chosen: ContactCenter | None


def visit_of(request: HttpRequest) -> Visit | HttpResponse:
    """Who visits; else the redirect to the sign-in page, or the page that says that there is nothing for him."""
    user = request.user
    principal = principal_of(request)
    if not isinstance(user, User) or request.session.get("user_epoch") is None:
        wanted = request.get_full_path() if request.method in ("GET", "HEAD") else address()
        response = redirect_to_login(wanted, settings.LOGIN_URL)
        response["Cache-Control"] = "no-store"
        return response
    centers = contact_centers_administered(principal)
    if not centers:
        context = {"user": user, "sign_in": sign_in_address()}
        return page(request, "accounts/token_nobody.html", context, status=403)
    sent = request.POST if request.method == "POST" else request.GET
    wanted = sent.get(CHOSEN, "")
    chosen = next((one for one in centers if str(one.pk) == wanted), None)
    if not wanted and len(centers) == 1:
        chosen = centers[0]
    return Visit(user, principal, centers, chosen)


def address(**query: Any) -> str:
    """The page's own path."""
    return reverse("configuration-token") + (f"?{urlencode(query)}" if query else "")


def sign_in_address() -> str:
    """Where somebody else signs in for this page."""
    return f"{settings.LOGIN_URL}?{urlencode({'next': address()})}"
