"""GET and POST /auth/v3/consent: what an application that is not trusted asks for."""

from __future__ import annotations

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from activity.services import event_record
from config.http.browsing import is_forged, methods, own_csrf, page
from oauthapi.flows.asking import needs
from oauthapi.flows.authorize import AuthorizeRequest, CheckedRequest, RedirectError, checked
from oauthapi.models import AuthorizationRequest
from oauthapi.redirects import origin_of
from oauthapi.rules import SCOPES
from oauthapi.services.codes import Proven
from oauthapi.services.consents import consent_give
from oauthapi.services.requests import request_is_proved_by, request_use
from oauthapi.views.authorize import finish
from oauthapi.views.browser import AnyRedirect, asked_id, proven_of_session, url_of, waiting_request


@own_csrf
@methods("GET", "POST")
def consent(request: HttpRequest) -> HttpResponseBase:
    """The consent page; "Allow" remembers and goes on, "Deny" tells the client."""
    row = waiting_request(request)
    if row.client is None:
        return AnyRedirect(url_of("/sign-in", request=asked_id(request)), status=303)
    try:
        wanted = checked(AuthorizeRequest.stored(row.params))
        proven = proven_of_session(request)
        step = needs(wanted, proven, proved_for_this=request_is_proved_by(row, proven), consented=False)
        if proven is None or step == "sign-in":
            return AnyRedirect(url_of("/sign-in", request=asked_id(request)), status=303)
        if request.method == "POST" and not _is_outdated(request, proven):
            return _decided(request, row, wanted, proven)
        if not step:
            return finish(row, wanted, proven)
    except RedirectError as refused:
        request_use(row)
        return AnyRedirect(refused.location, status=303)
    return _page(request, wanted, proven)


def _is_outdated(request: HttpRequest, proven: Proven) -> bool:
    """Whether another tab signed in, perhaps somebody else, after this page was shown: then it asks again."""
    return is_forged(request) or request.POST.get("user") != proven.user.subject


def _decided(
    request: HttpRequest, row: AuthorizationRequest, wanted: CheckedRequest, proven: Proven
) -> HttpResponseBase:
    if request.POST.get("decision") != "allow":
        event_record(
            name="consent",
            outcome="refused",
            refusal="the user said no",
            user_name=str(proven.user),
            client_id=wanted.client.row.client_id,
            contact_center_id=proven.user.contact_center_id,
        )
        raise wanted.error("access_denied", "The user did not allow it.")
    consent_give(user=proven.user, client=wanted.client.row, scopes=wanted.scopes)
    return finish(row, wanted, proven)


def _page(request: HttpRequest, wanted: CheckedRequest, proven: Proven) -> HttpResponseBase:
    target = origin_of(wanted.redirect_uri)
    context = {
        "request_id": asked_id(request),
        "client": wanted.client.row,
        "user": proven.user,
        "scopes": [SCOPES[scope] for scope in wanted.scopes],
        "target": target.partition("://")[2] or target,
        "outdated": request.method == "POST",
    }
    status = 403 if request.method == "POST" else 200
    return page(request, "oauthapi/consent.html", context, target=wanted.redirect_uri, status=status)
