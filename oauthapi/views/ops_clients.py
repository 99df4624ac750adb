"""/auth/v3/ops/clients: the client registry that deployment scripts use."""

from __future__ import annotations

from urllib.parse import quote

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.http.configuring import NO_STORE, ConfigurationView, answers, told_as
from config.http.dialects import envelope
from config.http.members import page_asked
from oauthapi.client_records import TOLD_AS, ClientRecord, record_of
from oauthapi.client_serializers import (
    ClientAnswerSerializer,
    ClientChangeRequestSerializer,
    ClientCreatedSerializer,
    ClientCreateRequestSerializer,
    ClientListSerializer,
    StatusSerializer,
)
from oauthapi.flows.client_registry import (
    client_amend,
    client_register,
    client_remove,
    client_seen,
    clients_listed,
    told_contact_center_ids,
)
from oauthapi.models import ApiClient


def _shown(client: ApiClient) -> dict[str, object]:
    return record_of(client, told_contact_center_ids(client))


class ClientsView(ConfigurationView):
    """All clients that the caller may see, and new ones."""

    @extend_schema(
        operation_id="opsClients",
        request=None,
        parameters=[
            OpenApiParameter("client_id", str, description="Only this one."),
            OpenApiParameter("limit", int, description="At most so many; all unless told."),
            OpenApiParameter("offset", int, description="How many to leave out first."),
        ],
        responses=answers(ClientListSerializer, 400),
    )
    def get(self, request: Request) -> Response:
        """Records in ``data``, always an array, by client id."""
        limit, offset = page_asked(request.query_params)
        rows = clients_listed(client_id=request.query_params.get("client_id"), limit=limit, offset=offset)
        return Response(envelope([_shown(client) for client in rows]), headers=NO_STORE)

    @extend_schema(
        operation_id="createOpsClient",
        request=ClientCreateRequestSerializer,
        responses=answers(ClientCreatedSerializer, 400, 409),
    )
    def post(self, request: Request) -> Response:
        """Make a client; the answer alone tells its secret. 200, not 201: scripts look at ``status.code`` only."""
        record = ClientRecord.parse(self.body())
        with told_as(TOLD_AS):
            client, secret = client_register(record)
        told = {"client_secret": secret} if secret else {}
        path = f"/ops/clients/{quote(client.client_id, safe='')}"
        return Response(envelope(_shown(client) | told, path), headers=NO_STORE)


class ClientView(ConfigurationView):
    """One client."""

    @extend_schema(operation_id="opsClient", request=None, responses=answers(ClientAnswerSerializer, 404))
    def get(self, request: Request, client_id: str) -> Response:
        """Its record."""
        return Response(envelope(_shown(client_seen(client_id))), headers=NO_STORE)

    @extend_schema(
        operation_id="changeOpsClient",
        request=ClientChangeRequestSerializer,
        responses=answers(ClientAnswerSerializer, 400, 404),
    )
    def put(self, request: Request, client_id: str) -> Response:
        """Change what is named and leave the rest. A ``client_secret`` replaces the present one at once."""
        record = ClientRecord.parse(self.body())
        with told_as(TOLD_AS):
            client = client_amend(client_id, record)
        return Response(envelope(_shown(client)), headers=NO_STORE)

    @extend_schema(operation_id="deleteOpsClient", request=None, responses=answers(StatusSerializer, 404))
    def delete(self, request: Request, client_id: str) -> Response:
        """Delete it; its tokens end with it."""
        client_remove(client_id)
        return Response(envelope(), headers=NO_STORE)
