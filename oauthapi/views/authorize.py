"""GET and POST /auth/v3/oauth/authorize, and where a stored request goes on."""

from __future__ import annotations

from typing import ClassVar

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request

from accounts.errors import ProofRefused
from accounts.selectors import Login
from accounts.services.proofs import password_prove_basic
from activity.services import event_record
from config.http import plain_request
from config.http.authorization import authorization_of, basic_of
from config.http.browsing import methods
from config.http.errors import Refusal, Unauthenticated
from config.http.pages import answer
from config.http.translation import told
from config.http.views import ApiView
from oauthapi.errors import Gone, PasswordChangeRequired
from oauthapi.flows.asking import needs
from oauthapi.flows.authorize import AuthorizeRequest, CheckedRequest, RedirectError, checked, granted
from oauthapi.models import AuthorizationRequest
from oauthapi.rules import known_scopes
from oauthapi.serializers import AuthorizeRequestSerializer, OAuthErrorSerializer
from oauthapi.services.codes import Proven
from oauthapi.services.requests import request_is_proved_by, request_store, request_use
from oauthapi.strict import basic_on_authorize
from oauthapi.views.browser import AnyRedirect, asked_id, bind, binding_of, proven_of_session, url_of, waiting_request

FORM = "application/x-www-form-urlencoded"
_PARAMETERS = [
    OpenApiParameter("client_id", str, required=True),
    OpenApiParameter("redirect_uri", str, required=True),
    OpenApiParameter("response_type", str, required=True, enum=["code", "token"]),
    *[
        OpenApiParameter(name, str)
        for name in ("scope", "state", "nonce", "prompt", "login_hint", "id_token_hint", "code_challenge")
    ],
    OpenApiParameter("code_challenge_method", str, enum=["S256"]),
    OpenApiParameter("max_age", int),
    OpenApiParameter("hideTenant", bool, default=False),
]
_ERRORS = dict.fromkeys((400, 401, 403), OAuthErrorSerializer)
_ANSWERS = {302: None} | _ERRORS | {(status, "text/html"): str for status in _ERRORS}


class AuthorizeView(ApiView):
    """Perform authorization: a code or token by redirect, or first the sign-in page."""

    # No HEAD: it would make a code that nobody reads.
    http_method_names = ["get", "post", "options"]
    proofs: ClassVar[tuple[str, ...]] = ()
    required: ClassVar[bool] = False

    @extend_schema(operation_id="authorize", request=None, parameters=_PARAMETERS, responses=_ANSWERS)
    def get(self, request: Request) -> HttpResponseBase:
        """302 with the answer, or to the sign-in page; 401 for a bad Basic pair; 400 for a bad client or URI."""
        plain = plain_request(request)
        return self._authorize(plain, plain.META.get("QUERY_STRING", "").encode("latin-1"))

    @extend_schema(
        operation_id="postAuthorize", request={FORM: AuthorizeRequestSerializer}, responses=_ANSWERS | {303: None}
    )
    def post(self, request: Request) -> HttpResponseBase:
        """The same with a form body (OpenID Connect Core §3.1.2.1)."""
        plain = plain_request(request)
        # Lax cookies stay away from another site's POST: session and binding come with a GET.
        return self._authorize(plain, plain.body, by_get=plain.headers.get("Sec-Fetch-Site") == "cross-site")

    def _authorize(self, request: HttpRequest, raw: bytes, *, by_get: bool = False) -> HttpResponseBase:
        try:
            asked = AuthorizeRequest.parse(raw)
            if by_get:
                return AnyRedirect(url_of("/oauth/authorize", **dict(asked.params)), status=303)
            wanted = _checked(asked)
            proven = self._by_basic(request, wanted)
            if proven is not None:
                return self._by_basic_answer(wanted, proven)
            proven = proven_of_session(request)
            step = needs(wanted, proven, proved_for_this=False, consented=False)
            if step or proven is None:
                return self._ask(request, wanted, "/consent" if step == "consent" else "/sign-in")
            return AnyRedirect(granted(wanted, proven))
        except RedirectError as refused:
            return AnyRedirect(refused.location)
        except Refusal as refused:
            return answer(request, told(refused, request))

    def _by_basic(self, request: HttpRequest, wanted: CheckedRequest) -> Proven | None:
        """The user of a Basic pair, where that is switched on; a browser's own navigation never counts."""
        sent = authorization_of(request)
        if not sent or sent[0] != "basic" or request.headers.get("Sec-Fetch-Mode") == "navigate":
            return None
        client = wanted.client.row
        if not basic_on_authorize(client):
            event_record(
                name="sign-in",
                outcome="refused",
                client_id=client.client_id,
                refusal="Basic on authorize is switched off for this client",
            )
            return None
        pair = basic_of(request)
        if pair is None:
            raise Unauthenticated(challenge="basic", presented=True, reason="unreadable Basic pair")
        try:
            proof = password_prove_basic(
                login=Login.parse(pair[0]),
                password=pair[1],
                via="Basic on authorize",
                contact_center_ids=wanted.client.contact_center_ids,
                client_id=client.client_id,
            )
        except ProofRefused as no:
            raise Unauthenticated(no.message, challenge="basic", presented=True, reason=no.reason) from no
        if proof.must_change:
            event_record(
                name="sign-in",
                outcome="refused",
                refusal="must change password",
                user_name=str(proof.user),
                client_id=client.client_id,
                contact_center_id=proof.user.contact_center_id,
                detail={"via": "Basic on authorize"},
            )
            raise PasswordChangeRequired(reason="must change password")
        return Proven(proof.user, proof.user_epoch, proof.installation_epoch, proof.proved_at)

    def _by_basic_answer(self, wanted: CheckedRequest, proven: Proven) -> HttpResponseBase:
        """302 at once; no session is made, and consent that is missing is not skipped but told."""
        if needs(wanted, proven, proved_for_this=True, consented=False):
            raise wanted.error("consent_required", "The user has not allowed this application yet.")
        return AnyRedirect(granted(wanted, proven))

    def _ask(self, request: HttpRequest, wanted: CheckedRequest, page: str) -> HttpResponseBase:
        """Store the request for this browser and send it to the sign-in or consent page."""
        browser = binding_of(request)
        stored = request_store(dict(wanted.asked.params), client=wanted.client.row, browser=browser)
        response = AnyRedirect(url_of(page, request=stored))
        bind(response, browser)
        return response


def _checked(asked: AuthorizeRequest) -> CheckedRequest:
    """``checked``, with an event of what it refuses: the commonest mistakes of an integration are found by it."""
    try:
        return checked(asked)
    except (RedirectError, Refusal) as refused:
        inner = refused.error if isinstance(refused, RedirectError) else refused.message
        event_record(
            name="authorize",
            outcome="refused",
            refusal=f"{inner}: {refused.reason}" if refused.reason else inner,
            client_id=asked.get("client_id"),
            # The address without its query: what stands there is the application's own.
            detail={
                "redirect_uri": asked.get("redirect_uri").partition("?")[0][:500],
                "scope": known_scopes(asked.get("scope")),
            },
        )
        raise


@methods("GET")
def proceed(request: HttpRequest) -> HttpResponseBase:
    """GET /auth/v3/oauth/authorize/continue: the stored request's next step: sign-in, consent, or its answer."""
    row = waiting_request(request)
    if row.client is None:
        return AnyRedirect(url_of("/sign-in", request=asked_id(request)))
    try:
        wanted = checked(AuthorizeRequest.stored(row.params))
        proven = proven_of_session(request)
        step = needs(wanted, proven, proved_for_this=request_is_proved_by(row, proven), consented=False)
        if step or proven is None:
            path = "/consent" if step == "consent" else "/sign-in"
            return AnyRedirect(url_of(path, request=asked_id(request)), status=303)
        return finish(row, wanted, proven)
    except RedirectError as refused:
        request_use(row)
        return AnyRedirect(refused.location, status=303)


def finish(row: AuthorizationRequest, wanted: CheckedRequest, proven: Proven) -> HttpResponseBase:
    """Use the stored request up and give its answer. Raises Gone when another click was first."""
    if not request_use(row):
        raise Gone(reason="the stored request was used at the same moment")
    return AnyRedirect(granted(wanted, proven), status=303)
