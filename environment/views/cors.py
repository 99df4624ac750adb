"""/environment/v3/cors: the browser origins of contact centers one by one; the setting ``cors-origins`` is the same."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.context import current
from config.http import plain_request
from config.http.configuring import ConfigurationView, answers
from config.http.dialects import envelope
from config.http.members import Member, members_needed, members_read, text, uuid
from config.http.serializers import ApiResponseSerializer
from config.policy import require, visible
from environment.models import ContactCenter, Option
from environment.options import CORS_ORIGINS
from environment.records import origin_told
from environment.serializers import (
    OriginAnswerSerializer,
    OriginListSerializer,
    OriginRequestSerializer,
)
from environment.services import origin_add, origin_remove, origins_stored
from environment.views.base import contact_center_of, refused_as

_LONGEST_ORIGIN = 300
_CENTER = Member("contactCenterId", "contact_center_id", uuid)
MEMBERS = (_CENTER, Member("origin", "origin", text(_LONGEST_ORIGIN)))
_NAMES = {str(CORS_ORIGINS): "origin"}
_OF = OpenApiParameter("contactCenterId", OpenApiTypes.UUID, OpenApiParameter.QUERY)


class CorsView(ConfigurationView):
    """Listed, added, taken away."""

    @extend_schema(
        operation_id="listOrigins",
        parameters=[_OF],
        request=None,
        responses=answers(OriginListSerializer, 400, 404),
    )
    def get(self, request: Request) -> Response:
        """The origins of one contact center, or of all that the caller may see."""
        require("read", ContactCenter)
        require("read", Option)
        wanted = members_read(request.query_params.dict(), (_CENTER,))
        if wanted:
            rows = [contact_center_of(wanted["contact_center_id"])]
        else:
            rows = list(visible(current().principal, ContactCenter.objects.all()))
        return Response(envelope({"origins": [origin_told(*each) for each in origins_stored(rows)]}))

    @extend_schema(
        operation_id="addOrigin",
        request=OriginRequestSerializer,
        responses=answers(OriginAnswerSerializer, 400, 404, 409),
    )
    def post(self, request: Request) -> Response:
        """Register one more; 409 when it is there, in whatever spelling."""
        contact_center_id, origin = _parse(self.body())
        with refused_as(_NAMES):
            origin_add(contact_center_of(contact_center_id), origin=origin)
        return Response(envelope(origin_told(contact_center_id, origin)))

    @extend_schema(
        operation_id="removeOrigin",
        parameters=[_OF, OpenApiParameter("origin", OpenApiTypes.STR, OpenApiParameter.QUERY)],
        request=None,
        responses=answers(ApiResponseSerializer, 400, 404),
    )
    def delete(self, request: Request) -> Response:
        """Take one away, named by the body of the POST or by the query."""
        by_body = plain_request(request).body.strip()
        contact_center_id, origin = _parse(self.body() if by_body else request.query_params.dict())
        with refused_as(_NAMES):
            origin_remove(contact_center_of(contact_center_id), origin=origin)
        return Response(envelope())


def _parse(data: Mapping[str, Any]) -> tuple[UUID, str]:
    values = members_read(data, MEMBERS)
    members_needed(values, MEMBERS, "contact_center_id", "origin")
    return values["contact_center_id"], values["origin"].strip()
