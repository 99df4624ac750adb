"""POST /auth/v3/oauth/revoke (RFC 7009)."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.http.dialects import envelope
from oauthapi.flows.token import STATE_FIELDS, revocation_answer
from oauthapi.serializers import ApiResponseSerializer, TokenStateRequestSerializer
from oauthapi.views.client_form import ERRORS, FORM, NO_STORE, ClientFormView


class RevokeView(ClientFormView):
    """End an access token, or a refresh token and all that followed from the same authorization."""

    fields = STATE_FIELDS

    @extend_schema(
        operation_id="revoke",
        request={FORM: TokenStateRequestSerializer},
        responses={200: ApiResponseSerializer, **ERRORS},
    )
    def post(self, request: Request) -> Response:
        """200 for unknown and ended tokens too: what the client wants is so. Public clients send their id."""
        with self.form(request) as asked:
            revocation_answer(asked)
            return Response(envelope(), headers=NO_STORE)
