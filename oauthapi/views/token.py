"""POST /auth/v3/oauth/token."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from oauthapi.flows.token import TOKEN_FIELDS, token_answer
from oauthapi.serializers import OAuthErrorSerializer, TokenRequestSerializer, TokenSerializer
from oauthapi.views.client_form import ERRORS, FORM, NO_STORE, ClientFormView


class TokenView(ClientFormView):
    """Retrieve an access token: authorization_code, password, refresh_token, client_credentials."""

    fields = TOKEN_FIELDS

    @extend_schema(
        operation_id="retrieveToken",
        request={FORM: TokenRequestSerializer},
        responses={200: TokenSerializer, 403: OAuthErrorSerializer, **ERRORS},
    )
    def post(self, request: Request) -> Response:
        """The grants of RFC 6749 with the vendor's habits; every error carries both dialects."""
        with self.form(request) as asked:
            return Response(token_answer(asked), headers=NO_STORE)
