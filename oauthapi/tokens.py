"""Token values. Random at first; a rotated pair's successors are derived, so that a repeated refresh gives the same.

Both functions are called by oauthlib as generators with its request (``OAUTH2_PROVIDER`` settings name them).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from typing import Any

from config.encryption import derived_keys

_PURPOSE = "token-successor"


def access_token(request: Any = None, refresh_token: bool = False) -> str:
    """A bearer token of 256 bits: derived when a refresh rotates, else random."""
    return _next(request, "access") or secrets.token_urlsafe(32)


def refresh_token(request: Any = None) -> str:
    """A refresh token of 256 bits: derived when a refresh rotates, else random."""
    return _next(request, "refresh") or secrets.token_urlsafe(32)


def successor(presented: str, family_id: int, generation: int, kind: str, *, key: bytes) -> str:
    """HMAC-SHA256 over the presented refresh token, its family and the new generation, framed by lengths."""
    parts = [
        presented.encode("utf-8", "surrogatepass"),
        str(family_id).encode(),
        str(generation).encode(),
        kind.encode(),
    ]
    framed = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
    return base64.urlsafe_b64encode(hmac.digest(key, framed, hashlib.sha256)).rstrip(b"=").decode()


def successors_under(request: Any, kind: str) -> list[str]:
    """The successor under every key of the ring, the present one first: a repeat may come after a re-key."""
    rotation = request.rotation
    return [
        successor(rotation.presented, rotation.family_id, rotation.generation + 1, kind, key=key)
        for key in derived_keys(_PURPOSE)
    ]


def _next(request: Any, kind: str) -> str:
    """The successor when ``validate_refresh_token`` found a rotation due; empty otherwise."""
    return successors_under(request, kind)[0] if getattr(request, "rotation", None) else ""
