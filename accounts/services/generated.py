"""Passwords made for people by us."""

from __future__ import annotations

import secrets
import string

from accounts import options
from accounts.models import User

_SHORTEST = 16
_KINDS = ("abcdefghijkmnopqrstuvwxyz", "ABCDEFGHJKLMNPQRSTUVWXYZ", "23456789", "-_.+=")
"""Letters and digits that look alike are left out; one of each kind satisfies every rule."""


def password_for(user: User) -> str:
    """A password that keeps the user's rules: at least 16 characters, letters of both cases, digits, punctuation."""
    length = max(_SHORTEST, options.PASSWORD_MIN_LENGTH.of(user.contact_center_id))
    characters = [secrets.choice(kind) for kind in _KINDS]
    characters += [secrets.choice("".join(_KINDS)) for _ in range(length - len(characters))]
    secrets.SystemRandom().shuffle(characters)
    # A form, a CSV cell and a shell take a leading letter best.
    first = next(place for place, one in enumerate(characters) if one in string.ascii_letters)
    characters[0], characters[first] = characters[first], characters[0]
    return "".join(characters)
