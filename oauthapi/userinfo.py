"""What user info says: ``CloudUserDetails`` and ``OpenIdUserInfo`` from a live token's facts. No HTTP."""

from __future__ import annotations

import time
from typing import Any

from accounts.models import SigningKey
from accounts.selectors import Authority, authorities_of
from accounts.services.keys import signed_jwt
from oauthapi.id_tokens import issuer
from oauthapi.rules import has_scope
from oauthapi.selectors import BearerFacts

JWT_LIFETIME = 300
"""Seconds that an X-GWS-User token lives at most."""
JWT_LIMIT = 8 * 1024
"""Bytes: proxies cut or refuse longer headers."""


def cloud_user_details(facts: BearerFacts) -> dict[str, Any]:
    """``CloudUserDetails``: authorities and properties always, username always, what is not set left out."""
    details: dict[str, Any] = {
        "authorities": [{"name": a.name, "privileges": list(a.privileges)} for a in _authorities(facts)],
        "username": facts.system_name,
        "properties": _properties(facts),
    }
    if facts.user_id is not None:
        optional = {
            "cmeUserName": facts.user_name if facts.contact_center_id else None,
            "loginName": facts.user_name,
            "dbid": facts.dbid,
            "contactCenterId": str(facts.contact_center_id) if facts.contact_center_id else None,
            "environmentId": str(facts.environment_id) if facts.environment_id else None,
        }
        details |= {name: value for name, value in optional.items() if value is not None}
    return details


def open_id_user_info(facts: BearerFacts) -> dict[str, Any]:
    """``OpenIdUserInfo``: ``sub`` always, the rest when the scope has ``openid`` or ``*``."""
    info: dict[str, Any] = {"sub": facts.subject}
    if has_scope(facts.scope, "openid"):
        optional = {
            "aud": facts.client.row.client_id,
            "user_name": facts.system_name,
            # The seed ties these to ``openid`` alone; ``profile`` and ``email`` add nothing to it.
            "given_name": facts.first_name,
            "family_name": facts.last_name,
            "email": facts.email,
            "contact_center_id": str(facts.contact_center_id or ""),
            "environment_id": str(facts.environment_id or ""),
        }
        info |= {name: value for name, value in optional.items() if value}
    if facts.dbid is not None:
        info["dbid"] = facts.dbid
    info["authorities"] = [{"name": a.name, "privileges": list(a.privileges)} for a in _authorities(facts)]
    info["properties"] = _properties(facts)
    return info


def jwt_audience() -> str:
    """``aud`` of ``X-GWS-User``: its readers, and no client, who might take it for an ID token of its own."""
    return f"{issuer()}/jwt-userinfo"


def user_info_jwt(facts: BearerFacts) -> str:
    """The value of ``X-GWS-User``: RS256, at most five minutes and never past the token; under 8 KB."""
    now = int(time.time())
    claims = {
        "iss": issuer(),
        "sub": facts.subject,
        "aud": jwt_audience(),
        "client_id": facts.client.row.client_id,
        "iat": now,
        "exp": min(now + JWT_LIFETIME, int(facts.expires_at.timestamp())),
        **cloud_user_details(facts),
    }
    token = signed_jwt(SigningKey.Purpose.USER_INFO, claims, typ="gws-user+jwt")
    if len(token) < JWT_LIMIT:
        return token
    # Names first, then nothing: whoever needs the privileges asks user info, and is told so.
    slim = [{"name": authority["name"], "privileges": []} for authority in claims["authorities"]]
    for authorities, properties in ((slim, claims["properties"]), (slim, {}), ([], {})):
        claims |= {"authorities": authorities, "properties": properties, "truncated": True}
        token = signed_jwt(SigningKey.Purpose.USER_INFO, claims, typ="gws-user+jwt")
        if len(token) < JWT_LIMIT:
            break
    return token


def _authorities(facts: BearerFacts) -> tuple[Authority, ...]:
    if facts.user_id is None:
        return tuple(Authority(name, ()) for name in facts.client.row.authorities)
    return authorities_of(facts.user_id, facts.user_stamp, facts.contact_center_id)


def _properties(facts: BearerFacts) -> dict[str, str]:
    """Strings only; the three of the real service and those declared on the user."""
    stored: object = facts.properties
    # What older rows or other hands stored beside texts is left out: user info never fails by it.
    told = {name: text for name, text in stored.items() if isinstance(text, str)} if isinstance(stored, dict) else {}
    if facts.contact_center_number is not None:
        told["tenantDBID"] = str(facts.contact_center_number)
    if facts.user_id is not None:
        told |= {"firstName": facts.first_name, "lastName": facts.last_name}
    return told
