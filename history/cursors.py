"""Cursors of lists: where the next page begins, opaque, URL-safe and signed for one list with its filters."""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import NamedTuple

from config.encryption import derived_keys

_FORM = struct.Struct(">QQ")
_MAC = 16
_PURPOSE = "history-cursor"


class Mark(NamedTuple):
    """The last row of a page, by what its list is ordered by: (time in ms, key of the row)."""

    at: int
    key: int


@dataclass(frozen=True, slots=True)
class Listing:
    """Which list a cursor is of: another list's, another door's, or one under other filters does not fit."""

    application_id: int
    path: tuple[str, ...]
    filters: Mapping[str, str]

    @property
    def signed(self) -> bytes:
        """What is signed with each of its cursors."""
        return json.dumps([self.application_id, self.path, sorted(self.filters.items())]).encode()


def cursor_of(listing: Listing, mark: Mark) -> str:
    """The cursor that goes on after ``mark``."""
    packed = _FORM.pack(mark.at, mark.key)
    return _written(packed + _mac(derived_keys(_PURPOSE)[0], listing, packed))


def mark_of(listing: Listing, cursor: str) -> Mark | None:
    """Where a cursor goes on; None for one that we did not make for this very list."""
    if len(cursor) > 64:
        return None
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    packed, mac = raw[: _FORM.size], raw[_FORM.size :]
    # Base64 has several writings of one value; only ours is ours.
    if len(packed) != _FORM.size or len(mac) != _MAC or _written(raw) != cursor:
        return None
    good = [hmac.compare_digest(mac, _mac(key, listing, packed)) for key in derived_keys(_PURPOSE)]
    return Mark(*_FORM.unpack(packed)) if any(good) else None


def _written(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _mac(key: bytes, listing: Listing, packed: bytes) -> bytes:
    return hmac.new(key, packed + listing.signed, sha256).digest()[:_MAC]
