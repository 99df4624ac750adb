"""/environment/v3/contact-centers/{id}/settings: the options of section ``settings`` at a contact center.

``location`` and ``shared`` are the real service's, which has many locations: they are taken, checked and not stored.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.context import current
from config.http.configuring import NO_STORE, ConfigurationView, answers
from config.http.dialects import envelope
from config.http.members import Member, WrongMember, members_needed, members_read, text
from config.http.serializers import ApiResponseSerializer
from config.policy import require
from environment.declarations import MAX_TEXT
from environment.models import ContactCenter, Option
from environment.records import setting_told
from environment.selectors import options_at
from environment.serializers import (
    SettingAnswerSerializer,
    SettingListSerializer,
    SettingRequestSerializer,
    SettingValueRequestSerializer,
)
from environment.services import option_delete, option_set
from environment.views.base import contact_center_of, id_of, in_path, refused_as

SETTINGS = "settings"
"""The section of the options that this API calls settings."""


def _shared(value: Any) -> bool:
    """The scripts send the word as a text."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    raise WrongMember(("", "This is true or false."))


_VALUE = (
    Member("location", "location", text()),
    Member("shared", "shared", _shared),
    Member("value", "value", text(MAX_TEXT, lines=True)),
)
_SETTING = (Member("name", "name", text()), *_VALUE)
_ID = in_path("id", OpenApiTypes.UUID)
_NAME = in_path("name")


class SettingsView(ConfigurationView):
    """The list, and setting one."""

    @extend_schema(
        operation_id="listSettings", parameters=[_ID], request=None, responses=answers(SettingListSerializer, 404)
    )
    def get(self, request: Request, id: str) -> Response:  # noqa: A002 - the path's word
        """Secret ones have a value only for callers who may read secrets."""
        contact_center = contact_center_of(id_of(id))
        require("read", Option)
        asking = current().principal
        rows = [row for row in options_at(contact_center) if row.section == SETTINGS]
        return Response(envelope({"settings": [setting_told(row, asking) for row in rows]}), headers=NO_STORE)

    @extend_schema(
        operation_id="createSetting",
        parameters=[_ID],
        request=SettingRequestSerializer,
        responses=answers(SettingAnswerSerializer, 400, 404, 409),
    )
    def post(self, request: Request, id: str) -> Response:  # noqa: A002
        """Set the value under this name, whether or not there was one."""
        contact_center = contact_center_of(id_of(id))
        values = members_read(self.body(), _SETTING)
        members_needed(values, _SETTING, "name", "value")
        return _set(contact_center, values["name"], values)


class SettingView(ConfigurationView):
    """One of them."""

    @extend_schema(
        operation_id="updateSetting",
        parameters=[_ID, _NAME],
        request=SettingValueRequestSerializer,
        responses=answers(SettingAnswerSerializer, 400, 404, 409),
    )
    def put(self, request: Request, id: str, name: str) -> Response:  # noqa: A002
        """Set the value under this name, whether or not there was one."""
        contact_center = contact_center_of(id_of(id))
        values = members_read(self.body(), _VALUE)
        members_needed(values, _VALUE, "value")
        members_read({"name": name}, _SETTING)
        return _set(contact_center, name, values)

    @extend_schema(
        operation_id="deleteSetting",
        parameters=[_ID, _NAME],
        request=None,
        responses=answers(ApiResponseSerializer, 404),
    )
    def delete(self, request: Request, id: str, name: str) -> Response:  # noqa: A002
        """Take it away; what the installation or the declaration says counts again."""
        contact_center = contact_center_of(id_of(id))
        with refused_as({f"{SETTINGS}/{name}": "name"}):
            option_delete(holder=contact_center, section=SETTINGS, name=name)
        return Response(envelope())


def _set(contact_center: ContactCenter, name: str, values: Mapping[str, Any]) -> Response:
    wrong = "name" if not name or "/" in name else "value"
    with refused_as({f"{SETTINGS}/{name}": wrong}):
        row = option_set(holder=contact_center, section=SETTINGS, name=name, value=values["value"])
    told = setting_told(row, current().principal)
    return Response(envelope(told, path=f"/contact-centers/{contact_center.pk}/settings/{name}"), headers=NO_STORE)
