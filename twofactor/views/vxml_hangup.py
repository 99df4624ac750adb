"""POST /twofactor/vxml/{application}/sessions/{session_id}/hangup: the caller has hung up."""

from __future__ import annotations

from typing import ClassVar

from django.http import HttpResponse
from rest_framework.request import Request

from twofactor.errors import SessionEnded
from twofactor.flow.engine import hangup, session_read
from twofactor.views.vxml_base import TURN_FIELDS, TurnView, described, told
from twofactor.voicexml import forms
from twofactor.voicexml.serializers import TurnSerializer


class HangupView(TurnView):
    """Ends the session, whatever it waits for: nobody is there to answer, so the step does not matter."""

    known: ClassVar[forms.Fields] = TURN_FIELDS

    @described("vxmlHangUp", TurnSerializer, "The last document of a call whose caller is gone: it has no dialog.")
    def post(self, request: Request, application: str, session_id: str) -> HttpResponse:
        """Raises NotFound, NoSuchSession."""
        at, opener, _form = self.turned(request, application, session_id)
        try:
            answer = hangup(session_id, opener=opener)
        except SessionEnded:
            answer = session_read(session_id, opener=opener)
        return told(answer, at)
