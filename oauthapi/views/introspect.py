"""POST /auth/v3/oauth/introspect (RFC 7662)."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from oauthapi.flows.token import STATE_FIELDS, introspection_answer
from oauthapi.serializers import IntrospectionSerializer, TokenStateRequestSerializer
from oauthapi.views.client_form import ERRORS, FORM, NO_STORE, ClientFormView


class IntrospectView(ClientFormView):
    """Tell a confidential client whether a token is alive: its own, or any for one that may introspect."""

    fields = STATE_FIELDS

    @extend_schema(
        operation_id="introspect",
        request={FORM: TokenStateRequestSerializer},
        responses={200: IntrospectionSerializer, **ERRORS},
    )
    def post(self, request: Request) -> Response:
        """``{"active": false}`` and nothing else for what is unknown, ended, or not the caller's to see."""
        with self.form(request) as asked:
            return Response(introspection_answer(asked), headers=NO_STORE)
