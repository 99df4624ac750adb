"""/environment/v3/environments: records of Configuration Server connections, for administrators of the installation."""

from __future__ import annotations

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.context import current
from config.http.dialects import envelope
from config.http.errors import NotFound
from config.http.serializers import ApiResponseSerializer
from config.policy import require, visible
from environment.answers import environment_told
from environment.models import Environment
from environment.models.environments import server_faults, servers_kept
from environment.serializers import (
    EnvironmentAnswerSerializer,
    EnvironmentListSerializer,
    EnvironmentRequestSerializer,
)
from environment.services import environment_create, environment_delete, environment_update
from environment.services.environments import LONGEST_PASSWORD
from environment.views.base import (
    EnvironmentApiView,
    answers,
    id_of,
    in_path,
    refused_as,
    same_id_required,
)
from environment.views.members import (
    Member,
    WrongMember,
    boolean,
    members_needed,
    members_read,
    text,
    uuid,
    whole_number,
)


def _servers(value: Any) -> list[dict[str, Any]]:
    faults = tuple(server_faults(value))
    if faults:
        raise WrongMember(*faults)
    return servers_kept(value)


MEMBERS = (
    Member("id", "id", uuid),
    Member("tenant", "tenant", text()),
    Member("appName", "app_name", text()),
    Member("username", "username", text()),
    Member("password", "password", text(LONGEST_PASSWORD, lines=True)),
    Member("connectionProtocol", "connection_protocol", text(64)),
    Member("localTimeout", "local_timeout", whole_number),
    Member("remoteTimeout", "remote_timeout", whole_number),
    Member("traceMode", "trace_mode", text(64)),
    Member("tlsEnabled", "tls_enabled", boolean),
    Member("configServers", "config_servers", _servers),
)
NAMES = {member.name: member.sent for member in MEMBERS}
_ID = in_path("id", OpenApiTypes.UUID)


class EnvironmentsView(EnvironmentApiView):
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
        values = members_read(self.body(), MEMBERS)
        members_needed(values, MEMBERS, "tenant")
        with refused_as(NAMES):
            made = environment_create(**values)
        return Response(envelope(environment_told(made), path=f"/environments/{made.pk}"))


class EnvironmentView(EnvironmentApiView):
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
        values = members_read(self.body(), MEMBERS)
        same_id_required(values.pop("id", None), row.pk)
        with refused_as(NAMES):
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
