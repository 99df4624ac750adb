"""``WWW-Authenticate`` and the characters that OAuth's error texts may hold."""

from __future__ import annotations

from typing import Literal

Challenge = Literal["bearer", "basic", "none"]

REALM = "Deskgate"
DEAD_BEARER = "The access token is invalid or has expired."
"""For bearers of every kind: a caller is not told which kind of token his was taken for."""


def plain_words(text: str) -> str:
    """``text`` in the characters that RFC 6749 §5.2 and RFC 6750 §3 allow: printable ASCII without ``"`` and ``\\``."""
    replaced = text.replace('"', "'").replace("\\", "/")
    return "".join(character if " " <= character <= "~" else "?" for character in replaced)


def challenge_header(scheme: str, **parameters: str) -> str:
    """The value of ``WWW-Authenticate`` with every parameter a quoted string (RFC 6750 §3)."""
    quoted = ", ".join(f'{name}="{plain_words(value)}"' for name, value in parameters.items() if value)
    return f"{scheme} {quoted}".rstrip()
