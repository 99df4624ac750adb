"""The shapes of what goes in and out, for ``/schema/`` (names: contract basicauth.md)."""

from __future__ import annotations

from rest_framework import serializers

from accounts.credential_records import CONTEXT
from accounts.services.credentials import LONGEST, SHORTEST


class _Shape(serializers.Serializer[dict[str, object]]):
    """A serializer for the schema alone."""


class CredentialRequestSerializer(_Shape):
    """A new Basic credential; other members are refused."""

    username = serializers.CharField(max_length=255, help_text="No colon, no control characters.")
    password = serializers.CharField(min_length=SHORTEST, max_length=LONGEST, write_only=True, trim_whitespace=False)
    context = serializers.ChoiceField([CONTEXT])  # type: ignore[assignment]
    contextId = serializers.CharField(max_length=36, help_text="The contact center's id, or its number.")
    userRole = serializers.CharField(max_length=255, help_text="A role's exact name.")
    dateExpiry = serializers.DateTimeField(
        required=False, allow_null=True, help_text="ISO 8601 with Z or an offset. Without it an option says when."
    )


class CredentialSerializer(_Shape):
    """The stored record."""

    id = serializers.IntegerField()
    username = serializers.CharField()
    context = serializers.ChoiceField([CONTEXT])  # type: ignore[assignment]
    contextId = serializers.CharField(help_text="The contact center's number.")
    userRole = serializers.CharField(allow_blank=True)
    dateExpiry = serializers.DateTimeField(allow_null=True)
    createdAt = serializers.DateTimeField()
    enabled = serializers.BooleanField()


class CredentialListSerializer(_Shape):
    """A page of records."""

    items = CredentialSerializer(many=True)
    total = serializers.IntegerField()
    limit = serializers.IntegerField()
    offset = serializers.IntegerField()


class NewPasswordSerializer(_Shape):
    """The body of a rotation."""

    password = serializers.CharField(min_length=SHORTEST, max_length=LONGEST, write_only=True, trim_whitespace=False)


class CredentialTokenSerializer(_Shape):
    """A token for a pair."""

    access_token = serializers.CharField()
    token_type = serializers.ChoiceField(["bearer"])
    expires_in = serializers.IntegerField(help_text="Seconds.")
