"""ID tokens (OpenID Connect Core §2) and the X-GWS-User token: claims and signature, by keys of their own kinds."""

from __future__ import annotations

import base64
import hashlib
import time
from typing import Any

from django.conf import settings

from accounts.models import SigningKey, User
from accounts.services.keys import signed_jwt
from oauthapi.models import ApiClient, TokenFamily

LIFETIME = 3_600
"""Seconds: an ID token is read at once, not kept."""


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
    }
    if family.auth_time:
        claims["auth_time"] = int(family.auth_time.timestamp())
    if family.nonce:
        claims["nonce"] = family.nonce
    return signed_jwt(SigningKey.Purpose.ID_TOKEN, claims)


def at_hash(access_token: str) -> str:
    """The left half of the token's SHA-256, base64url (OpenID Connect Core §3.1.3.6)."""
    return base64.urlsafe_b64encode(hashlib.sha256(access_token.encode()).digest()[:16]).rstrip(b"=").decode()
