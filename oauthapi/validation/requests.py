"""The authorize request (RFC 6749 §4.1.1, §4.2.1): redirect URI, response type, scope, PKCE."""

from __future__ import annotations

from typing import Any

from oauthlib.oauth2.rfc6749.errors import UnsupportedResponseTypeError

from oauthapi.redirects import redirect_uri_allowed
from oauthapi.rules import allowed_scopes
from oauthapi.services.codes import code_create
from oauthapi.strict import pkce_required, strict_profile


class AuthorizationRules:
    """What must hold before anybody is asked to sign in."""

    def validate_redirect_uri(self, client_id: str, redirect_uri: str, request: Any, *args: Any, **kwargs: Any) -> bool:
        """Exact match, but for the port of a loopback URI (RFC 8252 §7.3) and clients that match by origin."""
        for_token = "token" in (request.response_type or "").split()
        return redirect_uri_allowed(request.client, redirect_uri, for_token=for_token)

    def get_default_redirect_uri(self, client_id: str, request: Any, *args: Any, **kwargs: Any) -> str | None:
        """None at the authorize endpoint: it is required there. At the token endpoint the code knows its own."""
        code = getattr(request, "code_row", None)
        return code.redirect_uri if code else None

    def validate_response_type(
        self, client_id: str, response_type: str, client: Any, request: Any, *args: Any, **kwargs: Any
    ) -> bool:
        """Whether the client has the grant behind this response type. Combinations of types are not offered."""
        grant = {"code": "authorization_code", "token": "implicit"}.get(response_type, "")
        if not grant:
            raise UnsupportedResponseTypeError(request=request)
        if grant == "implicit" and strict_profile():
            return False
        return bool(client.has_grant(grant))

    def validate_scopes(
        self, client_id: str, scopes: list[str], client: Any, request: Any, *args: Any, **kwargs: Any
    ) -> bool:
        """Every word must be in the client's list; ``*`` there stands for the four identity scopes.

        ``configuration`` is granted through the code flow only (contract auth-v3.md, Rules).
        """
        by_code = request.response_type == "code" or request.grant_type == "authorization_code"
        if "configuration" in scopes and not by_code:
            return False
        return frozenset(scopes) <= allowed_scopes(client.scopes)

    def get_default_scopes(self, client_id: str, request: Any, *args: Any, **kwargs: Any) -> list[str]:
        """``*`` when the client has it, else all that it has but ``configuration``."""
        listed: list[str] = request.client.scopes
        return ["*"] if "*" in listed else [scope for scope in listed if scope != "configuration"]

    def is_pkce_required(self, client_id: str, request: Any) -> bool:
        """Public clients and the strict profile: always. At the token endpoint ``validate_code`` decides."""
        if request.grant_type is not None:
            return False
        return pkce_required(request.client)

    def save_authorization_code(
        self, client_id: str, code: dict[str, str], request: Any, *args: Any, **kwargs: Any
    ) -> None:
        """Keep the code's hash with all that it is bound to."""
        code_create(
            code["code"],
            client=request.client,
            proof=request.proof,
            redirect_uri=request.redirect_uri,
            scope=" ".join(dict.fromkeys(request.scopes)),
            nonce=request.nonce or "",
            code_challenge=request.code_challenge or "",
        )
