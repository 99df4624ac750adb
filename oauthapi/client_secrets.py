"""Client secrets at rest: what we generate as a keyed hash, what people choose as a moderate PBKDF2.

A generated secret has 256 random bits, so a slow hash would buy nothing and cost every token call
(django-oauth-toolkit's default: 0.4 s). A human-chosen one is verified slowly, once a minute per process.
"""

from __future__ import annotations

import hmac
import secrets
from datetime import datetime
from functools import cache

from django.contrib.auth.hashers import PBKDF2PasswordHasher
from django.utils import timezone

from accounts.services import verified
from config.encryption import keyed_hash, keyed_hash_matches
from oauthapi.models import ApiClient

_PURPOSE = "client-secret"
_ROUNDS = 50_000
_KEYED = "keyed:"
_slow = PBKDF2PasswordHasher()


def secret_generate() -> str:
    """A new client secret: 256 random bits, URL-safe, marked so that its hash can be a fast one."""
    return f"dgs_{secrets.token_urlsafe(32)}"


def secret_encode(secret: str) -> str:
    """What is stored of a secret: a keyed hash when we generated it, else PBKDF2."""
    if _is_generated(secret):
        return _KEYED + keyed_hash(secret.encode(), purpose=_PURPOSE)
    return _slow.encode(secret, _slow.salt(), iterations=_ROUNDS)


def secret_matches(client: ApiClient | None, secret: str, *, now: datetime | None = None) -> bool:
    """Whether this is the client's secret, present or previous. An unknown client costs what a known one does."""
    moment = now or timezone.now()
    stored = [client.secret_hash] if client and client.secret_hash else []
    if client and client.previous_secret_hash and (client.previous_secret_until or moment) > moment:
        stored.append(client.previous_secret_hash)
    if client and any(_matches(client, encoded, secret) for encoded in stored):
        return True
    if all(encoded.startswith(_KEYED) for encoded in stored):
        _slow_compare(secret, _nobodys())
    return False


def secret_is_present(client: ApiClient, secret: str) -> bool:
    """Whether this is the client's present secret, not one that is being rotated away. Slow for a chosen one."""
    return bool(client.secret_hash) and _matches(client, client.secret_hash, secret)


def _matches(client: ApiClient, encoded: str, secret: str) -> bool:
    if encoded.startswith(_KEYED):
        return keyed_hash_matches(encoded.removeprefix(_KEYED), secret.encode("utf-8", "replace"), purpose=_PURPOSE)
    # Of this very hash: a previous secret that was proven does not pass for the present one after its end.
    fingerprint = verified.fingerprint("client", f"{client.client_id} {encoded}", secret)
    known = verified.recall(fingerprint)
    if known and known.subject == client.pk and known.stamp == client.stamp:
        return True
    right = _slow_compare(secret, encoded)
    if right:
        verified.remember(fingerprint, client.pk, client.stamp)
    return right


def _slow_compare(secret: str, encoded: str) -> bool:
    parts = _slow.decode(encoded)
    again = _slow.encode(secret.replace("\x00", ""), str(parts["salt"]), iterations=int(parts["iterations"]))
    return hmac.compare_digest(again, encoded) and "\x00" not in secret


def _is_generated(secret: str) -> bool:
    return secret.startswith("dgs_") and len(secret) == 47


@cache
def _nobodys() -> str:
    return _slow.encode(secrets.token_urlsafe(32), _slow.salt(), iterations=_ROUNDS)
