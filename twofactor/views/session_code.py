"""/twofactor/v1/sessions/{id}/code: the caller enters the code."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.http.errors import FieldError, ValidationRefused
from config.http.members import Member, text
from twofactor.flow.engine import code_enter
from twofactor.serializers import CodeRequestSerializer, FlowAnswerSerializer
from twofactor.views.flow_base import FlowView, flow_answers

_MEMBERS = (Member("code", "code", text(64)),)


class SessionCodeView(FlowView):
    """The digits."""

    @extend_schema(
        operation_id="enterTwoFactorCode",
        request=CodeRequestSerializer,
        responses=flow_answers({200: FlowAnswerSerializer}, 404, 409),
    )
    def post(self, request: Request, session_id: str) -> Response:
        """Check it. What has not the form of a code uses no verification up."""
        self.opened(session_id)
        values = self.sent(*_MEMBERS)
        if not values:
            words = "The parameter 'code' is missing."
            raise ValidationRefused(words, fields=[FieldError("code", "required", words)])
        return self.answered(lambda: code_enter(session_id, opener=self.opener, code=values["code"]))
