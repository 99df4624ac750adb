"""Sealing of stored secrets and keyed hashes, both under the key ring.

Every value names its key's id in front. A sealed value is bound to purpose, table, field and row as associated
data: moved anywhere else it opens nowhere, and a wrong key fails closed.
"""

import base64
import binascii
import hmac
import json
import secrets
from functools import lru_cache
from hashlib import sha256

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from config.keyring import KEY_BYTES, Key, KeyRing, parse_ring

NONCE_BYTES = 12


class SealBroken(Exception):
    """A sealed value does not open: unknown key, other row, or changed bytes. The words quote no value."""


def ring() -> KeyRing:
    """Return the key ring of this installation (parsed once per text)."""
    return _ring_of(settings.DESKGATE_KEYS)


def derived_keys(purpose: str) -> tuple[bytes, ...]:
    """Return the 32-byte keys of ``purpose``, one per key of the ring, primary first."""
    return tuple(_derived(key, purpose) for key in ring().keys)


def seal(plain: str | bytes, *, purpose: str, table: str, field: str, row: str) -> str:
    """Return ``keyid:base64url(nonce + ciphertext)`` of ``plain`` (text as UTF-8) under AES-256-GCM."""
    key = ring().primary
    nonce = secrets.token_bytes(NONCE_BYTES)
    data = plain.encode() if isinstance(plain, str) else plain
    sealed = AESGCM(_derived(key, f"seal:{purpose}")).encrypt(
        nonce, data, _bound_to(key.id, purpose, table, field, row)
    )
    return f"{key.id}:{base64.urlsafe_b64encode(nonce + sealed).decode()}"


def unseal(sealed: str, *, purpose: str, table: str, field: str, row: str) -> bytes:
    """Open what ``seal`` made with the same arguments. Raises SealBroken for anything else."""
    key_id, _, encoded = sealed.partition(":")
    key = ring().by_id(key_id)
    if key is None:
        raise SealBroken(f"{table}.{field} is sealed under a key that is not in DESKGATE_KEYS")
    try:
        raw = base64.b64decode(encoded, altchars=b"-_", validate=True)
        cipher = AESGCM(_derived(key, f"seal:{purpose}"))
        return cipher.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], _bound_to(key.id, purpose, table, field, row))
    except (InvalidTag, binascii.Error, ValueError):
        raise SealBroken(f"{table}.{field} does not open under key {key.id}") from None


def sealed_under(sealed: str) -> str:
    """Return the id of the key in front of a sealed value or keyed hash: what a re-keying asks."""
    return sealed.replace("$", ":", 1).partition(":")[0]


def keyed_hash(data: bytes, *, purpose: str) -> str:
    """Return ``keyid$hex`` of HMAC-SHA256 under the primary key: for generated secrets, which need no slow hash."""
    key = ring().primary
    return f"{key.id}${_digest(key, data, purpose)}"


def keyed_hashes(data: bytes, *, purpose: str) -> list[str]:
    """What ``keyed_hash`` gave under each key of the ring: by these a row is found that is known by such a hash."""
    return [f"{key.id}${_digest(key, data, purpose)}" for key in ring().keys]


def keyed_hash_matches(stored: str, data: bytes, *, purpose: str) -> bool:
    """Whether ``stored`` (by ``keyed_hash``) is of ``data``; constant time, also for a key that is gone (False)."""
    key_id, _, digest = stored.partition("$")
    key = ring().by_id(key_id)
    expected = _digest(key or ring().primary, data, purpose)
    return hmac.compare_digest(digest.encode(), expected.encode()) and key is not None


def _digest(key: Key, data: bytes, purpose: str) -> str:
    return hmac.new(_derived(key, f"hash:{purpose}"), data, sha256).hexdigest()


def _bound_to(*parts: str) -> bytes:
    # JSON keeps the borders of the parts: ("ab", "c") and ("a", "bc") differ.
    return json.dumps(parts).encode()


@lru_cache(maxsize=8)
def _ring_of(text: str) -> KeyRing:
    return parse_ring(text)


@lru_cache(maxsize=256)
def _derived(key: Key, purpose: str) -> bytes:
    return HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=f"deskgate:{purpose}".encode()).derive(key.secret)
