"""GET /auth/v3/jwt-userinfo: the target of a proxy's auth_request."""

from __future__ import annotations

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.http.dialects import envelope
from config.http.views import ApiView
from oauthapi.serializers import ApiResponseSerializer, OAuthErrorSerializer
from oauthapi.userinfo import user_info_jwt

HEADER = "X-GWS-User"


class JwtUserInfoView(ApiView):
    """Who the bearer is, signed, in a response header that a proxy copies to what stands behind it."""

    @extend_schema(
        operation_id="getJwtInfoUsingGET",
        request=None,
        parameters=[OpenApiParameter(HEADER, str, OpenApiParameter.HEADER, response=[200], description="RS256 JWT")],
        responses={200: ApiResponseSerializer} | dict.fromkeys((400, 401, 503), OAuthErrorSerializer),
    )
    def get(self, request: Request) -> Response:
        """The envelope, and the token in ``X-GWS-User``."""
        token = user_info_jwt(request.auth)  # type: ignore[arg-type]
        return Response(envelope(data={}), headers={HEADER: token, "Cache-Control": "no-store"})
