"""An API client as deployment scripts write it (``/auth/v3/ops/clients``): their names, ours, and what each holds.

Members that nobody knows are ignored; what a member's own type cannot tell is left to the model.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NoReturn
from uuid import UUID

from config.http.errors import InvalidParameter
from config.http.views import text_of
from oauthapi.models import ApiClient

LONGEST_LIFETIME = 315_360_000
"""Seconds: ten years."""
_MOST_NAMES = 1_000
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")

Reader = Callable[[str, Any], Any]
"""Member's name and value → our value. Raises InvalidParameter naming the member."""


def _refuse(member: str, words: str) -> NoReturn:
    raise InvalidParameter(f"The parameter '{member}' {words}.", field=member)


def _text(member: str, value: Any) -> str:
    if not isinstance(value, str):
        _refuse(member, "must be a string")
    if any(unicodedata.category(character) == "Cc" for character in value):
        _refuse(member, "holds a control character")
    return value


def _flag(member: str, value: Any) -> bool:
    if not isinstance(value, bool):
        _refuse(member, "must be true or false")
    return value


def _seconds(member: str, value: Any) -> int:
    if type(value) is not int or not 1 <= value <= LONGEST_LIFETIME:
        _refuse(member, f"must be a whole number of seconds from 1 to {LONGEST_LIFETIME}")
    return int(value)


def _names(member: str, value: Any) -> list[str]:
    """Scripts fill such lists from variables that may hold the same value: each counts once."""
    if not isinstance(value, list) or len(value) > _MOST_NAMES or not all(isinstance(one, str) for one in value):
        _refuse(member, f"must be an array of at most {_MOST_NAMES} strings")
    return list(dict.fromkeys(value))


def _scopes(member: str, value: Any) -> list[str]:
    return _names(member, value.split() if isinstance(value, str) else value)


def _key(member: str, value: Any) -> UUID:
    try:
        return UUID(_text(member, value))
    except ValueError:
        _refuse(member, "must be the id of a contact center")


def _owner(member: str, value: Any) -> UUID | None:
    return None if value is None else _key(member, value)


def _day(member: str, value: Any) -> date | None:
    if value is None:
        return None
    try:
        return date.fromisoformat(value if _DAY.fullmatch(_text(member, value)) else "")
    except ValueError:
        _refuse(member, "must be a day as in 2030-12-31")


_MEMBERS: dict[str, tuple[str, Reader]] = {
    "name": ("name", _text),
    "description": ("description", _text),
    "clientType": ("client_type", _text),
    "internalClient": ("internal", _flag),
    "authorizedGrantTypes": ("grants", _names),
    "authorities": ("authorities", _names),
    "scope": ("scopes", _scopes),
    "redirectURIs": ("redirect_uris", _names),
    "accessTokenExpirationTimeout": ("access_token_lifetime", _seconds),
    "refreshTokenExpirationTimeout": ("refresh_token_lifetime", _seconds),
    "redirectMatch": ("redirect_match", _text),
    "postLogoutRedirectURIs": ("post_logout_redirect_uris", _names),
    "allowedOrigins": ("allowed_origins", _names),
    "enabled": ("enabled", _flag),
    "trusted": ("trusted", _flag),
    "requirePkce": ("require_pkce", _flag),
    "basicOnAuthorize": ("basic_on_authorize", _flag),
    "rotateRefreshTokens": ("rotate_refresh_tokens", _flag),
    "mayIntrospect": ("may_introspect", _flag),
    "legacyGrantsUntil": ("legacy_grants_until", _day),
    "owner": ("owner_id", _owner),
}
"""Their name → our field, and how its value is read."""

TOLD_AS = {ours: theirs for theirs, (ours, _) in _MEMBERS.items()} | {
    "owner": "owner",
    "secret": "client_secret",
    "contact_centers": "contactCenterIds",
}
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
        """Raises InvalidParameter naming the member."""
        sent = dict(data)
        bound = None
        if "contactCenterIds" in sent:
            bound = frozenset(
                _key("contactCenterIds", one) for one in _names("contactCenterIds", sent["contactCenterIds"])
            )
        return cls(
            client_id=text_of(sent, "client_id", needed=False),
            secret=text_of(sent, "client_secret", needed=False) or None,
            contact_center_ids=bound,
            fields={ours: read(name, sent[name]) for name, (ours, read) in _MEMBERS.items() if name in sent},
        )


def record_of(client: ApiClient, contact_center_ids: frozenset[UUID]) -> dict[str, Any]:
    """The record of a client, never with its secret; what is not set is left out. The ids are those to be told."""
    record: dict[str, Any] = {"client_id": client.client_id}
    for name, (ours, _) in _MEMBERS.items():
        value = getattr(client, ours)
        if value is not None:
            record[name] = str(value) if isinstance(value, (UUID, date)) else value
    return record | {"contactCenterIds": sorted(map(str, contact_center_ids))}
