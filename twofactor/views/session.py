"""/twofactor/v1/sessions/{id}: where a call stands."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from twofactor.flow.engine import session_read
from twofactor.serializers import FlowAnswerSerializer
from twofactor.views.flow_base import FlowView, flow_answers, told


class SessionView(FlowView):
    """One session."""

    @extend_schema(
        operation_id="getTwoFactorSession", request=None, responses=flow_answers({200: FlowAnswerSerializer}, 404)
    )
    def get(self, request: Request, session_id: str) -> Response:
        """State and prompt, as the last answer told them."""
        self.opened(session_id)
        return told(session_read(session_id, opener=self.opener))
