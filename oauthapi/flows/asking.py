"""What a user must still do before an authorize request is answered: sign in, allow, or nothing."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from oauthapi.flows.authorize import CheckedRequest
from oauthapi.models import Consent
from oauthapi.services.codes import Proven


def needs(request: CheckedRequest, proven: Proven | None, *, proved_for_this: bool, consented: bool) -> str:
    """What the user must still do: "sign-in", "consent", or nothing. Raises RedirectError for ``prompt=none``.

    ``proved_for_this`` says that the password was given for this very request, which answers ``prompt=login``.
    """
    silent = "none" in request.prompts
    if proven is not None and _is_another(request, proven):
        if silent or proved_for_this:
            raise request.error("login_required", "Another user than the one of the ID token is signed in.")
        return "sign-in"
    if proven is None or _is_stale(request, proven, proved_for_this=proved_for_this):
        if silent:
            raise request.error("login_required", "The user is not signed in.")
        return "sign-in"
    if not request.client.admits(proven.user.contact_center_id):
        raise request.error("access_denied", "The application may not be used in this contact center.")
    if not consented and _needs_consent(request, proven):
        if silent:
            raise request.error("consent_required", "The user has not allowed this application yet.")
        return "consent"
    return ""


def _is_stale(request: CheckedRequest, proven: Proven, *, proved_for_this: bool) -> bool:
    if proved_for_this:
        return False
    if {"login", "select_account"} & request.prompts:
        return True
    return request.max_age is not None and _age(proven.auth_time) > request.max_age


def _is_another(request: CheckedRequest, proven: Proven) -> bool:
    """Whether the client means somebody else by its ``id_token_hint`` (OpenID Connect Core §3.1.2.1)."""
    if request.hint is None:
        # One that cannot be read names nobody: silence would not know whom to answer for.
        return bool(request.asked.get("id_token_hint")) and "none" in request.prompts
    return request.hint.subject != proven.user.subject


def _age(then: datetime) -> float:
    return (timezone.now() - then).total_seconds()


def _needs_consent(request: CheckedRequest, proven: Proven) -> bool:
    if "consent" in request.prompts:
        return True
    if request.client.row.trusted:
        return False
    row = Consent.objects.filter(user=proven.user, client=request.client.row).first()
    return row is None or not frozenset(request.scopes) <= frozenset(row.scope.split())
