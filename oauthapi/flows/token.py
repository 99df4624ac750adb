"""The token endpoint (RFC 6749 §3.2), introspection (RFC 7662) and revocation (RFC 7009): form in, answer or refusal
out.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from django.conf import settings
from oauthlib.oauth2.rfc6749.errors import OAuth2Error

from activity.services import event_record
from config.context import current
from config.http.errors import MissingParameter, Refusal
from oauthapi.errors import InvalidScope, UnauthorizedClient, UnsupportedGrantType, refusal_of
from oauthapi.flows.forms import ClientForm
from oauthapi.rules import known_scopes
from oauthapi.server import server

_PROOF = frozenset(("client_id", "client_secret"))
TOKEN_FIELDS = _PROOF | {
    "grant_type", "code", "redirect_uri", "code_verifier", "username", "password", "refresh_token", "scope",
}  # fmt: skip
STATE_FIELDS = _PROOF | {"token", "token_type_hint"}
_NEEDED = {
    "authorization_code": ("code",),
    "password": ("username", "password"),
    "refresh_token": ("refresh_token",),
    "client_credentials": (),
}
"""What each grant cannot do without (RFC 6749 §4.1.3, §4.3.2, §6). oauthlib tells its absence in words only."""

Endpoint = Callable[..., tuple[dict[str, str], str, int]]


def token_answer(asked: ClientForm) -> dict[str, Any]:
    """The token dict of RFC 6749 §5.1, tokens stored. Raises a Refusal."""
    grant = asked.get("grant_type")
    if not grant:
        raise MissingParameter("Missing grant type", field="grant_type")
    if grant not in _NEEDED:
        raise UnsupportedGrantType(field="grant_type")
    _require(asked, *_NEEDED[grant])
    return _answer(server().create_token_response, "token", asked)


def introspection_answer(asked: ClientForm) -> dict[str, Any]:
    """The introspection response of RFC 7662 §2.2. Raises a Refusal."""
    _require(asked, "token")
    return _answer(server().create_introspect_response, "introspect", asked)


def revocation_answer(asked: ClientForm) -> None:
    """End the token. Raises a Refusal."""
    _require(asked, "token")
    _answer(server().create_revocation_response, "revoke", asked)


def _require(asked: ClientForm, *names: str) -> None:
    for name in names:
        if not asked.get(name):
            raise MissingParameter(f"The parameter '{name}' is missing.", field=name)


def _answer(endpoint: Endpoint, path: str, asked: ClientForm) -> dict[str, Any]:
    """What oauthlib's endpoint answers, or our refusal for its error."""
    uri = f"{settings.DESKGATE_PUBLIC_URL}/auth/v3/oauth/{path}"
    basic_sent = bool(asked.authorization)
    try:
        _headers, body, status = endpoint(uri, "POST", list(asked.pairs), asked.headers)
        answer: dict[str, Any] = json.loads(body) if body else {}
        if status != 200:
            raise refusal_of(answer["error"], answer.get("error_description", ""), basic_sent=basic_sent)
    except OAuth2Error as error:
        raise refusal_of(error.error, error.description or "", basic_sent=basic_sent) from error
    except (UnauthorizedClient, InvalidScope) as refused:
        _told(asked, refused)
        raise
    return answer


def _told(asked: ClientForm, refused: Refusal) -> None:
    """An event of what the client's own settings forbid: no other place writes one."""
    event_record(
        name="token",
        outcome="refused",
        refusal=refused.reason or refused.error,
        client_id=current().principal.client_id or asked.get("client_id"),
        detail={"grant_type": asked.get("grant_type"), "scope": known_scopes(asked.get("scope"))},
    )
