"""The shapes of what goes in and out, for ``/schema/`` (names: the vendor's deployment scripts)."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from config.http.serializers import ApiResponseSerializer
from environment.models import ContactCenter


class _Shape(serializers.Serializer[dict[str, object]]):
    """A serializer for the schema alone."""


class _Partly(_Shape):
    """What is sent; of a PUT every member may be left out."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """The fields of the answer, none of them required."""
        fields = super().get_fields()
        for each in fields.values():
            each.required = False
        return fields


class ConfigServerSerializer(_Shape):
    """One of ``configServers``."""

    primaryAddress = serializers.CharField()
    primaryPort = serializers.IntegerField(min_value=1, max_value=65_535)
    readOnly = serializers.BooleanField(required=False)
    locations = serializers.CharField(required=False)
    backupAddress = serializers.CharField(required=False)
    backupPort = serializers.IntegerField(required=False, min_value=1, max_value=65_535)


class EnvironmentSerializer(_Shape):
    """A record of a Configuration Server connection; Deskgate connects to none."""

    id = serializers.UUIDField()
    tenant = serializers.CharField()
    appName = serializers.CharField()
    username = serializers.CharField()
    connectionProtocol = serializers.CharField()
    localTimeout = serializers.IntegerField(required=False, help_text="Seconds.")
    remoteTimeout = serializers.IntegerField(required=False, help_text="Seconds.")
    traceMode = serializers.CharField()
    tlsEnabled = serializers.BooleanField()
    configServers = ConfigServerSerializer(many=True)


class EnvironmentDataSerializer(_Partly, EnvironmentSerializer):
    """What is sent; of a PUT every member may be left out."""

    tenant = serializers.CharField(help_text="Needed for a new one.")
    password = serializers.CharField(write_only=True)


class EnvironmentRequestSerializer(_Shape):
    data = EnvironmentDataSerializer()  # type: ignore[assignment]
    operationId = serializers.CharField(required=False)


class EnvironmentAnswerSerializer(ApiResponseSerializer):
    data = EnvironmentSerializer()  # type: ignore[assignment]


class EnvironmentListSerializer(ApiResponseSerializer):
    data = EnvironmentSerializer(many=True)  # type: ignore[assignment]


class ContactCenterSerializer(_Shape):
    id = serializers.UUIDField()
    number = serializers.IntegerField()
    name = serializers.CharField()
    environmentId = serializers.UUIDField()
    domains = serializers.ListField(child=serializers.CharField())
    auth = serializers.ChoiceField(ContactCenter.Auth.values)
    enabled = serializers.BooleanField()


class ContactCenterDataSerializer(_Partly, ContactCenterSerializer):
    """What is sent; of a PUT every member may be left out."""

    number = serializers.IntegerField(help_text="Without one: the next.")
    name = serializers.CharField(help_text="Without one: the first domain.")
    environmentId = serializers.UUIDField(help_text="Without one: the id.")


class ContactCenterRequestSerializer(_Shape):
    data = ContactCenterDataSerializer()  # type: ignore[assignment]
    operationId = serializers.CharField(required=False)


class ContactCenterAnswerSerializer(ApiResponseSerializer):
    data = ContactCenterSerializer()  # type: ignore[assignment]


class ContactCenterListSerializer(ApiResponseSerializer):
    data = ContactCenterSerializer(many=True)  # type: ignore[assignment]


class SettingSerializer(_Shape):
    name = serializers.CharField()
    value = serializers.CharField(required=False, help_text="Left out of a secret for those who may not read secrets.")
    location = serializers.CharField()
    shared = serializers.CharField()
    secret = serializers.BooleanField(required=False)


class SettingValueSerializer(_Shape):
    value = serializers.CharField()
    location = serializers.CharField(required=False, help_text="Taken, not stored.")
    shared = serializers.CharField(required=False, help_text='"true" or "false"; taken, not stored.')


class SettingDataSerializer(SettingValueSerializer):
    name = serializers.CharField()


class SettingRequestSerializer(_Shape):
    data = SettingDataSerializer()  # type: ignore[assignment]
    operationId = serializers.CharField(required=False)


class SettingValueRequestSerializer(_Shape):
    data = SettingValueSerializer()  # type: ignore[assignment]
    operationId = serializers.CharField(required=False)


class SettingAnswerSerializer(ApiResponseSerializer):
    data = SettingSerializer()  # type: ignore[assignment]


class SettingsSerializer(_Shape):
    settings = SettingSerializer(many=True)


class SettingListSerializer(ApiResponseSerializer):
    data = SettingsSerializer()  # type: ignore[assignment]


class OriginSerializer(_Shape):
    contactCenterId = serializers.UUIDField()
    origin = serializers.CharField()


class OriginRequestSerializer(_Shape):
    data = OriginSerializer()  # type: ignore[assignment]
    operationId = serializers.CharField(required=False)


class OriginAnswerSerializer(ApiResponseSerializer):
    data = OriginSerializer()  # type: ignore[assignment]


class OriginsSerializer(_Shape):
    origins = OriginSerializer(many=True)


class OriginListSerializer(ApiResponseSerializer):
    data = OriginsSerializer()  # type: ignore[assignment]


class OptionSerializer(_Shape):
    """``name`` is ``section/option``; a secret that the caller may not read has no value."""

    name = serializers.CharField()
    section = serializers.CharField()
    option = serializers.CharField()
    value = serializers.CharField(required=False)
    secret = serializers.BooleanField(required=False)


class OptionValueSerializer(_Shape):
    value = serializers.CharField()


class OptionValueRequestSerializer(_Shape):
    data = OptionValueSerializer()  # type: ignore[assignment]
    operationId = serializers.CharField(required=False)


class OptionChangeSerializer(_Shape):
    """Named by ``section`` and ``option``, or by ``name``; null deletes."""

    name = serializers.CharField(required=False)
    section = serializers.CharField(required=False)
    option = serializers.CharField(required=False)
    value = serializers.CharField(allow_null=True)


class OptionsRequestSerializer(_Shape):
    data = OptionChangeSerializer(many=True)  # type: ignore[assignment]
    operationId = serializers.CharField(required=False)


class OptionAnswerSerializer(ApiResponseSerializer):
    data = OptionSerializer()  # type: ignore[assignment]


class OptionListSerializer(ApiResponseSerializer):
    data = OptionSerializer(many=True)  # type: ignore[assignment]
