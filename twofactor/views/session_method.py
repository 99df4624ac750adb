"""/twofactor/v1/sessions/{id}/method: the caller selects how the code shall come."""

from __future__ import annotations

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.http.errors import FieldError, ValidationRefused
from config.http.members import Member, WrongMember, text
from twofactor.flow.engine import method_choose
from twofactor.serializers import FlowAnswerSerializer, MethodRequestSerializer
from twofactor.views.flow_base import FlowView, flow_answers


def _choice(value: object) -> str:
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 9:
        return str(value)
    if not isinstance(value, str) or len(value) > 64:
        raise WrongMember(("", "This is a key of the menu, as a text."))
    return value


_MEMBERS = (Member("choice", "choice", _choice), Member("method", "method", text(64)))


class SessionMethodView(FlowView):
    """The menu's answer."""

    @extend_schema(
        operation_id="selectTwoFactorMethod",
        request=MethodRequestSerializer,
        responses=flow_answers({200: FlowAnswerSerializer}, 404, 409),
    )
    def post(self, request: Request, session_id: str) -> Response:
        """Send the code. A key that is not in the menu is a round of the caller's, not an error."""
        self.opened(session_id)
        values = self.sent(*_MEMBERS)
        if len(values) != 1:
            words = "Send either choice or method."
            raise ValidationRefused(words, fields=[FieldError("choice", "invalid" if values else "required", words)])
        return self.answered(lambda: method_choose(session_id, opener=self.opener, **values))
