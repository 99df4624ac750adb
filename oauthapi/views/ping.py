"""GET /auth/v3/ping: is anybody signed in here? The vendor's clients send only their cookies."""

from __future__ import annotations

from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.http.dialects import envelope
from config.http.errors import Unauthenticated
from config.http.views import ApiView
from oauthapi.errors import NotSignedIn
from oauthapi.serializers import ApiResponseSerializer, OAuthErrorSerializer


class PingView(ApiView):
    """200 with a live session or bearer; reading the session restarts its idle time."""

    proofs: ClassVar[tuple[str, ...]] = ("bearer", "session")

    @extend_schema(
        operation_id="ping",
        request=None,
        responses={200: ApiResponseSerializer} | dict.fromkeys((400, 403, 503), OAuthErrorSerializer),
    )
    def get(self, request: Request) -> Response:
        """The envelope."""
        return Response(envelope())

    def perform_authentication(self, request: Request) -> None:
        try:
            super().perform_authentication(request)
        except Unauthenticated as refused:
            raise NotSignedIn(reason=refused.reason) from refused
