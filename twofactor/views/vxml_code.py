"""POST /twofactor/vxml/{application}/sessions/{session_id}/code: the digits of the code."""

from __future__ import annotations

from typing import ClassVar

from django.http import HttpResponse
from rest_framework.request import Request

from twofactor.flow.engine import code_enter
from twofactor.views.vxml_base import TURN_FIELDS, TurnView, described, said_in, told
from twofactor.voicexml import forms
from twofactor.voicexml.documents import CODE
from twofactor.voicexml.serializers import CodeTurnSerializer
from twofactor.voicexml.turns import turn_take


class CodeView(TurnView):
    """Checks the code."""

    known: ClassVar[forms.Fields] = {**TURN_FIELDS, CODE: 64}

    @described("vxmlEnterCode", CodeTurnSerializer, "The next document, after the digits of the code.")
    def post(self, request: Request, application: str, session_id: str) -> HttpResponse:
        """Raises NotFound, NoSuchSession, MissingParameter, InvalidParameter."""
        at, opener, form = self.turned(request, application, session_id)
        code = said_in(form, CODE)
        answer = turn_take(
            session_id,
            opener=opener,
            step=forms.number(form, "step"),
            call="code",
            said=code,
            answer=lambda: code_enter(session_id, opener=opener, code=code),
        )
        return told(answer, at)
