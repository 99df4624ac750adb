"""The shapes of this room's bodies, for the schema: names and order are those of the vendor's sample bodies."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import PolymorphicProxySerializer
from rest_framework import serializers

from history.places import LATEST


class HistoryRefusalSerializer(serializers.Serializer[Any]):
    """Every refusal."""

    code = serializers.IntegerField()
    title = serializers.CharField()
    description = serializers.CharField()


def _time(told: str) -> serializers.IntegerField:
    return serializers.IntegerField(min_value=0, help_text=f"{told} Milliseconds since 1970.")


class EventSerializer(serializers.Serializer[Any]):
    """An event."""

    eventID = serializers.UUIDField()
    category = serializers.CharField(allow_blank=True)
    eventType = serializers.ChoiceField(["SYSTEM", "BUSINESS"])
    eventName = serializers.CharField()
    serverTimestamp = _time("When it came.")
    timestamp = _time("When it happened, by the browser's clock.")
    browserPageID = serializers.CharField(allow_null=True)
    globalVisitID = serializers.UUIDField(allow_null=True)
    visitID = serializers.UUIDField()
    pageID = serializers.UUIDField(allow_null=True)
    url = serializers.CharField(allow_null=True)
    data = serializers.DictField()  # type: ignore[assignment]


def _ids() -> serializers.ListField:
    return serializers.ListField(child=serializers.CharField(), allow_null=True)


class PageSerializer(serializers.Serializer[Any]):
    """A page."""

    eventIds = _ids()
    events = EventSerializer(many=True, allow_null=True)
    pageId = serializers.UUIDField()
    startDate = _time("When it was entered.")
    endDate = _time("When it was left; 0: open.")
    duration = serializers.IntegerField(help_text="Seconds; 0 while open.")
    visitId = serializers.UUIDField()
    sessionId = serializers.UUIDField(allow_null=True)
    identityId = serializers.CharField(allow_null=True)
    browserPageID = serializers.CharField(allow_null=True)
    url = serializers.CharField(allow_null=True)
    title = serializers.CharField(allow_null=True)
    category = serializers.CharField(allow_blank=True)


class SessionSerializer(serializers.Serializer[Any]):
    """A session (8.1.x)."""

    eventIds = _ids()
    events = EventSerializer(many=True, allow_null=True)
    pageIds = _ids()
    pages = PageSerializer(many=True, allow_null=True)
    sessionId = serializers.UUIDField()
    startDate = _time("The sign-in.")
    endDate = _time("The sign-out; 0: open.")
    duration = serializers.IntegerField(help_text="Seconds; 0 while open.")
    identityId = serializers.CharField()


class VisitSerializer(serializers.Serializer[Any]):
    """A visit."""

    eventIds = _ids()
    events = EventSerializer(many=True, allow_null=True)
    pageIds = _ids()
    pages = PageSerializer(many=True, allow_null=True)
    sessionIds = _ids()
    sessions = SessionSerializer(many=True, allow_null=True)
    visitId = serializers.UUIDField()
    startDate = _time("")
    endDate = _time("0: open.")
    activeSessionId = serializers.UUIDField(allow_null=True)
    globalVisitID = serializers.UUIDField(allow_null=True)
    userAgentId = serializers.UUIDField(allow_null=True)


class IdentitySerializer(serializers.Serializer[Any]):
    """An identity."""

    eventIds = _ids()
    events = EventSerializer(many=True, allow_null=True)
    pageIds = _ids()
    pages = PageSerializer(many=True, allow_null=True)
    visitIds = _ids()
    visits = VisitSerializer(many=True, allow_null=True)
    sessionIds = _ids()
    sessions = SessionSerializer(many=True, allow_null=True)
    identityId = serializers.CharField()
    name = serializers.CharField(allow_null=True)
    location = serializers.CharField(allow_null=True)
    entityInCS = serializers.CharField(allow_null=True)
    visitScope = serializers.ChoiceField(["Authenticated", "Recognized"])


def _when(told: str) -> serializers.IntegerField:
    return serializers.IntegerField(
        min_value=0, max_value=LATEST, required=False, allow_null=True, help_text=f"{told} Default: the server's time."
    )


def _word(longest: int) -> serializers.CharField:
    return serializers.CharField(max_length=longest, required=False, allow_null=True, allow_blank=True)


def _guid(told: str) -> serializers.UUIDField:
    return serializers.UUIDField(required=False, allow_null=True, help_text=told)


class NewEventSerializer(serializers.Serializer[Any]):
    """An event as it is sent; a batch is a list of these."""

    eventID = _guid("Default: a new one. A known one changes nothing.")
    eventName = serializers.CharField(max_length=255)
    eventType = serializers.ChoiceField(
        ["SYSTEM", "BUSINESS"], required=False, allow_null=True, help_text="Default: by the name."
    )
    category = _word(255)
    timestamp = _when("When it happened, ms.")
    browserPageID = _word(64)
    globalVisitID = _guid("Of all visits of this browser.")
    pageID = _guid("Default: follows from browserPageID.")
    url = _word(4_096)
    title = _word(500)
    userAgent = _word(1_000)
    data = serializers.DictField(  # type: ignore[assignment]
        required=False, allow_null=True, help_text="Free; of SignIn and UserInfo userID, name, location, entityInCS."
    )


class TrackedEventSerializer(NewEventSerializer):
    """An event as a page sends it."""

    visitID = serializers.UUIDField(help_text="Made by the page's script when the visit begins.")


EVENT_OR_EVENTS = PolymorphicProxySerializer(
    "EventOrEvents", [EventSerializer, EventSerializer(many=True)], resource_type_field_name=None, many=False
)
NEW_EVENT_OR_EVENTS = PolymorphicProxySerializer(
    "NewEventOrEvents", [NewEventSerializer, NewEventSerializer(many=True)], resource_type_field_name=None, many=False
)

TRACKED_EVENTS = PolymorphicProxySerializer(
    "TrackedEvents",
    [TrackedEventSerializer, TrackedEventSerializer(many=True)],
    resource_type_field_name=None,
    many=False,
)


class NewVisitSerializer(serializers.Serializer[Any]):
    """A visit as it is told."""

    visitId = _guid("Default: a new one.")
    startDate = _when("When it began, ms.")
    globalVisitID = _guid("Of all visits of this browser.")
    userAgent = _word(1_000)


class NewSessionSerializer(serializers.Serializer[Any]):
    """A session as it is told."""

    sessionId = _guid("Default: a new one.")
    identityId = serializers.CharField(max_length=255)
    startDate = _when("When it began, ms.")


class NewPageSerializer(serializers.Serializer[Any]):
    """A page as it is told."""

    pageId = _guid("Default: a new one.")
    startDate = _when("When it was entered, ms.")
    browserPageID = _word(64)
    url = _word(4_096)
    title = _word(500)
    category = _word(255)
