"""GET and POST /auth/v3/sign-in."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.debug import sensitive_post_parameters

from accounts.errors import ProofRefused
from accounts.selectors import Login
from accounts.services.devices import device_remember, remembered_users
from accounts.services.proofs import PasswordProof, password_prove
from accounts.services.sessions import session_begin
from config.http.browsing import is_forged, methods, own_csrf, own_path, page
from config.http.errors import Busy
from oauthapi.models import AuthorizationRequest
from oauthapi.selectors import client_facts
from oauthapi.services.requests import request_pend, request_prove, request_store
from oauthapi.views.browser import AnyRedirect, asked_id, bind, binding_of, proven_of_session, url_of, waiting_request

FAILED = "The user name or password is wrong, or the account cannot be used now."
OUTDATED = "This page was out of date. Please type your password again."


@sensitive_post_parameters("password")
@own_csrf
@methods("GET", "HEAD", "POST")
def sign_in(request: HttpRequest) -> HttpResponseBase:
    """The sign-in page. Without a stored request it makes one that ends at ``next``, a path of ours, or on the
    signed-in page.
    """
    if request.method != "POST" and not request.GET.get("request"):
        browser = binding_of(request)
        stored = request_store(_params(request), client=None, browser=browser)
        response = AnyRedirect(url_of("/sign-in", request=stored))
        bind(response, browser)
        return response
    row = waiting_request(request)
    if request.method != "POST":
        return _form(request, row)
    if is_forged(request):
        return _form(request, row, error=OUTDATED, status=403)
    try:
        proof = _prove(request, row)
    except ProofRefused:
        # 400 as for the password grant; a 401 would need a challenge, and the browser's own box would open.
        return _form(request, row, error=FAILED, wrong=True, status=400)
    except Busy as busy:
        shown = _form(request, row, error=busy.message, status=503)
        shown["Retry-After"] = busy.headers["Retry-After"]
        return shown
    if proof.must_change:
        request_pend(row, proof)
        return AnyRedirect(url_of("/sign-in/change-password", request=asked_id(request)), status=303)
    return signed_in(request, row, proof)


def signed_in(request: HttpRequest, row: AuthorizationRequest, proof: PasswordProof) -> HttpResponseBase:
    """Begin the session and go back to the stored request, and nowhere else."""
    session_begin(request, proof, via="sign-in page", client_id=client_id_of(row))
    request_prove(row, proof.user)
    if row.client:
        target = url_of("/oauth/authorize/continue", request=asked_id(request))
    else:
        target = _next_of(row) or url_of("/signed-in")
    response = AnyRedirect(target, status=303)
    device_remember(request, response, proof.user)
    return response


def _params(request: HttpRequest) -> dict[str, str]:
    """What a sign-in without an application keeps: the page it is for, when that is one of ours."""
    found = own_path(request.GET.get("next", ""))
    return {"next": found} if found else {}


def _next_of(row: AuthorizationRequest) -> str:
    """The page that a sign-in without an application is for. An application's own parameters are never one."""
    return "" if row.client else own_path(row.params.get("next", ""))


def client_id_of(row: AuthorizationRequest) -> str:
    """The public id of the application that waits; empty when somebody came to the page by himself."""
    return row.client.client_id if row.client else ""


def _prove(request: HttpRequest, row: AuthorizationRequest) -> PasswordProof:
    facts = client_facts(client_id_of(row)) if row.client else None
    return password_prove(
        login=Login.parse(request.POST.get("username", ""), request.POST.get("tenant", "")),
        password=request.POST.get("password", ""),
        via="sign-in page",
        contact_center_ids=facts.contact_center_ids if facts else frozenset(),
        client_id=client_id_of(row),
        remembered=remembered_users(request),
    )


def _form(
    request: HttpRequest, row: AuthorizationRequest, *, error: str = "", wrong: bool = False, status: int = 200
) -> HttpResponse:
    hide_tenant = row.params.get("hideTenant", "").lower() == "true"
    hint = Login.parse(row.params.get("login_hint", ""))
    tenant = request.POST.get("tenant", hint.tenant)
    # Without a field for the tenant the whole name stands in one.
    username = request.POST.get("username", str(hint) if hide_tenant else hint.user_name)
    proven = proven_of_session(request)
    context = {
        "request_id": asked_id(request),
        "client": row.client,
        "next": _next_of(row),
        "signed_in": proven.user if proven else None,
        "hide_tenant": hide_tenant,
        "tenant": tenant,
        "username": username,
        "error": error,
        "wrong": wrong,
        "focus": "password" if username else "username" if hide_tenant or tenant else "tenant",
    }
    return page(request, "oauthapi/sign_in.html", context, target=row.params.get("redirect_uri", ""), status=status)
