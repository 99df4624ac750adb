"""Shapes of the flow's REST face, for the schema."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from twofactor.models import Method

Shape = serializers.Serializer[dict[str, Any]]


class SessionRequestSerializer(Shape):
    """A call that begins."""

    application = serializers.CharField(max_length=255)
    account = serializers.CharField(max_length=255, help_text="The reference that the caller gave.")
    callId = serializers.CharField(required=False, allow_null=True, allow_blank=True, max_length=255)
    cli = serializers.CharField(required=False, allow_null=True, allow_blank=True, max_length=64)
    dnis = serializers.CharField(required=False, allow_null=True, allow_blank=True, max_length=64)
    testCall = serializers.BooleanField(required=False, allow_null=True)
    variables = serializers.DictField(child=serializers.CharField(), required=False, allow_null=True)


class MethodRequestSerializer(Shape):
    """What the caller pressed, or a method by name; one of the two."""

    choice = serializers.CharField(required=False, allow_blank=True, help_text="A key of the menu; empty: no input.")
    method = serializers.ChoiceField(required=False, choices=Method.values)


class CodeRequestSerializer(Shape):
    """The digits that the caller entered."""

    code = serializers.CharField(allow_blank=True, help_text="A text: leading zeros count. Empty: no input.")


class ResendRequestSerializer(Shape):
    """Another code, perhaps by another method."""

    method = serializers.ChoiceField(required=False, allow_null=True, choices=Method.values)


class FlowChoiceSerializer(Shape):
    """A line of the menu."""

    key = serializers.CharField()
    method = serializers.ChoiceField(choices=Method.values)
    label = serializers.CharField()  # type: ignore[assignment]


class FlowPromptSerializer(Shape):
    """What to tell the caller, and what to wait for."""

    text = serializers.CharField()
    input = serializers.ChoiceField(choices=["menu", "digits"])
    choices = FlowChoiceSerializer(many=True)
    length = serializers.IntegerField(allow_null=True, help_text="Digits that the code usually has, if known.")
    minLength = serializers.IntegerField(allow_null=True)
    maxLength = serializers.IntegerField(allow_null=True)


class FlowAnswerSerializer(Shape):
    """Where a call stands."""

    id = serializers.CharField()
    state = serializers.ChoiceField(choices=["select", "enter", "ended"])
    prompt = FlowPromptSerializer(allow_null=True)
    path = serializers.CharField(allow_null=True, help_text="How it ended, such as success.")
    retryAfter = serializers.IntegerField(help_text="Seconds to wait before another code can be asked for.")
    variables = serializers.DictField(child=serializers.CharField())
