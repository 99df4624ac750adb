"""GET /configuration/token in a browser, and what its forms post: a temporary authorization token, shown once.

The seed: "The Temporary Authorization token can be obtained through a browser by logging in as the admin user of the
specific CC". Nothing secret is kept here: the answer to the POST is the only page that shows it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from accounts import options
from accounts.selectors import roles_offered, temporary_tokens_of
from accounts.services.credentials import credential_lifetime, password_generate
from accounts.services.temporary_tokens import temporary_token_issue, temporary_token_revoke
from accounts.views.base import calls_count
from accounts.views.ready_lines import registering_line, using_line
from accounts.views.register_form import Registered, RegisterForm
from accounts.views.visits import CHOSEN, Visit, address, sign_in_address, visit_of
from config.http.browsing import is_forged, methods, own_csrf, page

OUTDATED = "This page was out of date. Please look at it again and repeat what you did."
NOT_YOURS = "Choose one of these contact centers."
_LISTED = 50
"""Tokens of one page."""


@methods("GET", "HEAD")
def token_page(request: HttpRequest) -> HttpResponseBase:
    """The page; to the sign-in page and back when nobody is signed in."""
    visit = visit_of(request)
    if not isinstance(visit, Visit):
        return visit
    wanted = request.GET.get(CHOSEN, "")
    return _page(request, visit, error=NOT_YOURS if wanted and visit.chosen is None else "")


def posted(view: Callable[[HttpRequest, Visit], HttpResponseBase]) -> Callable[[HttpRequest], HttpResponseBase]:
    """A form of this page, sent by who may be here and from the page itself; an old page is shown again as filled."""

    @own_csrf
    @methods("POST")
    @wraps(view)
    def guarded(request: HttpRequest) -> HttpResponseBase:
        visit = visit_of(request)
        if not isinstance(visit, Visit):
            return visit
        if is_forged(request):
            form = RegisterForm.typed(request.POST) if "username" in request.POST else None
            return _page(request, visit, form=form, error=OUTDATED, status=403)
        calls_count("configuration", f"user {visit.user.pk}", visit.principal)
        return view(request, visit)

    return guarded


@posted
@sensitive_variables("text")
def token_issue(request: HttpRequest, visit: Visit) -> HttpResponseBase:
    """A token of this administrator for one contact center, shown on this one answer."""
    if visit.chosen is None:
        return _page(request, visit, error=NOT_YOURS, status=400)
    text, token = temporary_token_issue(
        user=visit.user,
        user_epoch=request.session["user_epoch"],
        installation_epoch=request.session["installation_epoch"],
        contact_center=visit.chosen,
    )
    roles = roles_offered(visit.chosen, visit.principal)
    line = registering_line(token=text, contact_center=visit.chosen, roles=roles, password=password_generate())
    return _page(request, visit, issued={"text": text, "token": token, "line": line})


@posted
def token_revoke(request: HttpRequest, visit: Visit) -> HttpResponseBase:
    """End one of one's own tokens; one that ended meanwhile is no mistake."""
    # Own ones only, whatever number was sent.
    token = temporary_tokens_of(visit.user).filter(pk=request.POST.get("token", "")[:64]).first()
    if token is not None:
        temporary_token_revoke(token, reason="on the token page")
        messages.success(request, "The token was revoked: it is refused from now on.")
    chosen = {CHOSEN: visit.chosen.pk} if visit.chosen else {}
    return HttpResponseRedirect(address(**chosen), status=303)


@sensitive_post_parameters("password")
@posted
def register_by_form(request: HttpRequest, visit: Visit) -> HttpResponseBase:
    """Register a Basic credential by form, under the rules of POST /configuration/basicauth."""
    if visit.chosen is None:
        return _page(request, visit, error=NOT_YOURS, status=400)
    done = RegisterForm.typed(request.POST).register(
        password=request.POST.get("password", ""), contact_center=visit.chosen
    )
    if isinstance(done, RegisterForm):
        return _page(request, visit, form=done, status=400)
    return _page(request, visit, made=done)


def _page(
    request: HttpRequest,
    visit: Visit,
    *,
    form: RegisterForm | None = None,
    issued: dict[str, Any] | None = None,
    made: Registered | None = None,
    error: str = "",
    status: int = 200,
) -> HttpResponse:
    chosen = visit.chosen
    context: dict[str, Any] = {
        "visit": visit,
        "issued": issued,
        "made": made,
        "error": error,
        "tokens": temporary_tokens_of(visit.user)[:_LISTED],
        "address": address(),
        "sign_in": sign_in_address(),
    }
    if chosen:
        context |= {
            "form": form or RegisterForm.empty(chosen),
            "roles": roles_offered(chosen, visit.principal),
            "minutes": options.TEMPORARY_TOKEN_MINUTES.of(chosen.pk),
            "days": credential_lifetime(chosen.pk).days,
        }
    if made:
        context["using"] = using_line(made.credential.name, made.password)
    return page(request, "accounts/token.html", context, status=status)
