"""A short memory of pairs that were proven, so that a machine calling 1,000 times costs one hash, not 1,000.

Per process, at most 60 s, keyed with a key that dies with the process, and bound to the row's stamp: whoever recalls
compares the stamp with the row as it is now, so a changed or disabled row is refused at once.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import threading
import time
from collections import OrderedDict
from typing import NamedTuple

SECONDS = 60.0
_ROOM = 10_000
_key = secrets.token_bytes(32)
_lock = threading.Lock()


class Recalled(NamedTuple):
    """Whose pair it was, and under which stamp of his row it was proven."""

    subject: int
    stamp: int
    until: float


_known: OrderedDict[bytes, Recalled] = OrderedDict()


def fingerprint(kind: str, name: str, password: str) -> bytes:
    """A keyed hash of the pair; the parts are framed by their lengths, so that no two pairs share one."""
    parts = [kind.encode(), name.encode("utf-8", "surrogatepass"), password.encode("utf-8", "surrogatepass")]
    framed = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
    return hmac.digest(_key, framed, hashlib.sha256)


def recall(print_: bytes) -> Recalled | None:
    """The proof of this pair, unless it is older than a minute."""
    found = _known.get(print_)
    return found if found and found.until > time.monotonic() else None


def remember(print_: bytes, subject: int, stamp: int) -> None:
    """Keep a proof that was just given in full."""
    with _lock:
        _known[print_] = Recalled(subject, stamp, time.monotonic() + SECONDS)
        _known.move_to_end(print_)
        while len(_known) > _ROOM:
            _known.popitem(last=False)
