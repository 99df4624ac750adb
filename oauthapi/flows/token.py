"""The token endpoint (RFC 6749 §3.2): pairs in, token dict or refusal out."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_to_bytes

from django.conf import settings
from oauthlib.oauth2.rfc6749.errors import OAuth2Error

from config.http.errors import BadRequest, MissingParameter
from oauthapi.errors import UnsupportedGrantType, refusal_of
from oauthapi.server import server

_KNOWN = frozenset(
    ("grant_type", "client_id", "client_secret", "code", "redirect_uri", "code_verifier", "username", "password",
     "refresh_token", "scope")
)  # fmt: skip
_NEEDED = {
    "authorization_code": ("code",),
    "password": ("username", "password"),
    "refresh_token": ("refresh_token",),
    "client_credentials": (),
}
"""What each grant cannot do without (RFC 6749 §4.1.3, §4.3.2, §6). oauthlib tells its absence in words only."""
_MAX_PAIRS = 50


@dataclass(frozen=True, slots=True)
class TokenRequest:
    """A token request as sent: known form fields in order, each at most once, and the Authorization header."""

    pairs: tuple[tuple[str, str], ...]
    authorization: str

    @property
    def grant_type(self) -> str:
        return dict(self.pairs).get("grant_type", "")

    @classmethod
    def parse(cls, body: bytes, authorization: str) -> TokenRequest:
        """Read the form. A value that is empty counts as absent, a repeated name is refused, unknown ones ignored.

        Raises BadRequest naming the field.
        """
        seen: dict[str, str] = {}
        for name, value in form_pairs(body):
            if name in seen:
                raise BadRequest(f"The parameter '{name}' was sent twice.", field=name)
            seen[name] = value
        pairs = tuple((name, value) for name, value in seen.items() if name in _KNOWN and value != "")
        return cls(pairs, authorization)


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


def token_answer(asked: TokenRequest) -> dict[str, Any]:
    """The token dict of RFC 6749 §5.1, tokens stored. Raises a Refusal."""
    if not asked.grant_type:
        raise MissingParameter("Missing grant type", field="grant_type")
    if asked.grant_type not in _NEEDED:
        raise UnsupportedGrantType(field="grant_type")
    for name in _NEEDED[asked.grant_type]:
        if name not in dict(asked.pairs):
            raise MissingParameter(f"The parameter '{name}' is missing.", field=name)
    headers = {"Authorization": asked.authorization} if asked.authorization else {}
    uri = f"{settings.DESKGATE_PUBLIC_URL}/auth/v3/oauth/token"
    try:
        _headers, body, status = server().create_token_response(uri, "POST", list(asked.pairs), headers)
    except OAuth2Error as error:
        raise refusal_of(error.error, error.description or "", basic_sent=bool(headers)) from error
    answer: dict[str, Any] = json.loads(body)
    if status != 200:
        raise refusal_of(answer["error"], answer.get("error_description", ""), basic_sent=bool(headers))
    return answer
