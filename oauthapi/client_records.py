"""An API client as deployment scripts write it (``/auth/v3/ops/clients``): their names, ours, and what each holds.

Members that nobody knows are ignored; what a member's own type cannot tell is left to the model.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from config.http.members import (
    Member,
    Reader,
    WrongMember,
    boolean,
    items,
    members_read,
    text,
    uuid,
    whole_number,
)
from oauthapi.models import ApiClient

LONGEST_LIFETIME = 315_360_000
"""Seconds: ten years."""
_LONGEST = 2_000
"""Characters of any text that is sent; the model's fields are shorter."""
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_TEXT = text(_LONGEST)
_SECONDS = whole_number(1, LONGEST_LIFETIME)


def _each_once(each: Reader) -> Reader:
    """Scripts fill lists from variables that may hold the same value: each counts once."""
    read = items(each)
    return lambda value: list(dict.fromkeys(read(value)))


_NAMES = _each_once(_TEXT)


def _scopes(value: Any) -> list[str]:
    names: list[str] = _NAMES(value.split() if isinstance(value, str) else value)
    return names


def _day(value: Any) -> date:
    try:
        return date.fromisoformat(value if _DAY.fullmatch(_TEXT(value)) else "")
    except ValueError:
        raise WrongMember(("", "This is a day as in 2030-12-31.")) from None


_MEMBERS = (
    Member("name", "name", _TEXT),
    Member("description", "description", _TEXT),
    Member("clientType", "client_type", _TEXT),
    Member("internalClient", "internal", boolean),
    Member("authorizedGrantTypes", "grants", _NAMES),
    Member("authorities", "authorities", _NAMES),
    Member("scope", "scopes", _scopes),
    Member("redirectURIs", "redirect_uris", _NAMES),
    Member("accessTokenExpirationTimeout", "access_token_lifetime", _SECONDS),
    Member("refreshTokenExpirationTimeout", "refresh_token_lifetime", _SECONDS),
    Member("redirectMatch", "redirect_match", _TEXT),
    Member("postLogoutRedirectURIs", "post_logout_redirect_uris", _NAMES),
    Member("allowedOrigins", "allowed_origins", _NAMES),
    Member("enabled", "enabled", boolean),
    Member("trusted", "trusted", boolean),
    Member("requirePkce", "require_pkce", boolean),
    Member("basicOnAuthorize", "basic_on_authorize", boolean),
    Member("rotateRefreshTokens", "rotate_refresh_tokens", boolean),
    Member("mayIntrospect", "may_introspect", boolean),
    Member("legacyGrantsUntil", "legacy_grants_until", _day, null_clears=True),
    Member("owner", "owner_id", uuid, null_clears=True),
)
"""What a record tells and takes of the row itself."""
_BESIDE = (
    Member("client_id", "client_id", _TEXT),
    Member("client_secret", "secret", _TEXT),
    Member("contactCenterIds", "contact_centers", _each_once(uuid)),
)
"""What it takes besides."""

TOLD_AS = {member.name: member.sent for member in (*_MEMBERS, *_BESIDE)} | {"owner": "owner"}
"""Our field → their name, for refusals."""


@dataclass(frozen=True, slots=True)
class ClientRecord:
    """What was sent of a client. ``fields`` has our names; ``client_id`` is "" and the others None when not sent.

    An empty or null secret counts as not sent: a create generates one, a change leaves it.
    """

    client_id: str
    secret: str | None
    contact_center_ids: frozenset[UUID] | None
    fields: Mapping[str, Any]

    @classmethod
    def parse(cls, data: Mapping[str, Any]) -> ClientRecord:
        """Raises InvalidParameter naming every member that is wrong."""
        fields = members_read(data, (*_MEMBERS, *_BESIDE))
        bound = fields.pop("contact_centers", None)
        return cls(
            client_id=fields.pop("client_id", ""),
            secret=fields.pop("secret", None) or None,
            contact_center_ids=None if bound is None else frozenset(bound),
            fields=fields,
        )


def record_of(client: ApiClient, contact_center_ids: frozenset[UUID]) -> dict[str, Any]:
    """The record of a client, never with its secret; what is not set is left out. The ids are those to be told."""
    record: dict[str, Any] = {"client_id": client.client_id}
    for member in _MEMBERS:
        value = getattr(client, member.name)
        if value is not None:
            record[member.sent] = str(value) if isinstance(value, (UUID, date)) else value
    return record | {"contactCenterIds": sorted(map(str, contact_center_ids))}
