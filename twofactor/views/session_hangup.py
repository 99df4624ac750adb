"""/twofactor/v1/sessions/{id}/hangup: the caller is gone."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from twofactor.flow.engine import hangup
from twofactor.serializers import FlowAnswerSerializer
from twofactor.views.flow_base import FlowView, flow_answers


class SessionHangupView(FlowView):
    """The end without a path."""

    @extend_schema(
        operation_id="hangUpTwoFactorSession",
        request=None,
        responses=flow_answers({200: FlowAnswerSerializer}, 404, 409),
    )
    def post(self, request: Request, session_id: str) -> Response:
        """End the session; its codes are worth nothing any more."""
        self.opened(session_id)
        self.sent()
        return self.answered(lambda: hangup(session_id, opener=self.opener))
