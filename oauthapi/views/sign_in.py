"""GET and POST /auth/v3/sign-in, and the step where a password must be changed first."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.errors import PasswordRefused, PasswordUpdateRefused, ProofRefused
from accounts.selectors import Login
from accounts.services.devices import device_remember, remembered_users
from accounts.services.passwords import password_change
from accounts.services.proofs import PasswordProof, password_prove
from accounts.services.sessions import session_begin
from config.http.errors import Busy
from oauthapi.models import AuthorizationRequest
from oauthapi.selectors import client_facts
from oauthapi.services.requests import request_is_pending, request_pend, request_prove, request_store
from oauthapi.views.browser import AnyRedirect, Gone, bind, binding_of, page, url_of, waiting_request

FAILED = "The user name or password is wrong, or the account cannot be used now."


@sensitive_post_parameters("password")
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponseBase:
    """The sign-in page. Without a stored request it makes one that ends on the signed-in page."""
    if request.method != "POST" and not request.GET.get("request"):
        return _visit(request)
    row = waiting_request(request)
    if request.method != "POST":
        return _form(request, row)
    try:
        proof = _prove(request, row)
    except ProofRefused:
        return _form(request, row, error=FAILED, status=401)
    except Busy as busy:
        again = _form(request, row, error=busy.message, status=503)
        again["Retry-After"] = busy.headers["Retry-After"]
        return again
    if proof.must_change:
        request_pend(row, proof)
        return AnyRedirect(url_of("/sign-in/change-password", request=request.POST["request"]), status=303)
    return _signed_in(request, row, proof)


@sensitive_post_parameters("old_password", "new_password", "again")
@require_http_methods(["GET", "HEAD", "POST"])
def change_password(request: HttpRequest) -> HttpResponseBase:
    """The must-change step: open for minutes to the browser that just gave the right password."""
    row = waiting_request(request)
    if not request_is_pending(row) or row.pending_user is None:
        raise Gone(reason="no password change is pending for this request")
    if request.method != "POST":
        return _change_form(request, row, [])
    old, new = request.POST.get("old_password", ""), request.POST.get("new_password", "")
    if new != request.POST.get("again", ""):
        return _change_form(request, row, ["The two new passwords differ."])
    try:
        proof = password_prove(
            login=Login.parse(str(row.pending_user)), user=row.pending_user, password=old, via="password change",
            client_id=_client_id(row), remembered=remembered_users(request),
        )
        epoch = password_change(user=proof.user, old_password=old, new_password=new)
    except ProofRefused:
        return _change_form(request, row, ["The present password is wrong, or the account cannot be used now."])
    except PasswordRefused as refused:
        return _change_form(request, row, [fault.message for fault in refused.fields])
    except PasswordUpdateRefused as refused:
        return _change_form(request, row, [refused.message])
    fresh = PasswordProof(proof.user, epoch, proof.installation_epoch, must_change=False, proved_at=proof.proved_at)
    return _signed_in(request, row, fresh)


def _visit(request: HttpRequest) -> HttpResponseBase:
    """Somebody came without an application: his sign-in ends on the signed-in page."""
    browser = binding_of(request)
    response = AnyRedirect(url_of("/sign-in", request=request_store({}, client=None, browser=browser)))
    bind(request, response, browser)
    return response


def _prove(request: HttpRequest, row: AuthorizationRequest) -> PasswordProof:
    facts = client_facts(_client_id(row)) if row.client else None
    return password_prove(
        login=Login.parse(request.POST.get("username", ""), request.POST.get("tenant", "")),
        password=request.POST.get("password", ""),
        via="sign-in page",
        contact_center_ids=facts.contact_center_ids if facts else frozenset(),
        client_id=_client_id(row),
        remembered=remembered_users(request),
    )


def _signed_in(request: HttpRequest, row: AuthorizationRequest, proof: PasswordProof) -> HttpResponseBase:
    """Begin the session and go back to the stored request, and nowhere else."""
    session_begin(request, proof, via="sign-in page", client_id=_client_id(row))
    request_prove(row)
    path = "/oauth/authorize/continue" if row.client else "/signed-in"
    query = {"request": request.POST["request"]} if row.client else {}
    response = AnyRedirect(url_of(path, **query), status=303)
    device_remember(request, response, proof.user)
    return response


def _form(request: HttpRequest, row: AuthorizationRequest, *, error: str = "", status: int = 200) -> HttpResponse:
    hint = Login.parse(row.params.get("login_hint", ""))
    context = {
        "request_id": request.POST.get("request") or request.GET.get("request"),
        "client": row.client,
        "hide_tenant": row.params.get("hideTenant", "").lower() == "true",
        "tenant": request.POST.get("tenant", hint.tenant),
        "username": request.POST.get("username", hint.user_name),
        "error": error,
    }
    return page(request, "oauthapi/sign_in.html", context, target=row.params.get("redirect_uri", ""), status=status)


def _change_form(request: HttpRequest, row: AuthorizationRequest, errors: list[str]) -> HttpResponse:
    context = {
        "request_id": request.POST.get("request") or request.GET.get("request"),
        "client": row.client,
        "user": row.pending_user,
        "errors": errors,
    }
    status = 422 if errors else 200
    target = row.params.get("redirect_uri", "")
    return page(request, "oauthapi/change_password.html", context, target=target, status=status)


def _client_id(row: AuthorizationRequest) -> str:
    return row.client.client_id if row.client else ""
