"""What a client may learn of a token (RFC 7662), and giving one up (RFC 7009)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from oauthapi.errors import UnauthorizedClient
from oauthapi.id_tokens import issuer
from oauthapi.models import AccessToken, RefreshToken
from oauthapi.rules import still_allowed
from oauthapi.selectors import BearerFacts, ClientFacts, bearer_facts, client_facts, token_hash
from oauthapi.services.revocations import access_token_give_up, refresh_token_give_up
from oauthapi.validation.clients import refuse
from oauthapi.validation.refresh import is_alive

Claims = dict[str, Any]


class IntrospectionRules:
    """Own tokens, or everybody's for clients that are allowed to; no client is told why a token is not active."""

    def introspect_token(self, token: str, token_type_hint: str | None, request: Any) -> Claims | None:
        """The members beside ``active`` (RFC 7662 §2.2); None for a token that is not alive, or not to be seen.

        The hint says only where to look first (§2.1). Raises InvalidClient for a public client: it proves nothing.
        """
        if request.client.is_public:
            refuse(request.client.client_id, "a public client cannot introspect", basic=False)
        looks = (_of_access_token, _of_refresh_token)
        for look in reversed(looks) if token_type_hint == "refresh_token" else looks:  # noqa: S105 - RFC 7009's word
            claims = look(token, request.facts)
            if claims is not None:
                return claims
        return None

    def revoke_token(self, token: str, token_type_hint: str | None, request: Any, *args: Any, **kwargs: Any) -> None:
        """End the token; a refresh token takes its whole family along (RFC 7009 §2.1).

        An unknown or ended one is no error (§2.2). Raises UnauthorizedClient for another client's.
        """
        hashed = token_hash(token)
        access = AccessToken.objects.select_related("client", "user__contact_center").filter(token_hash=hashed).first()
        if access is not None:
            _require_own(access, request.client)
            access_token_give_up(access)
            return
        rows = RefreshToken.objects.select_related("client", "user__contact_center")
        refresh = rows.filter(token_hash=hashed).first()
        if refresh is not None:
            _require_own(refresh, request.client)
            refresh_token_give_up(refresh)


def may_introspect(asking: ClientFacts, holder: ClientFacts, contact_center_id: UUID | None, *, is_users: bool) -> bool:
    """Whether ``asking`` may learn of a token that ``holder`` was given.

    One that is bound to contact centers sees tokens of their users, and own tokens of clients bound to no others.
    """
    if asking.row.pk == holder.row.pk:
        return True
    if not asking.row.may_introspect:
        return False
    if is_users or not asking.contact_center_ids:
        return asking.admits(contact_center_id)
    return bool(holder.contact_center_ids) and holder.contact_center_ids <= asking.contact_center_ids


def _of_access_token(token: str, asking: ClientFacts) -> Claims | None:
    facts = bearer_facts(token)
    if facts is None:
        return None
    if not may_introspect(asking, facts.client, facts.contact_center_id, is_users=facts.user_id is not None):
        return None
    return _claims(facts) | {"token_type": "bearer"}


def _claims(facts: BearerFacts) -> Claims:
    members = {
        "scope": facts.scope,
        "client_id": facts.client.row.client_id,
        "username": facts.system_name,
        "exp": int(facts.expires_at.timestamp()),
        "iat": int(facts.issued_at.timestamp()),
        "auth_time": int(facts.auth_time.timestamp()) if facts.auth_time else None,
        "sub": facts.subject,
        "aud": facts.client.row.client_id,
        "iss": issuer(),
        "dbid": facts.dbid,
        "contact_center_id": str(facts.contact_center_id) if facts.contact_center_id else None,
        "environment_id": str(facts.environment_id) if facts.environment_id else None,
    }
    return {name: value for name, value in members.items() if value is not None}


def _of_refresh_token(token: str, asking: ClientFacts) -> Claims | None:
    rows = RefreshToken.objects.select_related("family", "client", "user__contact_center")
    row = rows.filter(token_hash=token_hash(token)).first()
    holder = client_facts(row.client.client_id) if row else None
    if row is None or holder is None or not is_alive(row, holder):
        return None
    user = row.user
    contact_center_id = user.contact_center_id if user else None
    if not may_introspect(asking, holder, contact_center_id, is_users=user is not None):
        return None
    return {
        "scope": still_allowed(row.scope, holder.row.scopes),
        "client_id": holder.row.client_id,
        "username": user.system_name if user else holder.row.client_id,
        "exp": int(row.expires_at.timestamp()),
        "iat": int(row.issued_at.timestamp()),
        "sub": user.subject if user else holder.row.client_id,
        "aud": holder.row.client_id,
        "iss": issuer(),
    }


def _require_own(token: AccessToken | RefreshToken, client: Any) -> None:
    if token.client_id == client.pk:
        return
    reason = f"{client.client_id} asked to revoke a token of another client"
    raise UnauthorizedClient("The token was issued to another client.", reason=reason)
