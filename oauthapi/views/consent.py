"""GET and POST /auth/v3/consent: what an application that is not trusted asks for."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_http_methods

from activity.services import event_record
from oauthapi.flows.authorize import AuthorizeRequest, CheckedRequest, RedirectError, checked, needs
from oauthapi.rules import SCOPES
from oauthapi.services.codes import Proven
from oauthapi.services.consents import consent_give
from oauthapi.services.requests import request_use
from oauthapi.views.authorize import finish
from oauthapi.views.browser import AnyRedirect, page, proven_of_session, url_of, waiting_request


@require_http_methods(["GET", "HEAD", "POST"])
def consent(request: HttpRequest) -> HttpResponseBase:
    """The consent page; "Allow" remembers and goes on, "Deny" tells the client."""
    row = waiting_request(request)
    stored = request.POST.get("request") or request.GET.get("request", "")
    try:
        wanted = checked(AuthorizeRequest.stored(row.params))
        proven = proven_of_session(request)
        step = needs(wanted, proven, proved_for_this=row.proved_at is not None, consented=False)
        if proven is None or step == "sign-in":
            return AnyRedirect(url_of("/sign-in", request=stored), status=303)
        if request.method == "POST":
            return _decided(request, wanted, proven)
        if not step:
            return finish(request, wanted, proven)
    except RedirectError as refused:
        request_use(row)
        return AnyRedirect(refused.location, status=303)
    context = {
        "request_id": stored,
        "client": wanted.client.row,
        "user": proven.user,
        "scopes": [SCOPES[scope] for scope in wanted.scopes],
        "target": wanted.redirect_uri,
    }
    return page(request, "oauthapi/consent.html", context, target=wanted.redirect_uri)


def _decided(request: HttpRequest, wanted: CheckedRequest, proven: Proven) -> HttpResponseBase:
    if request.POST.get("decision") != "allow":
        event_record(name="consent", outcome="refused", refusal="the user said no", user_name=str(proven.user),
                     client_id=wanted.client.row.client_id, contact_center_id=proven.user.contact_center_id)
        raise wanted.error("access_denied", "The user did not allow it.")
    consent_give(user=proven.user, client=wanted.client.row, scopes=wanted.scopes)
    return finish(request, wanted, proven)
