"""The shapes of this room's JSON, for ``/schema/``."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers


class ResultSerializer(serializers.Serializer[dict[str, Any]]):
    """``statusCode`` 0: done."""

    statusCode = serializers.IntegerField()


class RefusalSerializer(ResultSerializer):
    """Every refusal; nothing else is in it."""

    statusMessage = serializers.CharField()


class DeviceSerializer(serializers.Serializer[dict[str, Any]]):
    """A DN at a switch."""

    dn = serializers.CharField()
    switch = serializers.CharField()


class AgentSerializer(serializers.Serializer[dict[str, Any]]):
    """``user``: the agent who logged in."""

    id = serializers.CharField()
    userName = serializers.CharField()
    firstName = serializers.CharField()
    lastName = serializers.CharField()
    emailAddress = serializers.CharField()
    roles = serializers.ListField(child=serializers.CharField())
    enabled = serializers.BooleanField()
    changePasswordOnFirstLogin = serializers.BooleanField()
    contactCenterId = serializers.CharField()
    uri = serializers.CharField()
    path = serializers.CharField()
    password = serializers.CharField(help_text="Always empty.", allow_blank=True)
    devices = DeviceSerializer(many=True, required=False)
    place = serializers.DictField(required=False, allow_null=True)
    settings = serializers.DictField(required=False)


class LoginAnswerSerializer(ResultSerializer):
    """The answer to a login."""

    user = AgentSerializer()


class OperationAnswerSerializer(ResultSerializer):
    """The answer to an operation; ``user`` is in that to a login."""

    user = AgentSerializer(required=False)


REQUEST = {
    "oneOf": [
        {
            "type": "array",
            "description": "Login with configuration; all of it optional, other names are ignored.",
            "items": {
                "type": "object",
                "required": ["name"],
                "properties": {
                    "name": {"type": "string", "examples": ["server", "peer_server", "place", "devices"]},
                    "value": {"description": "A text; of `devices` a list of objects with `dn` and `switch`."},
                },
            },
        },
        {
            "type": "object",
            "description": "An operation; all but its name belongs to StartContactCenterSession.",
            "required": ["operationName"],
            "properties": {
                "operationName": {
                    "type": "string",
                    "enum": ["StartContactCenterSession", "EndContactCenterSession"],
                },
                "channels": {"type": "array", "items": {"type": "string"}, "examples": [["voice"]]},
                "place": {"type": "string"},
                "loginCode": {"type": "string"},
                "queue": {"type": "string"},
            },
        },
    ]
}
"""What POST /api/v2/me takes: an array is a login, an object an operation."""


class VersionSerializer(serializers.Serializer[dict[str, Any]]):
    """``8.5.500.00``: four parts."""

    version = serializers.CharField()
