"""POST /twofactor/vxml/{application}/sessions/{session_id}/method: a key of the menu."""

from __future__ import annotations

from typing import ClassVar

from django.http import HttpResponse
from rest_framework.request import Request

from twofactor.flow.engine import method_choose
from twofactor.views.vxml_base import TURN_FIELDS, TurnView, described, said_in, told
from twofactor.voicexml import forms
from twofactor.voicexml.serializers import MethodTurnSerializer
from twofactor.voicexml.turns import turn_take


class MethodView(TurnView):
    """Chooses the method."""

    known: ClassVar[forms.Fields] = {**TURN_FIELDS, "choice": 64}

    @described("vxmlChooseMethod", MethodTurnSerializer, "The next document, after the menu of methods.")
    def post(self, request: Request, application: str, session_id: str) -> HttpResponse:
        """Raises NotFound, NoSuchSession, MissingParameter, InvalidParameter."""
        at, opener, form = self.turned(request, application, session_id)
        choice = said_in(form, "choice")
        answer = turn_take(
            session_id,
            opener=opener,
            step=forms.number(form, "step"),
            call="method",
            said=choice,
            answer=lambda: method_choose(session_id, opener=opener, choice=choice),
        )
        return told(answer, at)
