"""POST /auth/v3/auth-scheme."""

from __future__ import annotations

from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.http.dialects import envelope
from config.http.views import ApiView
from oauthapi.serializers import ApiResponseSerializer, AuthSchemeSerializer, OAuthErrorSerializer


class AuthSchemeView(ApiView):
    """How a user signs in: always by password here. A sign-in page asks it before it shows a password box."""

    proofs: ClassVar[tuple[str, ...]] = ()
    required: ClassVar[bool] = False

    @extend_schema(
        operation_id="authScheme",
        request=AuthSchemeSerializer,
        responses={200: ApiResponseSerializer, 400: OAuthErrorSerializer},
    )
    def post(self, request: Request) -> Response:
        """The same for every name, known or not: nothing is looked up."""
        self.json()
        return Response(envelope(data={"scheme": "basic"}))
