"""GET and POST /auth/v3/openid/userinfo (OpenID Connect Core §5.3)."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.http.views import ApiView
from oauthapi.serializers import OAuthErrorSerializer, OpenIdUserInfoSerializer
from oauthapi.userinfo import open_id_user_info

NO_STORE = {"Cache-Control": "no-store"}

_ANSWERS = {200: OpenIdUserInfoSerializer} | dict.fromkeys((400, 401, 503), OAuthErrorSerializer)


class OpenIdUserInfoView(ApiView):
    """Who the bearer is, in OpenID Connect's words."""

    @extend_schema(operation_id="getInfo", request=None, responses=_ANSWERS)
    def get(self, request: Request) -> Response:
        """``OpenIdUserInfo`` as a plain object."""
        return Response(open_id_user_info(request.auth), headers=NO_STORE)  # type: ignore[arg-type]

    @extend_schema(operation_id="postInfo", request=None, responses=_ANSWERS)
    def post(self, request: Request) -> Response:
        """The same, for clients that post."""
        return self.get(request)
