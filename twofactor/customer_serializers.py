"""Shapes of ``/twofactor/v1/customers``, for the schema."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers


class CustomerSerializer(serializers.Serializer[dict[str, Any]]):
    """A customer as told: addresses masked, as in ``j…@d….com`` and ``…42``."""

    account = serializers.CharField(max_length=255)
    email = serializers.CharField()
    phone = serializers.CharField()
    authenticator = serializers.BooleanField(help_text="Whether a confirmed authenticator is there.")
    enabled = serializers.BooleanField()


class CustomerRequestSerializer(serializers.Serializer[dict[str, Any]]):
    """A customer as written. A masked value sent back leaves what is stored; an empty one takes it away."""

    account = serializers.CharField(max_length=255)
    email = serializers.CharField(required=False, allow_null=True, allow_blank=True, max_length=254)
    phone = serializers.CharField(
        required=False, allow_null=True, allow_blank=True, help_text="With + and the country code."
    )
    enabled = serializers.BooleanField(required=False, default=True)


class CustomerChangeSerializer(CustomerRequestSerializer):
    """Members of a customer that change."""

    account = serializers.CharField(required=False, max_length=255)


class CustomerListSerializer(serializers.Serializer[dict[str, Any]]):
    """One page of customers."""

    items = CustomerSerializer(many=True)
    total = serializers.IntegerField()
    page = serializers.IntegerField()
    pageSize = serializers.IntegerField()


class EnrolmentSerializer(serializers.Serializer[dict[str, Any]]):
    """Where the customer enrols; told this once."""

    url = serializers.URLField()
    expiresAt = serializers.DateTimeField()
