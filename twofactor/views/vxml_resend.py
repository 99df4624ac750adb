"""POST /twofactor/vxml/{application}/sessions/{session_id}/resend: the caller asked for another code."""

from __future__ import annotations

from typing import ClassVar

from django.http import HttpResponse
from rest_framework.request import Request

from twofactor.flow.engine import code_resend
from twofactor.views.vxml_base import TURN_FIELDS, TurnView, described, told
from twofactor.voicexml import forms
from twofactor.voicexml.serializers import TurnSerializer
from twofactor.voicexml.turns import turn_take


class ResendView(TurnView):
    """Sends another code."""

    known: ClassVar[forms.Fields] = TURN_FIELDS

    @described("vxmlResendCode", TurnSerializer, "The next document, after the caller asked for another code.")
    def post(self, request: Request, application: str, session_id: str) -> HttpResponse:
        """Raises NotFound, NoSuchSession, MissingParameter, InvalidParameter."""
        at, opener, form = self.turned(request, application, session_id)
        answer = turn_take(
            session_id,
            opener=opener,
            step=forms.number(form, "step"),
            call="resend",
            said="",
            answer=lambda: code_resend(session_id, opener=opener),
        )
        return told(answer, at)
