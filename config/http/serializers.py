"""The shapes that every room of the vendor's envelope shares, for ``/schema/``."""

from __future__ import annotations

from rest_framework import serializers


class ResponseStatusSerializer(serializers.Serializer[dict[str, object]]):
    """``status``: 0 is success."""

    code = serializers.IntegerField()
    message = serializers.CharField(required=False)
    detail = serializers.DictField(required=False)


class ErrorItemSerializer(serializers.Serializer[dict[str, object]]):
    """One of ``errors``."""

    status = ResponseStatusSerializer()


class ApiResponseSerializer(serializers.Serializer[dict[str, object]]):
    """The vendor's envelope."""

    status = ResponseStatusSerializer()
    data = serializers.DictField(required=False)  # type: ignore[assignment]
    errors = ErrorItemSerializer(many=True, required=False)  # type: ignore[assignment]
    path = serializers.CharField(required=False)


class FieldFaultSerializer(serializers.Serializer[dict[str, object]]):
    """One field that is wrong; "" when it is none in particular."""

    field = serializers.CharField(allow_blank=True)
    code = serializers.CharField()
    message = serializers.CharField()


class ConfigurationErrorSerializer(serializers.Serializer[dict[str, object]]):
    """An error of ``/configuration``: a word, and everything that is wrong."""

    code = serializers.CharField()
    errors = FieldFaultSerializer(many=True)  # type: ignore[assignment]


class OAuthErrorSerializer(serializers.Serializer[dict[str, object]]):
    """RFC 6749 §5.2 and the envelope's status in one object."""

    error = serializers.CharField()
    error_description = serializers.CharField()
    status = ResponseStatusSerializer()
    errors = ErrorItemSerializer(many=True, required=False)  # type: ignore[assignment]
