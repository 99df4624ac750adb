"""/environment/v3/contact-centers: made and deleted by administrators of the installation, read by their own."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.context import current
from config.http.configuring import ConfigurationView, answers
from config.http.dialects import envelope
from config.http.errors import MissingParameter
from config.http.members import Member, WrongMember, boolean, items, members_read, text, uuid, whole_number
from config.http.serializers import ApiResponseSerializer
from config.policy import require, visible
from environment.models import ContactCenter
from environment.records import contact_center_told
from environment.serializers import (
    ContactCenterAnswerSerializer,
    ContactCenterListSerializer,
    ContactCenterRequestSerializer,
)
from environment.services import contact_center_create, contact_center_delete, contact_center_update
from environment.views.base import (
    contact_center_of,
    id_of,
    in_path,
    refused_as,
    same_id_required,
)


def _auth(value: Any) -> str:
    if value not in ContactCenter.Auth.values:
        raise WrongMember(("", f"What is offered here is {', '.join(ContactCenter.Auth.values)}."))
    return str(value)


MEMBERS = (
    Member("id", "id", uuid),
    Member("environmentId", "environment_id", uuid),
    Member("domains", "domains", items(text())),
    Member("auth", "auth", _auth),
    Member("name", "name", text()),
    Member("number", "number", whole_number()),
    Member("enabled", "enabled", boolean),
)
NAMES = {member.name: member.sent for member in MEMBERS}
_ID = in_path("id", OpenApiTypes.UUID)


class ContactCentersView(ConfigurationView):
    """The list, and new ones."""

    @extend_schema(operation_id="listContactCenters", request=None, responses=answers(ContactCenterListSerializer))
    def get(self, request: Request) -> Response:
        """The contact centers that the caller may see, by number."""
        require("read", ContactCenter)
        rows = visible(current().principal, ContactCenter.objects.prefetch_related("domains"))
        return Response(envelope([contact_center_told(row) for row in rows]))

    @extend_schema(
        operation_id="createContactCenter",
        request=ContactCenterRequestSerializer,
        responses=answers(ContactCenterAnswerSerializer, 400, 409),
    )
    def post(self, request: Request) -> Response:
        """Make one. Without a name it is called like its first domain, without a number it gets the next one."""
        require("write", ContactCenter)
        values = members_read(self.body(), MEMBERS)
        values.setdefault("name", next(iter(values.get("domains", [])), ""))
        if not values["name"]:
            raise MissingParameter("The parameter 'domains' is missing, and no 'name' given.", field="domains")
        with refused_as(NAMES):
            made = contact_center_create(**values)
        return Response(envelope(contact_center_told(made), path=f"/contact-centers/{made.pk}"))


class ContactCenterView(ConfigurationView):
    """One of them."""

    @extend_schema(
        operation_id="getContactCenter",
        parameters=[_ID],
        request=None,
        responses=answers(ContactCenterAnswerSerializer, 404),
    )
    def get(self, request: Request, id: str) -> Response:  # noqa: A002 - the path's word
        """One contact center with its domains."""
        return Response(envelope(contact_center_told(contact_center_of(id_of(id)))))

    @extend_schema(
        operation_id="updateContactCenter",
        parameters=[_ID],
        request=ContactCenterRequestSerializer,
        responses=answers(ContactCenterAnswerSerializer, 400, 404, 409),
    )
    def put(self, request: Request, id: str) -> Response:  # noqa: A002
        """Change the members that are sent. Its own administrators change its name only."""
        row = contact_center_of(id_of(id))
        values = members_read(self.body(), MEMBERS)
        same_id_required(values.pop("id", None), row.pk)
        with refused_as(NAMES):
            contact_center_update(row, **values)
        return Response(envelope(contact_center_told(contact_center_of(row.pk))))

    @extend_schema(
        operation_id="deleteContactCenter",
        parameters=[_ID],
        request=None,
        responses=answers(ApiResponseSerializer, 404, 409),
    )
    def delete(self, request: Request, id: str) -> Response:  # noqa: A002
        """Refused while users, roles, applications, … are in it."""
        contact_center_delete(contact_center_of(id_of(id)))
        return Response(envelope())
