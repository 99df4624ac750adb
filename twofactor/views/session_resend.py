"""/twofactor/v1/sessions/{id}/resend: the caller asks for another code."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.http.members import Member, text
from twofactor.flow.engine import code_resend
from twofactor.serializers import FlowAnswerSerializer, ResendRequestSerializer
from twofactor.views.flow_base import FlowView, flow_answers

_MEMBERS = (Member("method", "method", text(64)),)


class SessionResendView(FlowView):
    """Another code."""

    @extend_schema(
        operation_id="resendTwoFactorCode",
        request=ResendRequestSerializer,
        responses=flow_answers({200: FlowAnswerSerializer}, 404, 409),
    )
    def post(self, request: Request, session_id: str) -> Response:
        """Too early, nothing is sent, and ``retryAfter`` tells how many seconds are left."""
        self.opened(session_id)
        values = self.sent(*_MEMBERS)
        return self.answered(lambda: code_resend(session_id, opener=self.opener, **values))
