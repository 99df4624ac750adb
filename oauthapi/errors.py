"""This room's refusals: RFC 6749 §5.2's words with the vendor's numbers (tests/oauthapi/test_token_errors.py)."""

from __future__ import annotations

from config.http.errors import BadRequest, Forbidden, Refusal, Unauthenticated


class InvalidClient(Unauthenticated):
    """401 with a Basic challenge: bad or absent client authentication (RFC 6749 §5.2)."""

    error = "invalid_client"
    message = "Client authentication failed."
    challenge = "basic"


class InvalidGrant(BadRequest):
    """400: the code, refresh token, verifier or user's password is not good."""

    error = "invalid_grant"
    message = "The grant is invalid, expired or was used before."


class UnauthorizedClient(BadRequest):
    """400: the client does not have this grant."""

    code = 3
    error = "unauthorized_client"
    message = "The client may not use this grant."


class UnsupportedGrantType(BadRequest):
    error = "unsupported_grant_type"
    message = "This grant type is not supported."


class UnsupportedResponseType(BadRequest):
    error = "unsupported_response_type"
    message = "This response type is not supported."


class InvalidScope(BadRequest):
    error = "invalid_scope"
    message = "The scope is unknown or not allowed for this client."


class PasswordChangeRequired(Forbidden):
    """403, code 8: the right password was given, and must be changed first."""

    code = 8
    error = "password_change_required"
    message = "The password must be changed first."


class OutsideContactCenter(Forbidden):
    """403, code 5: the client is not for the user's contact center, or that one is disabled."""

    message = "The client may not be used in this contact center."


class NotSignedIn(Forbidden):
    """403, not 401: the seed's answer to an absent or ended session."""

    code = 20
    error = "login_required"
    message = "Nobody is signed in."


class Gone(BadRequest):
    """400: the stored authorization request is used, too old, or another browser's."""

    word = "request_gone"
    message = (
        "This sign-in has expired or was already used, or the browser keeps no cookies. "
        "Go back to the application and start again."
    )


_BY_WORD: dict[str, type[Refusal]] = {
    "invalid_client": InvalidClient,
    "invalid_grant": InvalidGrant,
    "unauthorized_client": UnauthorizedClient,
    "unsupported_grant_type": UnsupportedGrantType,
    "unsupported_response_type": UnsupportedResponseType,
    "invalid_scope": InvalidScope,
    "password_change_required": PasswordChangeRequired,
    "access_denied": OutsideContactCenter,
}


def refusal_of(word: str, description: str, *, reason: str = "", basic_sent: bool = False) -> Refusal:
    """Our refusal for an error word of oauthlib's; an unknown word is a malformed request."""
    kind = _BY_WORD.get(word)
    if kind is None:
        return BadRequest(description or None, reason=reason)
    if issubclass(kind, Unauthenticated):
        return kind(description or None, presented=basic_sent, reason=reason)
    return kind(description or None, reason=reason)
