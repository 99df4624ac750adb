"""ID tokens (OpenID Connect Core §2): minted for every grant with a user, and read back as hints."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from accounts.models import SigningKey, User
from accounts.services.keys import signed_claims, signed_jwt
from config.encryption import derived_keys
from oauthapi.models import ApiClient, TokenFamily

LIFETIME = 3_600
"""Seconds: an ID token is read at once, not kept."""
_SID = "id-token-sid"


@dataclass(frozen=True, slots=True)
class Hint:
    """What an ID token of ours says when a client sends it back (``id_token_hint``)."""

    subject: str
    client_id: str
    session_id: str
    auth_time: int


def issuer() -> str:
    """``iss``: from PUBLIC_URL alone, never from a Host header."""
    return f"{settings.DESKGATE_PUBLIC_URL}/auth/v3"


def id_token_of(family: TokenFamily, user: User, client: ApiClient, access_token: str) -> str:
    """The signed ID token of this authorization; names and e-mail stay at user info."""
    now = int(time.time())
    claims: dict[str, Any] = {
        "iss": issuer(),
        "sub": user.subject,
        "aud": client.client_id,
        "azp": client.client_id,
        "iat": now,
        "exp": now + LIFETIME,
        "at_hash": at_hash(access_token),
        "sid": session_ids(family.pk)[0],
    }
    if family.auth_time:
        claims["auth_time"] = int(family.auth_time.timestamp())
    if family.nonce:
        claims["nonce"] = family.nonce
    return signed_jwt(SigningKey.Purpose.ID_TOKEN, claims)


def at_hash(access_token: str) -> str:
    """The left half of the token's SHA-256, base64url (OpenID Connect Core §3.1.3.6)."""
    return base64.urlsafe_b64encode(hashlib.sha256(access_token.encode()).digest()[:16]).rstrip(b"=").decode()


def session_ids(family_id: int) -> list[str]:
    """``sid`` of a family under every key of the ring, the present one first: it tells the row's id to nobody."""
    return [hmac.digest(key, str(family_id).encode(), hashlib.sha256).hex()[:32] for key in derived_keys(_SID)]


def _seconds(claims: dict[str, Any]) -> int:
    proved = claims.get("auth_time")
    return proved if isinstance(proved, int) else 0


def hint_of(id_token: str) -> Hint | None:
    """What an ID token that we signed says, an expired one too (RP-Initiated Logout §4); None for any other text."""
    claims = signed_claims(SigningKey.Purpose.ID_TOKEN, id_token) if id_token else None
    if claims is None or claims.get("iss") != issuer():
        return None
    return Hint(str(claims.get("sub", "")), str(claims.get("aud", "")), str(claims.get("sid", "")), _seconds(claims))
