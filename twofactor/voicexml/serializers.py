"""The forms of this face, for ``/schema/``; ``forms`` reads them."""

from __future__ import annotations

from rest_framework import serializers


class EntrySerializer(serializers.Serializer[dict[str, object]]):
    """What the calling dialog says of the call."""

    account = serializers.CharField(max_length=255, help_text="The account reference of the caller.")
    callId = serializers.CharField(max_length=255, required=False, allow_blank=True)
    cli = serializers.CharField(max_length=64, required=False, allow_blank=True, help_text="The calling number.")
    dnis = serializers.CharField(max_length=64, required=False, allow_blank=True, help_text="The dialled number.")
    testCall = serializers.ChoiceField(["true", "false"], required=False)


class TurnSerializer(serializers.Serializer[dict[str, object]]):
    """The answer to a prompt."""

    step = serializers.IntegerField(min_value=0, max_value=999_999, help_text="Of the document that prompted.")


class _EventSerializer(TurnSerializer):
    event = serializers.ChoiceField(["noinput", "nomatch"], required=False)


class MethodTurnSerializer(_EventSerializer):
    """A key of the menu; or the event when there was none."""

    choice = serializers.CharField(max_length=64, required=False, allow_blank=True)


class CodeTurnSerializer(_EventSerializer):
    """The digits; or the event when there were none."""

    authCode_nbest1 = serializers.CharField(max_length=64, required=False, allow_blank=True)
