"""GET /auth/v3/userinfo."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.http.views import ApiView
from oauthapi.serializers import CloudUserDetailsSerializer, OAuthErrorSerializer
from oauthapi.userinfo import cloud_user_details

NO_STORE = {"Cache-Control": "no-store"}


class UserInfoView(ApiView):
    """Who the bearer is, in the vendor's words."""

    @extend_schema(
        operation_id="getInfo1",
        request=None,
        responses={200: CloudUserDetailsSerializer} | dict.fromkeys((400, 401, 503), OAuthErrorSerializer),
    )
    def get(self, request: Request) -> Response:
        """``CloudUserDetails`` as a plain object."""
        return Response(cloud_user_details(request.auth), headers=NO_STORE)  # type: ignore[arg-type]
