"""GET /ping: the desktop lives, so its session does."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from screenrec.flows import desk
from screenrec.schema import DONE, ORIGIN, REFUSED, refusals
from screenrec.serializers import ResultSerializer
from screenrec.views.base import AGENT_OR_COOKIE, RecorderView


class PingView(RecorderView):
    """The timer of option ``screenrec/ping-timeout``."""

    @extend_schema(
        operation_id="recorderPing",
        auth=AGENT_OR_COOKIE,
        request=None,
        examples=[DONE, REFUSED],
        parameters=[ORIGIN],
        responses={200: ResultSerializer} | refusals(400, 401),
    )
    def get(self, request: Request) -> Response:
        """Restart the timer. After it ran out: 401, and the session is closed; log in anew."""
        self.note(desk.ping(self.caller))
        return Response({"statusCode": 0}, headers={"Cache-Control": "no-store"})
