"""Tokens and codes ended by an administrator, as the policy lets him, or by their client; each leaves an event."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from accounts.models import User
from activity.services import event_record
from config.policy import require
from oauthapi.models import AccessToken, ApiClient, AuthorizationCode, RefreshToken
from oauthapi.services.families import access_token_revoke, family_revoke, family_revoke_by_administrator


def access_token_end(token: AccessToken, *, reason: str | None = None) -> None:
    """End one access token; others of its family live on. Raises Forbidden."""
    require("write", token)
    with transaction.atomic():
        access_token_revoke(token.pk)
        _told("token-revoked", token.client, token.user, reason=reason or "")


def refresh_token_end(token: RefreshToken, *, reason: str | None = None) -> None:
    """End a refresh token, and with it its family: what was issued by it ends too (RFC 7009 §2.1). Raises Forbidden."""
    require("write", token)
    family_revoke_by_administrator(token.family, reason=reason)


def code_end(code: AuthorizationCode, *, reason: str | None = None) -> None:
    """Use a code up before its client does. Raises Forbidden."""
    require("write", code)
    with transaction.atomic():
        AuthorizationCode.objects.filter(pk=code.pk, used_at__isnull=True).update(used_at=timezone.now())
        _told("code-revoked", code.client, code.user, reason=reason or "")


def access_token_give_up(token: AccessToken) -> None:
    """Its client has no more use for it (RFC 7009 §2.1); others of its family live on. Again: no event."""
    with transaction.atomic():
        if access_token_revoke(token.pk):
            _told("token-revoked", token.client, token.user, by="client", kind="access token")


def refresh_token_give_up(token: RefreshToken) -> None:
    """The same with its whole family: what was issued by it ends too."""
    with transaction.atomic():
        if family_revoke(token.family_id, because="revoked by its client"):
            _told("token-revoked", token.client, token.user, by="client", kind="refresh token")


def _told(name: str, client: ApiClient, user: User | None, **detail: str) -> None:
    event_record(
        name=name,
        client_id=client.client_id,
        user_name=str(user or ""),
        contact_center_id=user.contact_center_id if user else None,
        detail=detail,
    )
