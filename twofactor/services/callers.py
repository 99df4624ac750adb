"""Who may use an application: Basic credentials bound to it, and keys that are part of an address."""

from __future__ import annotations

import re
import secrets

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone

from config.encryption import keyed_hash
from environment.services.objects import object_delete, object_save
from twofactor.models import Caller, CapabilityKey
from twofactor.selectors.doors import KEY_PURPOSE, LONGEST_KEY, USE_STAMPED, use_is_stale

KEY_BYTES = 32
SHORTEST = 43
"""Characters of base64url that 256 bits take."""
_KEY = re.compile(r"[A-Za-z0-9_-]+\Z")


def caller_create(caller: Caller, *, reason: str | None = None) -> Caller:
    """Bind a credential to an application of its contact center. Raises Forbidden, ValidationError, NameTaken."""
    return object_save(caller, reason=reason)


def caller_delete(caller: Caller, *, reason: str | None = None) -> None:
    """Take the binding away; the credential is refused there on the next call. Raises Forbidden."""
    object_delete(caller, reason=reason)


def key_generate() -> str:
    """256 random bits as base64url, which an address takes as they are."""
    return secrets.token_urlsafe(KEY_BYTES)


def key_fault(plain: str, *, demo: bool = False) -> str:
    """What is wrong with a key that somebody chose; "" when nothing. The demo's are documented ones, and shorter."""
    shortest = 32 if demo else SHORTEST
    if _KEY.match(plain) and shortest <= len(plain) <= LONGEST_KEY:
        return ""
    return f"A key has {SHORTEST} to {LONGEST_KEY} letters, digits, - and _."


def capability_key_create(
    key: CapabilityKey, *, plain: str = "", reason: str | None = None
) -> tuple[CapabilityKey, str]:
    """Store a new key, of these characters or of generated ones, and return it with them: they are kept nowhere.

    Raises Forbidden, ValidationError, NameTaken.
    """
    plain = plain or key_generate()
    fault = key_fault(plain, demo=key.made_by_demo)
    if fault:
        raise ValidationError({"key": fault})
    _make(key, plain)
    return object_save(key, reason=reason), plain


def capability_key_rotate(key: CapabilityKey, *, reason: str | None = None) -> str:
    """Give it other characters and return them; the old address is refused from the next call on. Raises Forbidden."""
    plain = key_generate()
    _make(key, plain)
    object_save(key, reason=reason)
    return plain


def capability_key_update(key: CapabilityKey, *, reason: str | None = None) -> CapabilityKey:
    """Store another name, other networks, or whether it is enabled. Raises Forbidden, ValidationError, NameTaken."""
    return object_save(key, reason=reason)


def capability_key_delete(key: CapabilityKey, *, reason: str | None = None) -> None:
    """Delete it; its address is refused from the next call on. Raises Forbidden."""
    object_delete(key, reason=reason)


def capability_key_touch(key: CapabilityKey) -> None:
    """Note that it was used, at most once a minute."""
    if not use_is_stale(key):
        return
    now = timezone.now()
    stale = Q(last_used_at__isnull=True) | Q(last_used_at__lt=now - USE_STAMPED)
    CapabilityKey.objects.filter(stale, pk=key.pk).update(last_used_at=now)


def _make(key: CapabilityKey, plain: str) -> None:
    key.key_hash = keyed_hash(plain.encode(), purpose=KEY_PURPOSE)
    key.hint = plain[-4:]
