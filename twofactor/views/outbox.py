"""GET /demo/outbox: what the demo would have sent. It exists in the demo only."""

from __future__ import annotations

from typing import ClassVar

from django.conf import settings
from drf_spectacular.utils import OpenApiParameter, extend_schema, inline_serializer
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from config.encryption import SealBroken
from config.http.configuring import NO_STORE, answers
from config.http.dialects import Dialect
from config.http.errors import InvalidParameter, NotFound
from config.http.serializers import ConfigurationErrorSerializer
from config.http.views import ApiView
from twofactor.models import OutboxMessage
from twofactor.selectors.outbox import outbox_content

MOST = 500
_MESSAGE = inline_serializer(
    "OutboxMessage",
    {
        "channel": serializers.ChoiceField(choices=["email", "sms"]),
        "to": serializers.CharField(),
        "text": serializers.CharField(),
        "code": serializers.CharField(),
        "at": serializers.DateTimeField(),
    },
    many=True,
)


class OutboxView(ApiView):
    """For the ops credential."""

    dialect: Dialect = "configuration"
    proofs: ClassVar[tuple[str, ...]] = ("ops",)
    http_method_names = ("get", "options")

    @property
    def default_response_headers(self) -> dict[str, str]:
        """Codes are for who asked, not for caches."""
        return NO_STORE

    def perform_authentication(self, request: Request) -> None:
        """Raises NotFound outside the demo, whoever asks."""
        if settings.DESKGATE_MODE != "demo":
            raise NotFound
        super().perform_authentication(request)

    @extend_schema(
        operation_id="demoOutbox",
        tags=["two-factor"],
        parameters=[
            OpenApiParameter("limit", {"type": "integer", "minimum": 1, "maximum": MOST}, description="50 unless said.")
        ],
        request=None,
        responses={200: _MESSAGE, **answers({}, 404, error=ConfigurationErrorSerializer)},
    )
    def get(self, request: Request) -> Response:
        """The newest messages first. Raises InvalidParameter."""
        return Response([_told(one) for one in OutboxMessage.objects.order_by("-at", "-pk")[: _limit(request)]])


def _limit(request: Request) -> int:
    text = request.query_params.get("limit", "50")
    if not (text.isascii() and text.isdigit() and len(text) <= 4 and 1 <= int(text) <= MOST):
        raise InvalidParameter(f"'limit' is a whole number, 1 to {MOST}.", field="limit")
    return int(text)


def _told(message: OutboxMessage) -> dict[str, str]:
    try:
        content = outbox_content(message)
    except SealBroken:
        content = {"to": "", "text": "", "code": ""}
    return {"channel": message.channel, **content, "at": message.at.isoformat()}
