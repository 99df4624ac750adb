"""Random 64-bit stamps: revocation and caches compare them for equality, never for order."""

import secrets


def new_stamp() -> int:
    """Return a random integer of 63 bits: it fits a signed BIGINT on every store and is never negative."""
    return secrets.randbits(63)
