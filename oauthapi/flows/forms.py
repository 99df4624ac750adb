"""Forms that clients post to the token, introspection and revocation endpoints (RFC 6749 §2.3, §3.2)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Self
from urllib.parse import unquote_to_bytes

from config.http.errors import BadRequest

_MAX_PAIRS = 50
_LONGEST = 4_096


@dataclass(frozen=True, slots=True)
class ClientForm:
    """A client's form as sent: known fields in order, each at most once, and the Authorization header."""

    pairs: tuple[tuple[str, str], ...]
    authorization: str

    def get(self, name: str) -> str:
        """The field's value; empty when it was not sent."""
        return dict(self.pairs).get(name, "")

    @property
    def headers(self) -> dict[str, str]:
        """What oauthlib may know of the request's headers: with ``Origin`` it would write CORS headers itself."""
        return {"Authorization": self.authorization} if self.authorization else {}

    @classmethod
    def parse(cls, body: bytes, authorization: str, *, known: Collection[str]) -> Self:
        """Read the form. A value that is empty counts as absent, a repeated name is refused, unknown ones ignored.

        Raises BadRequest naming the field.
        """
        seen: dict[str, str] = {}
        for name, value in form_pairs(body):
            if name in seen:
                raise BadRequest(f"The parameter '{name}' was sent twice.", field=name)
            seen[name] = value
        pairs = tuple((name, value) for name, value in seen.items() if name in known and value != "")
        return cls(pairs, authorization)


def browser_values(raw: bytes, known: Collection[str]) -> dict[str, str]:
    """The known parameters of a query string or form that a browser was sent with, in order; unknown ones ignored.

    Raises BadRequest naming one that was sent twice or is longer than 4,096 characters.
    """
    values: dict[str, str] = {}
    for name, value in form_pairs(raw):
        if name not in known:
            continue
        if name in values:
            raise BadRequest(f"The parameter '{name}' was sent twice.", field=name)
        if len(value) > _LONGEST:
            raise BadRequest(f"The parameter '{name}' is too long.", field=name)
        values[name] = value
    return values


def form_pairs(body: bytes) -> list[tuple[str, str]]:
    """application/x-www-form-urlencoded, read leniently as the real clients write it (``tenant\\user`` un-encoded).

    Raises BadRequest for what is not UTF-8 after decoding, holds NUL, or has too many fields.
    """
    if not body:
        return []
    fields = body.split(b"&")
    if len(fields) > _MAX_PAIRS:
        raise BadRequest("There are too many parameters.")
    return [_pair(field) for field in fields if field]


def _pair(field: bytes) -> tuple[str, str]:
    name, _, value = field.partition(b"=")
    try:
        decoded = tuple(unquote_to_bytes(part.replace(b"+", b" ")).decode("utf-8") for part in (name, value))
    except UnicodeDecodeError as error:
        raise BadRequest("A parameter is not UTF-8.", reason=str(error)) from error
    if "\x00" in decoded[0] or "\x00" in decoded[1]:
        raise BadRequest("A parameter holds a NUL character.", field=decoded[0].replace("\x00", ""))
    return decoded[0], decoded[1]
