"""POST and GET /auth/v3/sign-out."""

from __future__ import annotations

from typing import ClassVar
from urllib.parse import urlsplit

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.models import User
from accounts.services.sessions import session_end, sign_out_everywhere
from activity.services import event_record
from config.http import plain_request, session_principal, set_principal
from config.http.browsing import page
from config.http.cors import canonical_origin, is_open_to_eavesdroppers
from config.http.dialects import envelope
from config.http.errors import Forbidden
from config.http.pages import prefers_html
from config.http.views import ApiView
from oauthapi.cors import principal_allows
from oauthapi.flows.sign_out import allowed_destination, bearer_sign_out, is_global
from oauthapi.redirects import origin_of
from oauthapi.selectors import BearerFacts
from oauthapi.serializers import ApiResponseSerializer, OAuthErrorSerializer
from oauthapi.views.browser import AnyRedirect, issuer_url, url_of

_GLOBAL = OpenApiParameter("global", bool, default=False, description="Everything of the user, on every client.")
_REDIRECT = OpenApiParameter("redirectUri", str, description="Where to go, when it is registered.")
_ERRORS = dict.fromkeys((400, 401, 403, 503), OAuthErrorSerializer)
_ANSWERS = {200: ApiResponseSerializer, 303: None} | _ERRORS
_PAGES = _ANSWERS | {(200, "text/html"): str, 302: None}


class SignOutView(ApiView):
    """End this token, its family and the session that came with it; with ``global`` everything of the user."""

    # No HEAD: asking is not signing out.
    http_method_names = ["get", "post", "options"]
    proofs: ClassVar[tuple[str, ...]] = ("bearer",)
    required: ClassVar[bool] = False

    @extend_schema(operation_id="signOut", request=None, parameters=[_GLOBAL], responses=_ANSWERS)
    def post(self, request: Request) -> HttpResponseBase:
        """By bearer, or by the session cookie from one of our pages or a registered origin."""
        plain = plain_request(request)
        if request.auth is None and _session_user(plain) is not None:
            _require_own_origin(plain)
        return self._end(request, everywhere=is_global(plain.GET.get("global", "")))

    @extend_schema(operation_id="signOut1", request=None, parameters=[_GLOBAL, _REDIRECT], responses=_PAGES)
    def get(self, request: Request) -> HttpResponseBase:
        """The same for browsers: a cookie alone asks on a page first, and never signs out everywhere."""
        plain = plain_request(request)
        everywhere = is_global(plain.GET.get("global", ""))
        user = _session_user(plain)
        if request.auth is None and user is not None:
            everywhere = False
            if not _referred_by_registered_page(plain):
                if _wants_json(plain):
                    raise Forbidden("By cookie alone, sign out with POST.", reason="no registered Referer")
                asked = plain.GET.get("redirectUri", "")
                target = allowed_destination(asked, client=None, user=user)
                return page(plain, "oauthapi/sign_out.html", {"user": user, "redirect_uri": asked}, target=target)
        return self._end(request, everywhere=everywhere)

    def _end(self, request: Request, *, everywhere: bool) -> HttpResponseBase:
        plain = plain_request(request)
        user = _session_user(plain)
        asked = plain.GET.get("redirectUri", "") or plain.POST.get("redirectUri", "")
        if request.auth is None and user is None:
            if prefers_html(plain) and plain.method == "GET":
                return page(plain, "oauthapi/signed_out.html", {})
            self.challenge(request)
        facts: BearerFacts | None = request.auth  # type: ignore[assignment]
        destination = allowed_destination(asked, client=facts.client.row if facts else None, user=user)
        if facts is not None:
            bearer_sign_out(facts, everywhere=everywhere)
        elif user is not None and everywhere:
            sign_out_everywhere(user, by_himself=True)
        if user is not None:
            event_record(
                name="sign-out", user_name=str(user), contact_center_id=user.contact_center_id, detail={"session": True}
            )
            session_end(plain)
        if destination:
            return AnyRedirect(destination, status=302 if plain.method == "GET" else 303)
        if prefers_html(plain):
            return AnyRedirect(url_of("/signed-out"), status=303)
        return Response(envelope())


def _wants_json(request: HttpRequest) -> bool:
    """Whether the caller names JSON and not HTML: a program would take the question's page for a success."""
    accepted = request.headers.get("Accept", "")
    return "application/json" in accepted and "text/html" not in accepted


def _session_user(request: HttpRequest) -> User | None:
    """The user whose session cookie came with the request, made known as its principal when nobody else is."""
    user = request.user
    if not isinstance(user, User):
        return None
    if not hasattr(request, "deskgate_principal"):
        set_principal(request, session_principal(request))
    return user


def _require_own_origin(request: HttpRequest) -> None:
    """A cookie is sent by any page: the post must come from ours or from an origin registered for this user.

    Browsers send ``Origin`` with every post; a caller without one holds the cookie itself and is no forged page.
    """
    origin = request.headers.get("Origin")
    if origin is None:
        site = request.headers.get("Sec-Fetch-Site", "none")
        if site in ("same-origin", "none"):
            return
        raise Forbidden("The request did not come from a known page.", reason=f"Sec-Fetch-Site: {site}")
    own = {origin_of(issuer_url("")), f"{request.scheme}://{request.get_host()}"}
    if origin in own or _is_trusted(origin, request):
        return
    raise Forbidden("The request did not come from a known page.", reason=f"Origin: {origin}")


def _referred_by_registered_page(request: HttpRequest) -> bool:
    referer = request.headers.get("Referer", "")
    try:
        origin = canonical_origin(origin_of(referer)) if urlsplit(referer).netloc else None
    except (ValueError, UnicodeError):
        return False
    return bool(origin) and _is_trusted(str(origin), request)


def _is_trusted(origin: str, request: HttpRequest) -> bool:
    """Registered for the session's user, and nobody on the way could have written its page."""
    return not is_open_to_eavesdroppers(origin) and principal_allows(origin, session_principal(request))
