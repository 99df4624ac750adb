"""GET and POST /auth/v3/oauth/end-session (OpenID Connect RP-Initiated Logout 1.0)."""

from __future__ import annotations

from typing import ClassVar
from urllib.parse import urlencode

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request

from accounts.models import User
from accounts.services.sessions import session_end
from activity.services import event_record
from config.http import plain_request, session_principal, set_principal
from config.http.browsing import is_forged, page
from config.http.errors import Refusal
from config.http.pages import answer
from config.http.translation import told
from config.http.views import ApiView
from oauthapi.flows.end_session import EndSession, end_session_asked, family_of_hint_revoke
from oauthapi.serializers import EndSessionRequestSerializer, OAuthErrorSerializer
from oauthapi.views.browser import AnyRedirect, proven_of_session, url_of

_PARAMETERS = [
    OpenApiParameter("id_token_hint", str, description="The ID token of the sign-in; an expired one will do."),
    OpenApiParameter("client_id", str, description="The client, when there is no ID token."),
    OpenApiParameter("post_logout_redirect_uri", str, description="Where to go, exactly as registered."),
    OpenApiParameter("state", str),
]
_ANSWERS = {(200, "text/html"): str, 302: None, 303: None, 400: OAuthErrorSerializer, (400, "text/html"): str}
_FORMS = dict.fromkeys(("application/x-www-form-urlencoded", "multipart/form-data"), EndSessionRequestSerializer)


class EndSessionView(ApiView):
    """Sign the browser out for a client, and go back to it; a page asks first when no ID token says who is meant."""

    # No HEAD: asking is not signing out.
    http_method_names = ["get", "post", "options"]
    proofs: ClassVar[tuple[str, ...]] = ()
    required: ClassVar[bool] = False

    @extend_schema(operation_id="endSession", request=None, parameters=_PARAMETERS, responses=_ANSWERS)
    def get(self, request: Request) -> HttpResponseBase:
        """302 to the post-logout URI, the signed-out page, or the question."""
        plain = plain_request(request)
        return _end(plain, plain.META.get("QUERY_STRING", "").encode("latin-1"))

    @extend_schema(operation_id="postEndSession", request=_FORMS, responses=_ANSWERS)
    def post(self, request: Request) -> HttpResponseBase:
        """The same with a form body; the question's own answer comes here too."""
        plain = plain_request(request)
        if _from_elsewhere(plain):
            # Lax cookies stay away from another site's POST: the session comes with a GET.
            return _asked_again_by_get(plain, _form(plain))
        confirmed = plain.POST.get("confirm") == "yes" and not is_forged(plain)
        return _end(plain, _form(plain), confirmed=confirmed)


def _end(request: HttpRequest, raw: bytes, *, confirmed: bool = False) -> HttpResponseBase:
    try:
        asked = end_session_asked(raw)
    except Refusal as refused:
        return answer(request, told(refused, request))
    user = request.user
    if isinstance(user, User):
        set_principal(request, session_principal(request))
        proven = proven_of_session(request)
        meant = proven is not None and asked.is_of(user, proven.auth_time)
        if not (confirmed or meant):
            context = {"user": user, "params": asked.params, "elsewhere": bool(asked.target)}
            return page(request, "oauthapi/end_session.html", context, target=asked.target)
        if asked.hint and asked.hint.subject == user.subject:
            family_of_hint_revoke(asked, user)
        event_record(
            name="sign-out",
            user_name=str(user),
            client_id=asked.client_id,
            contact_center_id=user.contact_center_id,
            detail={"session": True, "by": "client"},
        )
        session_end(request)
    return AnyRedirect(asked.target or url_of("/signed-out"), status=302 if request.method == "GET" else 303)


def _from_elsewhere(request: HttpRequest) -> bool:
    """Whether another site posted; browsers that do not say so are taken at the cookies they sent."""
    site = request.headers.get("Sec-Fetch-Site", "")
    return site == "cross-site" or (site == "" and not isinstance(request.user, User))


def _form(request: HttpRequest) -> bytes:
    """The posted fields of either form encoding, as a query string."""
    return urlencode([(name, value) for name, values in request.POST.lists() for value in values]).encode()


def _asked_again_by_get(request: HttpRequest, raw: bytes) -> HttpResponseBase:
    try:
        asked: EndSession = end_session_asked(raw)
    except Refusal as refused:
        return answer(request, told(refused, request))
    return AnyRedirect(url_of("/oauth/end-session", **dict(asked.params)), status=303)
