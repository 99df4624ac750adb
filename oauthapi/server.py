"""oauthlib's endpoints, narrowed to the grants and responses this server has."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from oauth2_provider.settings import oauth2_settings
from oauthlib.oauth2.rfc6749.endpoints import (
    AuthorizationEndpoint,
    IntrospectEndpoint,
    RevocationEndpoint,
    TokenEndpoint,
)
from oauthlib.oauth2.rfc6749.grant_types import (
    AuthorizationCodeGrant,
    ClientCredentialsGrant,
    ImplicitGrant,
    RefreshTokenGrant,
    ResourceOwnerPasswordCredentialsGrant,
)
from oauthlib.oauth2.rfc6749.grant_types.authorization_code import code_challenge_method_s256
from oauthlib.oauth2.rfc6749.tokens import BearerToken

from oauthapi.rules import IMPLICIT_MAX_LIFETIME

Generator = Callable[..., str]
"""Makes a token value from oauthlib's request."""


class DeskgateServer(AuthorizationEndpoint, TokenEndpoint, IntrospectEndpoint, RevocationEndpoint):
    """Five grants, two response types, introspection and revocation.

    ID tokens are minted where tokens are saved (``validation.saving``).
    """

    def __init__(
        self, request_validator: Any, *, token_generator: Generator, refresh_token_generator: Generator
    ) -> None:
        code = AuthorizationCodeGrant(request_validator)
        # With `plain` gone a missing method is refused before anybody signs in (RFC 9700 §2.1.1).
        code._code_challenge_methods = {"S256": code_challenge_method_s256}  # noqa: SLF001
        implicit = ImplicitGrant(request_validator)
        bearer = BearerToken(
            request_validator,
            token_generator=token_generator,
            expires_in=lifetime_of,
            refresh_token_generator=refresh_token_generator,
        )
        AuthorizationEndpoint.__init__(
            self,
            default_response_type="code",
            response_types={"code": code, "token": implicit},
            default_token_type=bearer,
        )
        TokenEndpoint.__init__(
            self,
            default_grant_type="authorization_code",
            grant_types={
                "authorization_code": code,
                "password": ResourceOwnerPasswordCredentialsGrant(request_validator),
                "client_credentials": ClientCredentialsGrant(request_validator),
                "refresh_token": RefreshTokenGrant(request_validator),
            },
            default_token_type=bearer,
        )
        IntrospectEndpoint.__init__(self, request_validator)
        RevocationEndpoint.__init__(self, request_validator)


def lifetime_of(request: Any) -> int:
    """Seconds that a new access token lives: the client's setting, at most an hour by the implicit grant."""
    seconds: int = request.client.access_token_lifetime
    return min(seconds, IMPLICIT_MAX_LIFETIME) if request.response_type == "token" else seconds


@cache
def server() -> DeskgateServer:
    """The one server of this process, made of what ``settings.OAUTH2_PROVIDER`` names; it holds no request's state."""
    made: DeskgateServer = oauth2_settings.OAUTH2_SERVER_CLASS(
        oauth2_settings.OAUTH2_VALIDATOR_CLASS(),
        token_generator=oauth2_settings.ACCESS_TOKEN_GENERATOR,
        refresh_token_generator=oauth2_settings.REFRESH_TOKEN_GENERATOR,
    )
    return made
