"""The key ring: master keys by id, apart from SECRET_KEY. Parsing only; the use is in ``config.encryption``."""

import base64
import binascii
import re
import secrets
from dataclasses import dataclass

KEY_BYTES = 32
_KEY_ID = re.compile(r"[A-Za-z0-9_-]{1,32}\Z")


@dataclass(frozen=True, slots=True)
class Key:
    """One master key. ``secret`` never leaves the process; purpose keys are derived from it."""

    id: str
    secret: bytes

    def __repr__(self) -> str:
        return f"Key(id={self.id!r})"


@dataclass(frozen=True, slots=True)
class KeyRing:
    """Keys in the order of ``DESKGATE_KEYS``: the first seals, all open."""

    keys: tuple[Key, ...]

    @property
    def primary(self) -> Key:
        """The key that seals."""
        return self.keys[0]

    @property
    def ids(self) -> tuple[str, ...]:
        """Key ids, primary first."""
        return tuple(key.id for key in self.keys)

    def by_id(self, key_id: str) -> Key | None:
        """Return the key of that id, or None."""
        return next((key for key in self.keys if key.id == key_id), None)


def parse_ring(text: str) -> KeyRing:
    """Read ``id:base64url,id2:base64url``. Raises ValueError in words that quote no key."""
    keys: list[Key] = []
    for position, part in enumerate((piece.strip() for piece in text.split(",")), start=1):
        key_id, colon, encoded = part.partition(":")
        if not colon or not _KEY_ID.match(key_id):
            raise ValueError(f"key {position} is not written as id:base64url")
        if key_id in {key.id for key in keys}:
            raise ValueError(f"key id {key_id} stands twice")
        keys.append(Key(key_id, _decoded(key_id, encoded)))
    return KeyRing(tuple(keys))


def _decoded(key_id: str, encoded: str) -> bytes:
    try:
        secret = base64.b64decode(encoded + "=" * (-len(encoded) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        raise ValueError(f"key {key_id} is not base64url") from None
    if len(secret) != KEY_BYTES:
        raise ValueError(f"key {key_id} has {len(secret)} bytes instead of {KEY_BYTES}")
    # A typed or zero-filled key has few distinct bytes; 32 random ones have about 30.
    if len(set(secret)) < 16:
        raise ValueError(f"key {key_id} is not random")
    return secret


def new_ring_text(key_id: str = "k1") -> str:
    """Return ``DESKGATE_KEYS`` text with one new random key."""
    return f"{key_id}:{base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES)).decode().rstrip('=')}"
