"""/configuration/basicauth: Basic credentials registered, listed and deleted by scripts (contract basicauth.md)."""

from __future__ import annotations

from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.credential_records import CredentialRecord, NewPassword, record_of
from accounts.models import BasicCredential
from accounts.serializers import (
    CredentialListSerializer,
    CredentialRequestSerializer,
    CredentialSerializer,
    NewPasswordSerializer,
)
from accounts.services.credentials import credential_delete, credential_rotate
from accounts.services.registration import credential_register
from accounts.views.base import CredentialsView, told
from config.context import current
from config.http.configuring import NO_STORE
from config.http.errors import NotFound, ValidationRefused
from config.http.members import LARGEST_KEY, number_of, page_asked
from config.policy import require, visible

MOST, USUAL = 1_000, 100
"""Credentials of one answer."""
SEED = OpenApiExample(
    "of the vendor's documentation",
    value={
        "username": "customer_manager",
        "password": "customer_manager@123",
        "context": "ContactCenter",
        "contextId": "1",
        "dateExpiry": "2030-05-19T12:20:57.310Z",
        "userRole": "Administrator",
    },
    request_only=True,
)
_ID = OpenApiParameter("credential_id", OpenApiTypes.INT, OpenApiParameter.PATH)


class BasicAuthView(CredentialsView):
    """The list, and new ones."""

    @extend_schema(
        operation_id="listBasicCredentials",
        request=None,
        parameters=[
            OpenApiParameter("limit", int, description=f"At most so many, 1 to {MOST}; {USUAL} unless told."),
            OpenApiParameter("offset", int, description="How many to leave out first."),
        ],
        responses=told({200: CredentialListSerializer}),
    )
    def get(self, request: Request) -> Response:
        """The credentials of contact centers that the caller may see, the oldest first."""
        require("read", BasicCredential)
        limit, offset = page_asked(request.query_params, most=MOST, usual=USUAL)
        rows = visible(current().principal, _rows()).order_by("pk")
        items = [record_of(row) for row in rows[offset : offset + limit]]
        return Response({"items": items, "total": rows.count(), "limit": limit, "offset": offset}, headers=NO_STORE)

    @extend_schema(
        operation_id="registerBasicCredential",
        request=CredentialRequestSerializer,
        examples=[SEED],
        responses=told({201: CredentialSerializer}, 409, 413, 415),
    )
    def post(self, request: Request) -> Response:
        """Register a credential: name and password work from now on as ``Authorization: Basic``, until they expire."""
        require("administer", BasicCredential)
        data, twice = self.object_sent()
        made = credential_register(CredentialRecord.parse(data, twice=twice))
        headers = NO_STORE | {"Location": f"/configuration/basicauth/{made.pk}"}
        return Response(record_of(made), status=201, headers=headers)


class BasicAuthOneView(CredentialsView):
    """One credential."""

    @extend_schema(
        operation_id="getBasicCredential",
        parameters=[_ID],
        request=None,
        responses=told({200: CredentialSerializer}, 404),
    )
    def get(self, request: Request, credential_id: str) -> Response:
        """Its record, never its password."""
        return Response(record_of(credential_called(credential_id)), headers=NO_STORE)

    @extend_schema(
        operation_id="deleteBasicCredential", parameters=[_ID], request=None, responses=told({204: None}, 404)
    )
    def delete(self, request: Request, credential_id: str) -> Response:
        """Delete it; it is refused from the next call on, and its name is free again."""
        credential_delete(credential_called(credential_id))
        return Response(status=204, headers=NO_STORE)


class BasicAuthPasswordView(CredentialsView):
    """The password of one credential."""

    @extend_schema(
        operation_id="rotateBasicCredential",
        parameters=[_ID],
        request=NewPasswordSerializer,
        examples=[OpenApiExample("rotate", value={"password": "a-longer-secret-of-2031"}, request_only=True)],
        responses=told({200: CredentialSerializer}, 404, 413, 415),
    )
    def put(self, request: Request, credential_id: str) -> Response:
        """Give it another password; the old one is refused from the next call on."""
        credential = credential_called(credential_id)
        require("administer", credential)
        data, twice = self.object_sent()
        sent = NewPassword.parse(data, twice=twice)
        if sent.faults:
            raise ValidationRefused(fields=sent.faults)
        credential_rotate(credential, password=sent.password)
        return Response(record_of(credential), headers=NO_STORE)


def credential_called(text: str) -> BasicCredential:
    """A credential that the caller may see. Raises Forbidden without the privilege, NotFound for others."""
    require("read", BasicCredential)
    rows = visible(current().principal, _rows())
    key = number_of(text, most=LARGEST_KEY)
    row = rows.filter(pk=key).first() if key is not None else None
    if row is None:
        raise NotFound("There is no such credential.")
    return row


def _rows() -> QuerySet[BasicCredential]:
    """Those of contact centers: ops credentials are the installation's, and no matter of this call."""
    rows = BasicCredential.objects.filter(contact_center__isnull=False)
    return rows.select_related("contact_center", "role")
