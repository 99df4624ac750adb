"""/auth/v3/ops/clients: the client registry that deployment scripts use."""

from __future__ import annotations

from urllib.parse import quote

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import BaseSerializer

from config.http.configuring import ConfigurationView, told_as
from config.http.dialects import envelope
from config.http.errors import InvalidParameter
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
from oauthapi.serializers import OAuthErrorSerializer

NO_STORE = {"Cache-Control": "no-store"}
MOST_LISTED = 10_000
"""Clients in one answer, asked for or not: scripts read the whole list, and few installations have more."""
_FARTHEST = 2**31 - 1


def _answers(serializer: type[BaseSerializer[dict[str, object]]], *refusals: int) -> dict[int, type]:
    return {200: serializer} | dict.fromkeys(sorted({400, 401, 403, 503, *refusals}), OAuthErrorSerializer)


def _shown(client: ApiClient) -> dict[str, object]:
    return record_of(client, told_contact_center_ids(client))


def _number(request: Request, name: str, *, default: int, least: int, most: int) -> int:
    text = request.query_params.get(name, "")
    if not text:
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(most)) and least <= int(text) <= most):
        raise InvalidParameter(f"The parameter '{name}' is a whole number from {least} to {most}.", field=name)
    return int(text)


class ClientsView(ConfigurationView):
    """All clients that the caller may see, and new ones."""

    @extend_schema(
        operation_id="opsClients",
        request=None,
        parameters=[
            OpenApiParameter("client_id", str, description="Only this one."),
            OpenApiParameter("limit", int, description=f"At most so many; {MOST_LISTED} unless told."),
            OpenApiParameter("offset", int, description="How many to leave out first."),
        ],
        responses=_answers(ClientListSerializer, 400),
    )
    def get(self, request: Request) -> Response:
        """Records in ``data``, always an array, by client id."""
        rows = clients_listed(
            client_id=request.query_params.get("client_id"),
            limit=_number(request, "limit", default=MOST_LISTED, least=1, most=MOST_LISTED),
            offset=_number(request, "offset", default=0, least=0, most=_FARTHEST),
        )
        return Response(envelope([_shown(client) for client in rows]), headers=NO_STORE)

    @extend_schema(
        operation_id="createOpsClient",
        request=ClientCreateRequestSerializer,
        responses=_answers(ClientCreatedSerializer, 400, 409),
    )
    def post(self, request: Request) -> Response:
        """Make a client; the answer alone tells its secret. 200, not 201: scripts look at ``status.code`` only."""
        record = ClientRecord.parse(self.json_data())
        with told_as(TOLD_AS):
            client, secret = client_register(record)
        told = {"client_secret": secret} if secret else {}
        path = f"/ops/clients/{quote(client.client_id, safe='')}"
        return Response(envelope(_shown(client) | told, path), headers=NO_STORE)


class ClientView(ConfigurationView):
    """One client."""

    @extend_schema(operation_id="opsClient", request=None, responses=_answers(ClientAnswerSerializer, 404))
    def get(self, request: Request, client_id: str) -> Response:
        """Its record."""
        return Response(envelope(_shown(client_seen(client_id))), headers=NO_STORE)

    @extend_schema(
        operation_id="changeOpsClient",
        request=ClientChangeRequestSerializer,
        responses=_answers(ClientAnswerSerializer, 400, 404),
    )
    def put(self, request: Request, client_id: str) -> Response:
        """Change what is named and leave the rest. A ``client_secret`` replaces the present one at once."""
        record = ClientRecord.parse(self.json_data())
        with told_as(TOLD_AS):
            client = client_amend(client_id, record)
        return Response(envelope(_shown(client)), headers=NO_STORE)

    @extend_schema(operation_id="deleteOpsClient", request=None, responses=_answers(StatusSerializer, 404))
    def delete(self, request: Request, client_id: str) -> Response:
        """Delete it; its tokens end with it."""
        client_remove(client_id)
        return Response(envelope(), headers=NO_STORE)
