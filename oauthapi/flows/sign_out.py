"""Signing out: what ends, and where the browser may go afterwards."""

from __future__ import annotations

import logging

from accounts.models import User
from accounts.services.sessions import sign_out_everywhere
from activity.services import event_record
from config.http.errors import InvalidParameter
from oauthapi.models import ApiClient
from oauthapi.principals import shown_name
from oauthapi.redirects import post_logout_uri_allowed
from oauthapi.selectors import BearerFacts
from oauthapi.services.families import access_token_revoke, family_revoke, own_tokens_revoke

_log = logging.getLogger("deskgate.sign_out")


def is_global(text: str) -> bool:
    """The parameter ``global``: true or false in any case, absent is false. Raises InvalidParameter."""
    lowered = text.strip().lower()
    if lowered not in ("", "true", "false"):
        raise InvalidParameter("The parameter 'global' is true or false.", field="global")
    return lowered == "true"


def bearer_sign_out(facts: BearerFacts, *, everywhere: bool) -> None:
    """End the token with its family, or everything of the user (of the client, for its own token)."""
    client = facts.client.row
    if everywhere and facts.user_id is not None:
        sign_out_everywhere(User.objects.get(pk=facts.user_id), by_himself=True)
        return
    if everywhere:
        own_tokens_revoke(client)
    if facts.family_id is not None:
        family_revoke(facts.family_id, because="signed out")
    access_token_revoke(facts.token_id)
    event_record(
        name="sign-out",
        user_name=shown_name(facts),
        client_id=client.client_id,
        contact_center_id=facts.contact_center_id,
        detail={"global": everywhere},
    )


def allowed_destination(uri: str, *, client: ApiClient | None, user: User | None) -> str:
    """``uri`` when it is registered for the token's client or, by cookie alone, for one of the user's; else empty."""
    if not uri:
        return ""
    if client is not None:
        candidates = [client]
    elif user is not None:
        enabled = ApiClient.objects.filter(enabled=True)
        own = enabled.filter(contact_centers=user.contact_center_id) | enabled.filter(contact_centers__isnull=True)
        candidates = list(own.distinct())
    else:
        candidates = []
    if any(post_logout_uri_allowed(candidate, uri) for candidate in candidates):
        return uri
    _log.warning("sign-out redirect refused: not registered", extra={"redirect_uri": uri[:200]})
    return ""
