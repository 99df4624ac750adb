"""Exchanging a code (RFC 6749 §4.1.3, RFC 7636 §4.6): ``validate_code`` does it all, in one place."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from typing import Any

from django.utils import timezone

from accounts.selectors import installation_epoch
from oauthapi.errors import OutsideContactCenter
from oauthapi.models import AuthorizationCode
from oauthapi.redirects import redirect_uri_allowed
from oauthapi.rules import still_allowed
from oauthapi.selectors import token_hash
from oauthapi.services.codes import code_burn, code_refuse
from oauthapi.strict import pkce_required
from oauthapi.validation.evidence import recorded

_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}")


class CodeRules:
    """Left to oauthlib, a missing verifier is ``invalid_request`` and one that nobody asked for is ignored."""

    def validate_code(self, client_id: str, code: str, client: Any, request: Any, *args: Any, **kwargs: Any) -> bool:
        """Check owner, burn, then the rest: a wrong verifier costs the code. Raises InvalidGrant."""
        rows = AuthorizationCode.objects.select_related("user__contact_center", "client")
        row = rows.filter(code_hash=token_hash(code)).first()
        if row is None:
            code_refuse(None, "no such code", client_id=client.client_id)
        if row.client_id != client.pk:
            # Not burnt: whoever stole it cannot take it from its owner (RFC 9700 §4.5).
            code_refuse(row, f"the code is another client's, not {client.client_id}'s")
        code_burn(row)
        fault = _fault(row, request)
        if fault:
            code_refuse(row, fault)
        if not request.facts.admits(row.user.contact_center_id) or not row.user.is_active:
            outside = OutsideContactCenter(reason="the user is outside the client's contact centers")
            raise recorded(outside, client_id=client.client_id, user=row.user)
        request.code_row = row
        request.user = row.user
        request.scopes = still_allowed(row.scope, client.scopes).split()
        return True

    def get_code_challenge(self, code: str, request: Any) -> None:
        """Checked in ``validate_code`` already."""

    def get_authorization_code_scopes(self, client_id: str, code: str, redirect_uri: str, request: Any) -> list[str]:
        return []

    def confirm_redirect_uri(self, *args: Any, **kwargs: Any) -> bool:
        """Checked in ``validate_code`` already."""
        return True

    def invalidate_authorization_code(self, *args: Any, **kwargs: Any) -> None:
        """Burnt in ``validate_code`` already."""


def _fault(row: AuthorizationCode, request: Any) -> str:
    """Why a burnt code gives nothing; empty when it does."""
    if row.expires_at <= timezone.now():
        return "the code has expired"
    if not row.user.enabled:
        return "the user is disabled"
    if row.user_epoch != row.user.epoch or row.installation_epoch != installation_epoch():
        return "the user's epoch changed since the code was given"
    if request.redirect_uri != row.redirect_uri:
        return "redirect_uri is missing or not the one of the authorize request"
    # What the client or the profile became since the code was given holds for it too.
    if not redirect_uri_allowed(request.client, row.redirect_uri):
        return "the redirect URI is the client's no more"
    if not row.code_challenge and pkce_required(request.client):
        return "the code has no challenge, and the client needs PKCE now"
    return _verifier_fault(row.code_challenge, request.code_verifier)


def _verifier_fault(challenge: str, verifier: str | None) -> str:
    if not challenge:
        return "a code_verifier came for a code without challenge" if verifier else ""
    if not verifier:
        return "the code_verifier is missing"
    if not _VERIFIER.fullmatch(verifier):
        return "the code_verifier has a wrong form"
    digest = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    fits = hmac.compare_digest(digest.encode(), challenge.encode())
    return "" if fits else "the code_verifier does not fit the challenge"
