"""The shapes of the client registry, for ``/schema/`` (names: the records of deployment scripts)."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from config.http.serializers import ResponseStatusSerializer
from oauthapi.models import ApiClient


def _names(**words: Any) -> serializers.ListField:
    return serializers.ListField(child=serializers.CharField(), required=False, **words)


class ClientRecordSerializer(serializers.Serializer[dict[str, object]]):
    """An API client; what is not set is left out."""

    client_id = serializers.CharField()
    name = serializers.CharField(required=False)
    description = serializers.CharField(required=False, allow_blank=True)
    clientType = serializers.ChoiceField(ApiClient.Type.choices, required=False)
    internalClient = serializers.BooleanField(required=False)
    authorizedGrantTypes = _names()
    authorities = _names()
    scope = _names(help_text="In a request one string with blanks is taken too.")
    redirectURIs = _names()
    accessTokenExpirationTimeout = serializers.IntegerField(required=False, min_value=1, help_text="Seconds.")
    refreshTokenExpirationTimeout = serializers.IntegerField(required=False, min_value=1, help_text="Seconds.")
    contactCenterIds = serializers.ListField(child=serializers.UUIDField(), required=False)
    redirectMatch = serializers.ChoiceField(ApiClient.RedirectMatch.choices, required=False)
    postLogoutRedirectURIs = _names()
    allowedOrigins = _names()
    enabled = serializers.BooleanField(required=False)
    trusted = serializers.BooleanField(required=False)
    requirePkce = serializers.BooleanField(required=False)
    basicOnAuthorize = serializers.BooleanField(required=False)
    rotateRefreshTokens = serializers.BooleanField(required=False)
    mayIntrospect = serializers.BooleanField(required=False)
    legacyGrantsUntil = serializers.DateField(required=False)
    owner = serializers.UUIDField(required=False, help_text="The contact center whose administrators manage it.")


class SecretClientRecordSerializer(ClientRecordSerializer):
    """With the secret: in requests, and in the answer that tells a new client's."""

    client_secret = serializers.CharField(required=False, help_text="Empty for a new client: one is generated.")


class ClientChangeSerializer(SecretClientRecordSerializer):
    """What is left out stays."""

    client_id = serializers.CharField(required=False, help_text="The one in the path, or left out.")


class ClientCreateRequestSerializer(serializers.Serializer[dict[str, object]]):
    """A new client."""

    data = SecretClientRecordSerializer()  # type: ignore[assignment]
    operationId = serializers.CharField(required=False)


class ClientChangeRequestSerializer(serializers.Serializer[dict[str, object]]):
    """Changes of a client."""

    data = ClientChangeSerializer()  # type: ignore[assignment]
    operationId = serializers.CharField(required=False)


class ClientAnswerSerializer(serializers.Serializer[dict[str, object]]):
    """One client."""

    status = ResponseStatusSerializer()
    data = ClientRecordSerializer()  # type: ignore[assignment]


class ClientCreatedSerializer(serializers.Serializer[dict[str, object]]):
    """A new client with its secret, told this once."""

    status = ResponseStatusSerializer()
    data = SecretClientRecordSerializer()  # type: ignore[assignment]
    path = serializers.CharField()


class ClientListSerializer(serializers.Serializer[dict[str, object]]):
    """Clients."""

    status = ResponseStatusSerializer()
    data = ClientRecordSerializer(many=True)  # type: ignore[assignment]


class StatusSerializer(serializers.Serializer[dict[str, object]]):
    """Done."""

    status = ResponseStatusSerializer()
