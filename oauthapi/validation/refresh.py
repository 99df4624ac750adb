"""The refresh grant (RFC 6749 §6, RFC 9700 §4.14)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from accounts.selectors import installation_epoch
from activity.services import event_record
from oauthapi.errors import InvalidGrant, OutsideContactCenter
from oauthapi.models import RefreshToken
from oauthapi.rules import LEGACY_GRANTS, has_scope, still_allowed
from oauthapi.selectors import ClientFacts, token_hash
from oauthapi.strict import strict_profile
from oauthapi.validation.evidence import recorded


@dataclass(frozen=True, slots=True)
class Rotation:
    """What the successors of a presented refresh token are derived from."""

    presented: str
    family_id: int
    generation: int


class RefreshRules:
    """Is it a refresh token of this client, and is everybody behind it still there?"""

    def validate_refresh_token(self, refresh_token: str, client: Any, request: Any, *args: Any, **kwargs: Any) -> bool:
        """Find the row; whether it was rotated away already is decided when saving. Raises InvalidGrant."""
        rows = RefreshToken.objects.select_related("family", "user__contact_center")
        row = rows.filter(token_hash=token_hash(refresh_token)).first()
        fault = refresh_fault(row, client)
        if row is None or fault:
            event_record(
                name="refresh",
                outcome="refused",
                refusal=fault,
                client_id=client.client_id,
                user_name=str(row.user or "") if row else "",
            )
            raise InvalidGrant(reason=fault)
        user = row.user
        if user and is_outside(row, request.facts):
            outside = OutsideContactCenter(reason="contact center disabled, or not the client's")
            raise recorded(outside, client_id=client.client_id, user=user)
        request.refresh_row = row
        request.user = user
        if self.rotate_refresh_token(request):
            request.rotation = Rotation(refresh_token, row.family_id, row.generation)
        return True

    def rotate_refresh_token(self, request: Any) -> bool:
        """Public clients always, others by their switch; outside a refresh always, so that none is handed back."""
        if request.grant_type != "refresh_token":
            return True
        return bool(request.client.is_public or request.client.rotate_refresh_tokens)

    def get_original_scopes(self, refresh_token: str, request: Any, *args: Any, **kwargs: Any) -> str:
        """What the user granted and the client may still have: a refresh may ask for less, never for more."""
        return still_allowed(request.refresh_row.scope, request.client.scopes)

    def is_within_original_scope(self, request_scopes: list[str], refresh_token: str, request: Any, *args: Any) -> bool:
        """``*`` granted covers the identity scopes asked for by name."""
        granted = still_allowed(request.refresh_row.scope, request.client.scopes)
        return all(has_scope(granted, scope) for scope in request_scopes)


def is_alive(row: RefreshToken, facts: ClientFacts) -> bool:
    """Whether the client, as it is now, would get another access token for it: what introspection tells."""
    return not (
        refresh_fault(row, facts.row)
        or is_outside(row, facts)
        or row.generation != row.family.generation
        or not facts.row.has_grant("refresh_token")
    )


def is_outside(row: RefreshToken, facts: ClientFacts) -> bool:
    """Whether its user's contact center is disabled, or none of the client's."""
    return row.user is not None and not (row.user.is_active and facts.admits(row.user.contact_center_id))


def refresh_fault(row: RefreshToken | None, client: Any) -> str:
    """Why this refresh token gives nothing, in inner words; empty when it does."""
    if row is None:
        return "no such refresh token"
    if row.client_id != client.pk:
        return f"the refresh token is another client's, not {client.client_id}'s"
    if row.family.grant in LEGACY_GRANTS and (strict_profile() or not client.has_grant(row.family.grant)):
        return f"the grant it came from, {row.family.grant}, is over"
    if row.family.revoked_at is not None:
        return f"the family is revoked: {row.family.revoked_because}"
    if row.expires_at <= timezone.now():
        return "the refresh token has expired"
    if row.family.installation_epoch != installation_epoch():
        return "the installation's epoch changed"
    if row.user and (not row.user.enabled or row.family.user_epoch != row.user.epoch):
        return "the user is disabled, signed out or changed the password"
    return ""
