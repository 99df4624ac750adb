"""/environment/v3/applications/{name}/options: what Genesys Administrator's Options tab shows, for scripts."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.context import current
from config.http import plain_request
from config.http.configuring import NO_STORE, ConfigurationView, answers
from config.http.dialects import envelope
from config.http.errors import InvalidParameter, MissingParameter
from config.http.members import Member, members_needed, members_read, text
from config.http.serializers import ApiResponseSerializer
from config.policy import require
from environment.declarations import MAX_TEXT
from environment.models import Application, Option
from environment.records import option_told
from environment.selectors import options_at
from environment.serializers import (
    OptionAnswerSerializer,
    OptionListSerializer,
    OptionsRequestSerializer,
    OptionValueRequestSerializer,
)
from environment.services import option_delete_tagged, option_set_tagged, options_set_many, options_tag
from environment.views.base import application_of, in_path, refused_as

MOST = 1_000
"""Options of one request."""
_VALUE = (Member("value", "value", text(MAX_TEXT, lines=True)),)
_WORDS = (Member("section", "section", text()), Member("option", "option", text()))
_KEY = (*_WORDS, Member("name", "name", text(511)))
_APPLICATION = in_path("name", told="The application's name, percent-encoded.")
_PATH = [_APPLICATION, in_path("section"), in_path("option")]
_IF_MATCH = OpenApiParameter(
    "If-Match", OpenApiTypes.STR, OpenApiParameter.HEADER, description="The ETag of the list as it was read."
)


class ApplicationOptionsView(ConfigurationView):
    """The table, and several at once."""

    @extend_schema(
        operation_id="listApplicationOptions",
        parameters=[_APPLICATION],
        request=None,
        responses=answers(OptionListSerializer, 404),
    )
    def get(self, request: Request, name: str) -> Response:
        """All options set here, with the ``ETag`` that a write may name in ``If-Match``."""
        application = application_of(name)
        require("read", Option)
        return _table(application)

    @extend_schema(
        operation_id="changeApplicationOptions",
        parameters=[_APPLICATION, _IF_MATCH],
        request=OptionsRequestSerializer,
        responses=answers(OptionListSerializer, 400, 404, 409, 412),
    )
    def patch(self, request: Request, name: str) -> Response:
        """Set and (value null) delete several, all or none."""
        application = application_of(name)
        values = _values(self.body_list())
        with refused_as({}):
            options_set_many(holder=application, values=values, tags=_tags(request))
        return _table(application)


class ApplicationOptionView(ConfigurationView):
    """One option."""

    @extend_schema(
        operation_id="setApplicationOption",
        parameters=[*_PATH, _IF_MATCH],
        request=OptionValueRequestSerializer,
        responses=answers(OptionAnswerSerializer, 400, 404, 409, 412),
    )
    def put(self, request: Request, name: str, section: str, option: str) -> Response:
        """Set it, whether or not it was there."""
        application = application_of(name)
        values = members_read(self.body(), _VALUE)
        members_needed(values, _VALUE, "value")
        members_read({"section": section, "option": option}, _WORDS)
        with refused_as({f"{section}/{option}": "value"}):
            row, tag = option_set_tagged(
                holder=application, section=section, name=option, value=values["value"], tags=_tags(request)
            )
        return Response(envelope(option_told(row, current().principal)), headers=_tagged(tag))

    @extend_schema(
        operation_id="deleteApplicationOption",
        parameters=[*_PATH, _IF_MATCH],
        request=None,
        responses=answers(ApiResponseSerializer, 404, 412),
    )
    def delete(self, request: Request, name: str, section: str, option: str) -> Response:
        """Take it away; the next level counts again."""
        application = application_of(name)
        with refused_as({f"{section}/{option}": "option"}):
            tag = option_delete_tagged(holder=application, section=section, name=option, tags=_tags(request))
        return Response(envelope(), headers=_tagged(tag))


def _table(application: Application) -> Response:
    rows, asking = options_at(application), current().principal
    return Response(envelope([option_told(row, asking) for row in rows]), headers=_tagged(options_tag(rows)))


def _tagged(tag: str) -> dict[str, str]:
    """Headers of every answer here: ``ETag`` is the whole list's, also of a write to one option."""
    return NO_STORE | {"ETag": f'"{tag}"'}


def _tags(request: Request) -> frozenset[str] | None:
    """What ``If-Match`` names (RFC 9110 §13.1.1, strong comparison); None without it, and for ``*``: the application
    was found.
    """
    header = plain_request(request).headers.get("If-Match")
    if header is None or header.strip() == "*":
        return None
    words = [word.strip() for word in header.split(",")]
    return frozenset(word[1:-1] for word in words if len(word) > 1 and word[0] == word[-1] == '"')


def _values(items: list[Any]) -> dict[tuple[str, str], str | None]:
    if len(items) > MOST:
        raise InvalidParameter(f"The parameter 'data' is a list of at most {MOST} options.", field="data")
    values: dict[tuple[str, str], str | None] = {}
    for position, item in enumerate(items):
        where = f"data.{position}"
        if not isinstance(item, dict):
            raise InvalidParameter(f"The parameter '{where}' must be an object.", field=where)
        key = _key(item, f"{where}.")
        if key in values:
            raise InvalidParameter(f"The parameter '{where}' names an option that stands here twice.", field=where)
        if "value" not in item:
            raise MissingParameter(f"The parameter '{where}.value' is missing.", field=f"{where}.value")
        values[key] = members_read(item, _VALUE, within=f"{where}.").get("value")
    return values


def _key(item: dict[str, Any], within: str) -> tuple[str, str]:
    """By ``section`` and ``option``, or by ``name`` as the list writes it. Raises Missing- and InvalidParameter."""
    named = members_read(item, _KEY, within=within)
    if "name" not in named or "section" in named or "option" in named:
        members_needed(named, _KEY, "section", "option", within=within)
        return named["section"], named["option"]
    section, slash, option = named["name"].partition("/")
    if not slash:
        raise InvalidParameter(f"The parameter '{within}name' is written section/option.", field=f"{within}name")
    return section, option
