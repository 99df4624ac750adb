"""GET /version: what desktops compare."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from screenrec import options
from screenrec.schema import PAGE, VERSION_HEADER, refusals
from screenrec.serializers import VersionSerializer
from screenrec.views.base import RecorderView


class VersionView(RecorderView):
    """Told to anybody."""

    needs_origin: ClassVar[bool] = False

    @extend_schema(
        operation_id="recorderVersion",
        request=None,
        parameters=[PAGE, VERSION_HEADER],
        responses={200: VersionSerializer} | refusals(),
    )
    def get(self, request: Request) -> Response:
        """The version that this service stands for."""
        return Response({"version": options.VERSION.of()}, headers={"X-Deskgate-Version": settings.DESKGATE_VERSION})
