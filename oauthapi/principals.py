"""The principal that a bearer token speaks for."""

from __future__ import annotations

from accounts.selectors import rights_of
from config.principal import Principal
from environment.selectors import tenant_name
from oauthapi.rules import has_scope
from oauthapi.selectors import BearerFacts


def principal_of_bearer(facts: BearerFacts) -> Principal:
    """A user's token is the user; a client's own token is the client, with no rights of its own.

    Rights to configure come only with scope ``configuration``: any other token reads about itself and no more.
    """
    scopes = frozenset(facts.scope.split())
    client_id = facts.client.row.client_id
    if facts.user_id is None:
        return Principal(
            kind="client",
            name=client_id,
            client_id=client_id,
            scopes=scopes,
            proof="bearer",
            contact_center_ids=facts.client.contact_center_ids,
            proved_at=facts.issued_at,
        )
    everywhere = facts.contact_center_id is None
    return Principal(
        kind="user",
        name=shown_name(facts),
        user_id=facts.user_id,
        client_id=client_id,
        everywhere=everywhere,
        contact_center_ids=frozenset({facts.contact_center_id} if facts.contact_center_id else ()),
        privileges=_privileges(facts) if has_scope(facts.scope, "configuration") else frozenset(),
        scopes=scopes,
        proof="bearer",
        proved_at=facts.auth_time,
    )


def shown_name(facts: BearerFacts) -> str:
    """What log and events call whom the token speaks for: as the same user is called when signed in by a page."""
    if facts.user_id is None:
        return facts.client.row.client_id
    if facts.contact_center_id is None:
        return facts.user_name
    return f"{tenant_name(facts.contact_center_id)}\\{facts.user_name}"


def _privileges(facts: BearerFacts) -> frozenset[str]:
    if facts.user_id is None:
        return frozenset()
    return rights_of(facts.user_id, facts.user_stamp, facts.contact_center_id)
