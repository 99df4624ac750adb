"""Signing keys in the database, sealed: RS256 for ID tokens and X-GWS-User, each kind of JWT its own key.

A key is published before it signs and stays published until the last thing signed with it has ended.
"""

from __future__ import annotations

import json
import re
import secrets
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from jwcrypto.common import JWException, base64url_decode
from jwcrypto.jwk import JWK
from jwcrypto.jws import JWS
from jwcrypto.jwt import JWT

from accounts.models import SigningKey
from activity.services import change_record, snapshot
from config.encryption import seal, unseal
from config.policy import require
from environment.models import Installation

Purpose = SigningKey.Purpose
ALGORITHMS = {
    Purpose.ID_TOKEN: "RS256",
    Purpose.USER_INFO: "RS256",
    Purpose.TEMPORARY: "RS512",
    Purpose.CREDENTIAL: "RS512",
}
PUBLISH_AHEAD = timedelta(hours=24)
"""How long a rotated-in key is in the JWKS before it signs: longer than any client caches the set."""
KEEP_AFTER = timedelta(days=31)
"""How long a retired key stays published: longer than the longest-lived thing signed with it."""
_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_KID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_FOREIGN_KEYS = frozenset({"jwk", "jku", "x5u", "x5c", "crit"})
"""Headers that name a key of the sender's, or extensions: nothing that we sign has one."""


def issuer() -> str:
    """``iss`` of the tokens of ``/configuration``: from PUBLIC_URL alone, and not that of ID tokens."""
    return f"{settings.DESKGATE_PUBLIC_URL}/configuration"


def signing_key(purpose: str) -> SigningKey:
    """The key that signs now: the youngest whose time has come. Made at first need, by one process only."""
    found = _signing_now(purpose, timezone.now()).first()
    return found or _first_key(purpose)


def signed_jwt(purpose: str, claims: dict[str, Any], *, typ: str = "JWT") -> str:
    """A compact JWS of the claims by the purpose's present key, its ``kid`` in the header (RFC 7515)."""
    key = signing_key(purpose)
    token = JWT(header={"alg": key.algorithm, "kid": key.kid, "typ": typ}, claims=claims)
    token.make_signed_token(_private(key.kid, key.private_sealed))
    return str(token.serialize())


def header_typ(token: str) -> str:
    """``typ`` of a compact JWS, verified by nobody: it says who is to judge the token; "" for any other text."""
    if not _COMPACT.fullmatch(token):
        return ""
    try:
        header = json.loads(base64url_decode(token.partition(".")[0]))
    except (ValueError, TypeError, RecursionError):
        return ""
    typ = header.get("typ") if isinstance(header, dict) else None
    return typ if isinstance(typ, str) else ""


def signed_claims(purpose: str, token: str, *, typ: str | None = None) -> dict[str, Any] | None:
    """The claims of a compact JWS that a key of this purpose signed, expired or not; None for any other text.

    The key's own algorithm is the only one taken, whatever the header says, and of ``typ``, when given, only this one
    (RFC 8725 §3.11). A header that brings a key along, or ``crit``, is refused.
    """
    if not _COMPACT.fullmatch(token):
        return None
    jws = JWS()
    try:
        jws.deserialize(token)
        header = jws.jose_header
        kid = header.get("kid")
        if not isinstance(kid, str) or not _KID.fullmatch(kid) or _FOREIGN_KEYS & set(header):
            return None
        if typ is not None and header.get("typ") != typ:
            return None
        key = SigningKey.objects.filter(purpose=purpose, kid=kid).first()
        if key is None:
            return None
        jws.allowed_algs = [key.algorithm]
        jws.verify(JWK(**key.public_jwk))
        claims = json.loads(jws.payload)
    except (JWException, ValueError, TypeError, RecursionError):
        return None
    return claims if isinstance(claims, dict) else None


def has_ended(exp: object) -> bool:
    """Whether a claim ``exp`` (seconds) is now or in the past, or no time at all."""
    if not isinstance(exp, int) or isinstance(exp, bool):
        return True
    try:
        return timezone.now() >= datetime.fromtimestamp(exp, UTC)
    except (OverflowError, OSError, ValueError):
        return True


def published_keys() -> list[dict[str, Any]]:
    """The public JWKs of all keys that sign, will sign, or signed something that may still be alive."""
    now = timezone.now()
    keys = SigningKey.objects.filter(Q(published_until__isnull=True) | Q(published_until__gt=now))
    return [key.public_jwk for key in keys]


def key_rotate(purpose: str, *, reason: str | None = None, at_once: bool = False) -> SigningKey:
    """Publish a new key now that signs from ``PUBLISH_AHEAD`` on (or at once); the old ones retire then."""
    require("write", SigningKey)
    now = timezone.now()
    fresh = _new_key(purpose, now if at_once else now + PUBLISH_AHEAD)
    with transaction.atomic():
        _lock()
        _follow(fresh, reason)
    return fresh


def key_rotate_older(purpose: str, age: timedelta, *, reason: str | None = None) -> SigningKey | None:
    """Rotate as ``key_rotate`` does when the present key has signed for ``age``; None when it has not.

    Of any number of processes that find it so, one rotates. A purpose that never signed gets no key here.
    """
    require("write", SigningKey)
    begun = timezone.now() - age
    last = SigningKey.objects.filter(purpose=purpose, signs_until__isnull=True)
    if not last.exists() or last.filter(signs_from__gt=begun).exists():
        return None
    # Made before the lock, for that takes long.
    fresh = _new_key(purpose, timezone.now() + PUBLISH_AHEAD)
    with transaction.atomic():
        _lock()
        if last.filter(signs_from__gt=begun).exists():
            return None
        _follow(fresh, reason)
    return fresh


def keys_delete_ended(*, reason: str | None = None) -> int:
    """Delete the keys that are no longer published: nothing they signed is alive. How many there were."""
    require("write", SigningKey)
    with transaction.atomic():
        _lock()
        ended = SigningKey.objects.filter(published_until__lte=timezone.now())
        for key in (rows := list(ended)):
            change_record(action="delete", obj=key, before=snapshot(key), after={}, reason=reason)
            key.delete()
    return len(rows)


def _follow(fresh: SigningKey, reason: str | None) -> None:
    """Store a key; those before it retire when it begins to sign."""
    SigningKey.objects.filter(purpose=fresh.purpose, signs_until__isnull=True).update(
        signs_until=fresh.signs_from, published_until=fresh.signs_from + KEEP_AFTER
    )
    fresh.save(force_insert=True)
    change_record(action="create", obj=fresh, before={}, after=snapshot(fresh), reason=reason)


def _signing_now(purpose: str, now: datetime) -> QuerySet[SigningKey]:
    alive = Q(signs_until__isnull=True) | Q(signs_until__gt=now)
    return SigningKey.objects.filter(alive, purpose=purpose, signs_from__lte=now).order_by("-signs_from")


def _first_key(purpose: str) -> SigningKey:
    fresh = _new_key(purpose, timezone.now())
    with transaction.atomic():
        _lock()
        found = _signing_now(purpose, timezone.now()).first()
        if found is None:
            fresh.save(force_insert=True)
        return found or fresh


def _lock() -> None:
    """Two processes that both find no key wait for each other at the installation's row."""
    Installation.objects.select_for_update().get(pk=1)


def _new_key(purpose: str, begins: datetime) -> SigningKey:
    algorithm = ALGORITHMS[Purpose(purpose)]
    kid = secrets.token_urlsafe(12)
    key = JWK.generate(kty="RSA", size=2048, kid=kid, use="sig", alg=algorithm)
    return SigningKey(
        kid=kid,
        purpose=purpose,
        algorithm=algorithm,
        signs_from=begins,
        public_jwk=json.loads(key.export_public()),
        private_sealed=seal(key.export_private(), purpose="signing-key", table="signing_key", field="private", row=kid),
    )


@lru_cache(maxsize=16)
def _private(kid: str, sealed: str) -> JWK:
    """Opened once per process: the sealed text is part of the cache's key, so a re-sealed one is opened anew."""
    return JWK.from_json(unseal(sealed, purpose="signing-key", table="signing_key", field="private", row=kid).decode())
