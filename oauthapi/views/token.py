"""POST /auth/v3/oauth/token."""

from __future__ import annotations

from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.context import current
from config.http import plain_request, set_principal
from config.http.errors import BadRequest
from config.http.views import ApiView
from oauthapi.flows.token import TokenRequest, token_answer
from oauthapi.serializers import OAuthErrorSerializer, TokenRequestSerializer, TokenSerializer

NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}


class TokenView(ApiView):
    """Retrieve an access token: authorization_code, password, refresh_token, client_credentials."""

    proofs: ClassVar[tuple[str, ...]] = ()
    required: ClassVar[bool] = False

    @extend_schema(
        operation_id="retrieveToken",
        request={"application/x-www-form-urlencoded": TokenRequestSerializer},
        responses={
            200: TokenSerializer,
            400: OAuthErrorSerializer,
            401: OAuthErrorSerializer,
            403: OAuthErrorSerializer,
            503: OAuthErrorSerializer,
        },
    )
    def post(self, request: Request) -> Response:
        """The grants of RFC 6749 with the vendor's habits; every error carries both dialects."""
        plain = plain_request(request)
        media = plain.content_type
        if plain.body and media not in ("application/x-www-form-urlencoded", ""):
            raise BadRequest("Send application/x-www-form-urlencoded.", reason=f"content type {media}")
        if "client_secret" in plain.GET:
            raise BadRequest("The client secret does not belong in the address.", field="client_secret")
        asked = TokenRequest.parse(plain.body, plain.META.get("HTTP_AUTHORIZATION", ""))
        try:
            return Response(token_answer(asked), headers=NO_STORE)
        finally:
            # Whoever was proven on the way: a page may read the answer only from an origin of theirs.
            if current().principal.is_authenticated:
                set_principal(plain, current().principal)
