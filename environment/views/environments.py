"""/environment/v3/environments: records of Configuration Server connections, for administrators of the installation."""

from __future__ import annotations

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.context import current
from config.http.configuring import ConfigurationView, answers
from config.http.dialects import envelope
from config.http.errors import NotFound
from config.http.members import members_needed, members_read
from config.http.serializers import ApiResponseSerializer
from config.policy import require, visible
from environment.models import Environment
from environment.records import ENVIRONMENT, ENVIRONMENT_NAMES, environment_told
from environment.serializers import (
    EnvironmentAnswerSerializer,
    EnvironmentListSerializer,
    EnvironmentRequestSerializer,
)
from environment.services import environment_create, environment_delete, environment_update
from environment.views.base import (
    id_of,
    in_path,
    refused_as,
    same_id_required,
)

_ID = in_path("id", OpenApiTypes.UUID)


class EnvironmentsView(ConfigurationView):
    """The list, and new ones."""

    @extend_schema(operation_id="listEnvironments", request=None, responses=answers(EnvironmentListSerializer))
    def get(self, request: Request) -> Response:
        """All environments; the password is never told."""
        require("read", Environment)
        rows = visible(current().principal, Environment.objects.all())
        return Response(envelope([environment_told(row) for row in rows]))

    @extend_schema(
        operation_id="createEnvironment",
        request=EnvironmentRequestSerializer,
        responses=answers(EnvironmentAnswerSerializer, 400, 409),
    )
    def post(self, request: Request) -> Response:
        """Record one, under the id given or a new one."""
        require("write", Environment)
        values = members_read(self.body(), ENVIRONMENT)
        members_needed(values, ENVIRONMENT, "tenant")
        with refused_as(ENVIRONMENT_NAMES):
            made = environment_create(**values)
        return Response(envelope(environment_told(made), path=f"/environments/{made.pk}"))


class EnvironmentView(ConfigurationView):
    """One of them."""

    @extend_schema(
        operation_id="getEnvironment",
        parameters=[_ID],
        request=None,
        responses=answers(EnvironmentAnswerSerializer, 404),
    )
    def get(self, request: Request, id: str) -> Response:  # noqa: A002 - the path's word
        """One environment, without its password."""
        return Response(envelope(environment_told(_environment(id))))

    @extend_schema(
        operation_id="updateEnvironment",
        parameters=[_ID],
        request=EnvironmentRequestSerializer,
        responses=answers(EnvironmentAnswerSerializer, 400, 404, 409),
    )
    def put(self, request: Request, id: str) -> Response:  # noqa: A002
        """Change the members that are sent; the others stay."""
        row = _environment(id)
        values = members_read(self.body(), ENVIRONMENT)
        same_id_required(values.pop("id", None), row.pk)
        with refused_as(ENVIRONMENT_NAMES):
            environment_update(row, **values)
        return Response(envelope(environment_told(_environment(id))))

    @extend_schema(
        operation_id="deleteEnvironment",
        parameters=[_ID],
        request=None,
        responses=answers(ApiResponseSerializer, 404, 409),
    )
    def delete(self, request: Request, id: str) -> Response:  # noqa: A002
        """Refused while a contact center names it."""
        environment_delete(_environment(id))
        return Response(envelope())


def _environment(text_: str) -> Environment:
    require("read", Environment)
    row = visible(current().principal, Environment.objects.all()).filter(pk=id_of(text_)).first()
    if row is None:
        raise NotFound("There is no such environment.")
    return row
