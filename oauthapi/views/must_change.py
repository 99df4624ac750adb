"""GET and POST /auth/v3/sign-in/change-password: the step of a sign-in where a password must be changed first."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.debug import sensitive_post_parameters

from accounts.errors import PasswordRefused, PasswordUpdateRefused, ProofRefused
from accounts.selectors import Login
from accounts.services.devices import remembered_users
from accounts.services.passwords import password_change
from accounts.services.proofs import PasswordProof, password_prove
from config.http.browsing import is_forged, methods, own_csrf, page
from config.http.errors import Busy
from oauthapi.errors import Gone
from oauthapi.models import AuthorizationRequest
from oauthapi.services.requests import request_is_pending
from oauthapi.views.browser import asked_id, waiting_request
from oauthapi.views.sign_in import OUTDATED, client_id_of, signed_in

WRONG_OLD = "The current password is wrong, or the account cannot be used now."
DIFFERENT = "The two new passwords differ."


@sensitive_post_parameters("old_password", "new_password", "again")
@own_csrf
@methods("GET", "HEAD", "POST")
def change_password(request: HttpRequest) -> HttpResponseBase:
    """Open for minutes to the browser that just gave the right password."""
    row = waiting_request(request)
    if not request_is_pending(row) or row.pending_user is None:
        raise Gone(reason="no password change is pending for this request")
    if request.method != "POST":
        return _form(request, row)
    if is_forged(request):
        return _form(request, row, [OUTDATED], status=403)
    if request.POST.get("new_password", "") != request.POST.get("again", ""):
        return _form(request, row, [DIFFERENT], wrong="new")
    try:
        return signed_in(request, row, _changed(request, row))
    except ProofRefused:
        return _form(request, row, [WRONG_OLD], wrong="old")
    except PasswordRefused as refused:
        return _form(request, row, [fault.message for fault in refused.fields], wrong="new")
    except PasswordUpdateRefused as refused:
        return _form(request, row, [refused.message])
    except Busy as busy:
        response = _form(request, row, [busy.message], status=503)
        response["Retry-After"] = busy.headers["Retry-After"]
        return response


def _changed(request: HttpRequest, row: AuthorizationRequest) -> PasswordProof:
    """Prove the old password, set the new one; the proof under the new epoch."""
    old, new = request.POST.get("old_password", ""), request.POST.get("new_password", "")
    proof = password_prove(
        login=Login.parse(str(row.pending_user)),
        user=row.pending_user,
        password=old,
        via="password change",
        client_id=client_id_of(row),
        remembered=remembered_users(request),
    )
    epoch = password_change(user=proof.user, old_password=old, new_password=new)
    return PasswordProof(proof.user, epoch, proof.installation_epoch, must_change=False, proved_at=proof.proved_at)


def _form(
    request: HttpRequest,
    row: AuthorizationRequest,
    errors: list[str] | None = None,
    *,
    wrong: str = "",
    status: int = 400,
) -> HttpResponse:
    context = {
        "request_id": asked_id(request),
        "client": row.client,
        "user": row.pending_user,
        "errors": errors or [],
        "wrong": wrong,
    }
    target = row.params.get("redirect_uri", "")
    return page(request, "oauthapi/change_password.html", context, target=target, status=status if errors else 200)
