"""The shapes of what goes in and out, for ``/schema/`` (names: seed 002, models of the vendor's clients)."""

from __future__ import annotations

from rest_framework import serializers

from config.http.serializers import ApiResponseSerializer as ApiResponseSerializer
from config.http.serializers import OAuthErrorSerializer as OAuthErrorSerializer


class TokenRequestSerializer(serializers.Serializer[dict[str, object]]):
    """The form of the token endpoint."""

    grant_type = serializers.ChoiceField(["authorization_code", "password", "refresh_token", "client_credentials"])
    client_id = serializers.CharField(required=False)
    client_secret = serializers.CharField(required=False)
    code = serializers.CharField(required=False)
    redirect_uri = serializers.CharField(required=False)
    code_verifier = serializers.CharField(required=False)
    username = serializers.CharField(required=False)
    password = serializers.CharField(required=False)
    refresh_token = serializers.CharField(required=False)
    scope = serializers.CharField(required=False)


class AuthorizeRequestSerializer(serializers.Serializer[dict[str, object]]):
    """The form of a posted authorize request; the address of a GET holds the same."""

    client_id = serializers.CharField()
    redirect_uri = serializers.CharField()
    response_type = serializers.ChoiceField(["code", "token"])
    scope = serializers.CharField(required=False)
    state = serializers.CharField(required=False)
    nonce = serializers.CharField(required=False)
    prompt = serializers.CharField(required=False)
    login_hint = serializers.CharField(required=False)
    id_token_hint = serializers.CharField(required=False)
    code_challenge = serializers.CharField(required=False)
    code_challenge_method = serializers.ChoiceField(["S256"], required=False)
    max_age = serializers.IntegerField(required=False)
    hideTenant = serializers.BooleanField(default=False)


class EndSessionRequestSerializer(serializers.Serializer[dict[str, object]]):
    """The form of a posted logout request; the address of a GET holds the same."""

    id_token_hint = serializers.CharField(required=False)
    client_id = serializers.CharField(required=False)
    post_logout_redirect_uri = serializers.CharField(required=False)
    state = serializers.CharField(required=False)


class TokenStateRequestSerializer(serializers.Serializer[dict[str, object]]):
    """The form of introspection and revocation; a client may prove itself by Basic instead."""

    token = serializers.CharField()
    token_type_hint = serializers.CharField(required=False, help_text="access_token or refresh_token; others ignored.")
    client_id = serializers.CharField(required=False)
    client_secret = serializers.CharField(required=False)


class IntrospectionSerializer(serializers.Serializer[dict[str, object]]):
    """RFC 7662 §2.2; everything but ``active`` only for a token that is alive."""

    active = serializers.BooleanField()
    scope = serializers.CharField(required=False)
    client_id = serializers.CharField(required=False)
    username = serializers.CharField(required=False)
    token_type = serializers.ChoiceField(["bearer"], required=False, help_text="Access tokens only.")
    exp = serializers.IntegerField(required=False, help_text="Seconds since 1970.")
    iat = serializers.IntegerField(required=False)
    auth_time = serializers.IntegerField(required=False)
    sub = serializers.CharField(required=False)
    aud = serializers.CharField(required=False)
    iss = serializers.CharField(required=False)
    dbid = serializers.IntegerField(required=False)
    contact_center_id = serializers.UUIDField(required=False)
    environment_id = serializers.UUIDField(required=False)


class TokenSerializer(serializers.Serializer[dict[str, object]]):
    """``DefaultOAuth2AccessToken``."""

    access_token = serializers.CharField()
    token_type = serializers.ChoiceField(["bearer"])
    expires_in = serializers.IntegerField(help_text="Seconds.")
    refresh_token = serializers.CharField(required=False)
    scope = serializers.CharField()
    id_token = serializers.CharField(required=False)


class UserRoleSerializer(serializers.Serializer[dict[str, object]]):
    """An authority with its privileges."""

    name = serializers.CharField()
    privileges = serializers.ListField(child=serializers.CharField())


class CloudUserDetailsSerializer(serializers.Serializer[dict[str, object]]):
    """``CloudUserDetails``: what is not set is left out."""

    authorities = UserRoleSerializer(many=True)
    username = serializers.CharField()
    cmeUserName = serializers.CharField(required=False)
    loginName = serializers.CharField(required=False)
    dbid = serializers.IntegerField(required=False)
    contactCenterId = serializers.UUIDField(required=False)
    environmentId = serializers.UUIDField(required=False)
    properties = serializers.DictField(child=serializers.CharField())


class OpenIdUserInfoSerializer(serializers.Serializer[dict[str, object]]):
    """``OpenIdUserInfo``: OpenID Connect's names in the vendor's spelling."""

    sub = serializers.CharField()
    aud = serializers.CharField(required=False)
    user_name = serializers.CharField(required=False)
    given_name = serializers.CharField(required=False)
    family_name = serializers.CharField(required=False)
    email = serializers.CharField(required=False)
    contact_center_id = serializers.UUIDField(required=False)
    environment_id = serializers.UUIDField(required=False)
    dbid = serializers.IntegerField(required=False)
    authorities = UserRoleSerializer(many=True)
    properties = serializers.DictField(child=serializers.CharField())


class ChangePasswordDataSerializer(serializers.Serializer[dict[str, object]]):
    """``ChangePasswordOperation``."""

    newPassword = serializers.CharField()
    oldPassword = serializers.CharField()
    userName = serializers.CharField(required=False)


class ChangePasswordSerializer(serializers.Serializer[dict[str, object]]):
    """``ApiRequestOfChangePasswordOperation``."""

    data = ChangePasswordDataSerializer()  # type: ignore[assignment]
    operationId = serializers.CharField(required=False)


class AuthSchemeDataSerializer(serializers.Serializer[dict[str, object]]):
    """Who wants to sign in."""

    userName = serializers.CharField()
    tenant = serializers.CharField(required=False)


class AuthSchemeSerializer(serializers.Serializer[dict[str, object]]):
    """The question of a sign-in page that knows several schemes."""

    data = AuthSchemeDataSerializer()  # type: ignore[assignment]
