"""The authorize endpoint (RFC 6749 §4.1.1, §4.2.1; OpenID Connect Core §3.1.2): check, decide, answer.

First everything about the request is checked, then it is decided whether the user must be asked, then a code or
token is made. Only a request whose client and redirect URI are good is ever answered by a redirect.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from django.conf import settings
from oauthlib.oauth2.rfc6749.errors import (
    FatalClientError,
    InvalidClientIdError,
    InvalidRedirectURIError,
    MismatchingRedirectURIError,
    OAuth2Error,
)

from config.http.errors import BadRequest, MissingParameter, Refusal
from config.http.members import number_of
from oauthapi.errors import refusal_of
from oauthapi.flows.forms import browser_values
from oauthapi.id_tokens import Hint, hint_of, issuer
from oauthapi.selectors import ClientFacts, client_facts
from oauthapi.server import server
from oauthapi.services.codes import Proven

_KNOWN = (
    "client_id", "redirect_uri", "response_type", "scope", "state", "nonce", "prompt", "max_age", "login_hint",
    "id_token_hint", "code_challenge", "code_challenge_method", "hideTenant",
)  # fmt: skip
_PROMPTS = frozenset(("none", "login", "consent", "select_account"))
_LONGEST_URI = 2_048
_LONGEST_AGE = 999_999_999  # seconds
_LONGEST_NONCE = 512
_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")


class RedirectError(Exception):
    """A refusal that the client hears by a redirect (RFC 6749 §4.1.2.1): ``location`` is where to."""

    def __init__(self, location: str, error: str, reason: str = "") -> None:
        self.location = location
        self.error = error
        self.reason = reason
        super().__init__(error)


@dataclass(frozen=True, slots=True)
class AuthorizeRequest:
    """An authorize request as sent: known parameters, each once; what is empty counts as absent."""

    params: tuple[tuple[str, str], ...]

    @classmethod
    def parse(cls, raw: bytes) -> AuthorizeRequest:
        """Read a query string or form, redirect URIs un-encoded too. Raises BadRequest: nothing is redirected yet."""
        values = browser_values(raw, _KNOWN)
        return cls(tuple((name, value) for name, value in values.items() if value != ""))

    @classmethod
    def stored(cls, params: dict[str, str]) -> AuthorizeRequest:
        """The same from a stored request's row."""
        return cls(tuple(params.items()))

    def get(self, name: str) -> str:
        return dict(self.params).get(name, "")


@dataclass(frozen=True, slots=True)
class CheckedRequest:
    """A request whose client, redirect URI, response type, scope and challenge are good."""

    asked: AuthorizeRequest
    client: ClientFacts
    redirect_uri: str
    scopes: tuple[str, ...]
    prompts: frozenset[str]
    max_age: int | None
    hint: Hint | None = None

    @property
    def by_fragment(self) -> bool:
        return self.asked.get("response_type") == "token"

    def error(self, word: str, description: str) -> RedirectError:
        """An error for the client, with ``state`` and ``iss``, in query or fragment as the answer would be."""
        return RedirectError(
            error_location(self.redirect_uri, word, description, self.asked.get("state"), fragment=self.by_fragment),
            word,
            description,
        )


def checked(asked: AuthorizeRequest) -> CheckedRequest:
    """Check everything that needs no user. Raises Refusal (tell the user, never redirect) or RedirectError."""
    if not asked.get("redirect_uri"):
        raise MissingParameter("The parameter 'redirect_uri' is missing.", field="redirect_uri")
    if len(asked.get("redirect_uri")) > _LONGEST_URI:
        raise BadRequest("The redirect URI is too long.", field="redirect_uri")
    try:
        scopes, _ = server().validate_authorization_request(_uri(asked), "GET", None, {})
    except FatalClientError as error:
        raise _fatal(error, asked) from error
    except OAuth2Error as error:
        location = error_location(
            asked.get("redirect_uri"),
            error.error,
            _words(error),
            asked.get("state"),
            fragment=asked.get("response_type") == "token",
        )
        raise RedirectError(location, error.error, _words(error)) from error
    facts = client_facts(asked.get("client_id"))
    if facts is None:
        raise BadRequest("This application is not known here.", field="client_id")
    request = CheckedRequest(asked, facts, asked.get("redirect_uri"), tuple(scopes), frozenset(), None)
    return _with_prompt(request)


def granted(request: CheckedRequest, proven: Proven) -> str:
    """Make the code or token; the location to send the browser to. Raises RedirectError."""
    credentials: dict[str, Any] = {"user": proven.user, "proof": proven}
    try:
        headers, _body, _status = server().create_authorization_response(
            _uri(request.asked), "GET", None, {}, list(request.scopes), credentials
        )
    except FatalClientError as error:
        raise _fatal(error, request.asked) from error
    except OAuth2Error as error:
        raise request.error(error.error, _words(error)) from error
    return _with_issuer(headers["Location"], fragment=request.by_fragment)


def error_location(redirect_uri: str, word: str, description: str, state: str, *, fragment: bool) -> str:
    """A redirect URI with the members of an error answer added (RFC 6749 §4.1.2.1, RFC 9207)."""
    members = {"error": word, "error_description": description, "state": state, "iss": issuer()}
    return _added(redirect_uri, {name: value for name, value in members.items() if value}, fragment=fragment)


def _words(error: OAuth2Error) -> str:
    """oauthlib's description, or ours of the same error: it has none for some."""
    return error.description or refusal_of(error.error, "").message


def _with_prompt(request: CheckedRequest) -> CheckedRequest:
    prompts = frozenset(request.asked.get("prompt").split())
    if not prompts <= _PROMPTS or ("none" in prompts and len(prompts) > 1):
        raise request.error("invalid_request", "The parameter 'prompt' is not understood.")
    text = request.asked.get("max_age")
    max_age = number_of(text, most=_LONGEST_AGE)
    if text and max_age is None:
        raise request.error("invalid_request", "The parameter 'max_age' is not a number of seconds.")
    challenge = request.asked.get("code_challenge")
    if challenge and not _CHALLENGE.fullmatch(challenge):
        raise request.error("invalid_request", "The parameter 'code_challenge' is not a SHA-256 in base64url.")
    if len(request.asked.get("nonce")) > _LONGEST_NONCE:
        raise request.error("invalid_request", "The parameter 'nonce' is too long.")
    hint = hint_of(request.asked.get("id_token_hint"))
    return replace(request, prompts=prompts, max_age=max_age, hint=hint)


def _uri(asked: AuthorizeRequest) -> str:
    """Encoded anew: oauthlib refuses a raw backslash, space or stray percent sign in a query."""
    return f"{settings.DESKGATE_PUBLIC_URL}/auth/v3/oauth/authorize?{urlencode(asked.params)}"


def _fatal(error: FatalClientError, asked: AuthorizeRequest) -> Refusal:
    """Named by the class of oauthlib's error, for its words are not ours."""
    if not asked.get("client_id"):
        return MissingParameter("The parameter 'client_id' is missing.", field="client_id")
    field, message = _FATAL.get(type(error), ("", "The request is malformed."))
    return BadRequest(message, field=field or None, reason=f"{error.error}: {error.description}")


_FATAL: dict[type[FatalClientError], tuple[str, str]] = {
    InvalidClientIdError: ("client_id", "This application is not known here."),
    MismatchingRedirectURIError: ("redirect_uri", "The redirect URI is not registered for this application."),
    InvalidRedirectURIError: ("redirect_uri", "The redirect URI is not an absolute URI."),
}


def _with_issuer(location: str, *, fragment: bool) -> str:
    return _added(location, {"iss": issuer()}, fragment=fragment)


def _added(uri: str, members: dict[str, str], *, fragment: bool) -> str:
    parts = urlsplit(uri)
    if fragment:
        return urlunsplit(parts._replace(fragment="&".join(filter(None, [parts.fragment, urlencode(members)]))))
    query = "&".join(filter(None, [parts.query, urlencode(members)]))
    return urlunsplit(parts._replace(query=query))
