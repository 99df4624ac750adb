"""The hooks of oauthlib and django-oauth-toolkit that we rely on: an upgrade that renames one shows here."""

import inspect

import pytest
from oauth2_provider.oauth2_validators import OAuth2Validator
from oauthlib.oauth2 import RequestValidator
from oauthlib.oauth2.rfc6749.endpoints import AuthorizationEndpoint, TokenEndpoint
from oauthlib.oauth2.rfc6749.grant_types import AuthorizationCodeGrant
from oauthlib.oauth2.rfc6749.tokens import BearerToken

from oauthapi.server import DeskgateServer, server
from oauthapi.validator import DeskgateValidator

# What oauthlib calls, and the positional parameters that it hands over.
HOOKS = {
    "client_authentication_required": ["request"],
    "authenticate_client": ["request"],
    "authenticate_client_id": ["client_id", "request"],
    "validate_client_id": ["client_id", "request"],
    "validate_redirect_uri": ["client_id", "redirect_uri", "request"],
    "get_default_redirect_uri": ["client_id", "request"],
    "validate_response_type": ["client_id", "response_type", "client", "request"],
    "validate_scopes": ["client_id", "scopes", "client", "request"],
    "get_default_scopes": ["client_id", "request"],
    "is_pkce_required": ["client_id", "request"],
    "save_authorization_code": ["client_id", "code", "request"],
    "validate_code": ["client_id", "code", "client", "request"],
    "get_code_challenge": ["code", "request"],
    "confirm_redirect_uri": ["client_id", "code", "redirect_uri", "client", "request"],
    "invalidate_authorization_code": ["client_id", "code", "request"],
    "validate_grant_type": ["client_id", "grant_type", "client", "request"],
    "validate_user": ["username", "password", "client", "request"],
    "validate_refresh_token": ["refresh_token", "client", "request"],
    "rotate_refresh_token": ["request"],
    "get_original_scopes": ["refresh_token", "request"],
    "is_within_original_scope": ["request_scopes", "refresh_token", "request"],
    "save_bearer_token": ["token", "request"],
    "save_token": ["token", "request"],
    "introspect_token": ["token", "token_type_hint", "request"],
    "revoke_token": ["token", "token_type_hint", "request"],
}


def positional(function) -> list[str]:
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return [
        name for name, each in inspect.signature(function).parameters.items() if each.kind in kinds and name != "self"
    ]


@pytest.mark.parametrize("name", HOOKS)
def test_oauthlib_still_has_the_hook_with_these_parameters(name):
    assert positional(getattr(RequestValidator, name))[: len(HOOKS[name])] == HOOKS[name]


@pytest.mark.parametrize("name", HOOKS)
def test_the_hook_is_answered_by_us_and_not_by_the_toolkits_storage(name):
    ours = getattr(DeskgateValidator, name)
    assert ours.__module__.startswith("oauthapi.validation."), ours.__module__
    kinds = [each.kind for each in inspect.signature(ours).parameters.values()]
    if inspect.Parameter.VAR_POSITIONAL not in kinds:
        assert positional(ours)[: len(HOOKS[name])] == HOOKS[name]


def test_the_toolkits_validator_is_the_base():
    assert issubclass(DeskgateValidator, OAuth2Validator)
    assert DeskgateValidator.__mro__.index(OAuth2Validator) > 6


def test_no_hook_of_ours_is_one_that_nobody_calls():
    mine = {
        name
        for part in DeskgateValidator.__mro__
        if part.__module__.startswith("oauthapi.validation.")
        for name in vars(part)
        if not name.startswith("_")
    }
    known = set(dir(RequestValidator)) | {"get_authorization_code_scopes"}
    assert mine <= known, mine - known


def test_the_endpoints_take_what_we_hand_over():
    assert positional(AuthorizationEndpoint.__init__)[:3] == [
        "default_response_type",
        "default_token_type",
        "response_types",
    ]
    assert positional(TokenEndpoint.__init__)[:3] == ["default_grant_type", "default_token_type", "grant_types"]
    assert positional(BearerToken.__init__)[:4] == [
        "request_validator",
        "token_generator",
        "expires_in",
        "refresh_token_generator",
    ]
    assert positional(TokenEndpoint.create_token_response)[:4] == ["uri", "http_method", "body", "headers"]


def test_only_our_grants_and_responses_are_served():
    assert set(server().grant_types) == {"authorization_code", "password", "client_credentials", "refresh_token"}
    assert set(server().response_types) == {"code", "token"}


def test_only_s256_is_a_challenge_method():
    grant = server().grant_types["authorization_code"]
    assert isinstance(grant, AuthorizationCodeGrant)
    assert set(grant._code_challenge_methods) == {"S256"}
    assert "_code_challenge_methods" in vars(AuthorizationCodeGrant) or hasattr(
        AuthorizationCodeGrant(None), "_code_challenge_methods"
    )


def test_the_server_is_made_of_what_the_settings_name(settings):
    named = {
        "OAUTH2_SERVER_CLASS": f"{__name__}.OtherServer",
        "OAUTH2_VALIDATOR_CLASS": f"{__name__}.OtherValidator",
        "ACCESS_TOKEN_GENERATOR": f"{__name__}.other_access_token",
        "REFRESH_TOKEN_GENERATOR": f"{__name__}.other_refresh_token",
    }
    settings.OAUTH2_PROVIDER = settings.OAUTH2_PROVIDER | named
    made = server.__wrapped__()
    bearer = made.default_token_type
    assert type(made) is OtherServer
    assert type(bearer.request_validator) is OtherValidator
    assert (bearer.token_generator, bearer.refresh_token_generator) == (other_access_token, other_refresh_token)


class OtherServer(DeskgateServer):
    pass


class OtherValidator(DeskgateValidator):
    pass


def other_access_token(request):
    return "a"


def other_refresh_token(request):
    return "r"
