"""Seeds of authenticators: made, read, sealed to their rows, and told to an app as a URI."""

from __future__ import annotations

import base64
import binascii
import secrets
from urllib.parse import quote, urlencode
from uuid import UUID

from django.core.exceptions import ValidationError

from config.encryption import seal, unseal
from twofactor.totp import DIGITS, STEP

_BYTES = 20
"""Of a new seed: 160 bits, as RFC 4226 §4 recommends."""
_FEWEST, _MOST = 16, 64
_FEWEST_IN_DEMO = 10
"""The demo's seed is the documented one of many manuals, and shorter."""
_GROUP = 4


def seed_new() -> bytes:
    """Random bytes."""
    return secrets.token_bytes(_BYTES)


def seed_read(text: str, *, demo: bool = False) -> bytes:
    """The bytes of a seed in base32, in any case, with or without blanks and padding; ``demo``: of the demo's files.

    Raises ValidationError, which does not quote it.
    """
    letters = "".join(text.split()).rstrip("=").upper()
    try:
        seed = base64.b32decode(letters + "=" * (-len(letters) % 8))
    except (binascii.Error, ValueError):
        raise ValidationError("Write the seed in base32: letters A to Z and digits 2 to 7.", code="invalid") from None
    if not (_FEWEST_IN_DEMO if demo else _FEWEST) <= len(seed) <= _MOST:
        raise ValidationError(f"Use a seed of {_FEWEST} to {_MOST} bytes.", code="invalid")
    return seed


def seed_text(seed: bytes) -> str:
    """In base32 without padding, as apps take it."""
    return base64.b32encode(seed).decode().rstrip("=")


def seed_groups(seed: bytes) -> str:
    """In groups, for typing."""
    text = seed_text(seed)
    return " ".join(text[start : start + _GROUP] for start in range(0, len(text), _GROUP))


def seed_seal(seed: bytes, authenticator_id: UUID) -> str:
    """Sealed to its row."""
    return seal(seed, purpose="authenticator", table="authenticator", field="seed", row=str(authenticator_id))


def seed_unseal(sealed: str, authenticator_id: UUID) -> bytes:
    """Raises SealBroken."""
    return unseal(sealed, purpose="authenticator", table="authenticator", field="seed", row=str(authenticator_id))


def provisioning_uri(seed: bytes, *, issuer: str, account: str) -> str:
    """The ``otpauth://`` URI that a QR code carries. A colon separates issuer and account, so neither holds one."""
    issuer, account = (part.replace(":", " ") for part in (issuer, account))
    label = quote(issuer, safe="") + ":" + quote(account, safe="")
    query = {
        "secret": seed_text(seed), "issuer": issuer, "algorithm": "SHA1", "digits": DIGITS, "period": STEP,
    }  # fmt: skip
    # Blanks are %20: some apps show a plus sign as one.
    return f"otpauth://totp/{label}?{urlencode(query, quote_via=quote, safe='')}"
