"""POST /twofactor/vxml/{application}: a call comes in, by a <subdialog> of the platform's own dialog."""

from __future__ import annotations

from typing import ClassVar

from django.http import HttpResponse
from rest_framework.request import Request

from twofactor.flow.engine import session_start
from twofactor.models import FlowSession
from twofactor.views.vxml_base import VoiceXmlView, described, told
from twofactor.voicexml import forms
from twofactor.voicexml.serializers import EntrySerializer


class EntryView(VoiceXmlView):
    """Opens a session."""

    known: ClassVar[forms.Fields] = {"account": 255, "callId": 255, "cli": 64, "dnis": 64, "testCall": 5}

    @described("vxmlEnter", EntrySerializer, "The first document of the two-factor dialog, for a VoiceXML platform.")
    def post(self, request: Request, application: str) -> HttpResponse:
        """Raises NotFound (no such application, or not for this caller), MissingParameter, InvalidParameter."""
        at, opener, form = self.arrived(request, application)
        answer = session_start(
            opener=opener,
            face=FlowSession.Face.VOICEXML,
            application=at,
            account=forms.needed(form, "account"),
            call_id=form.get("callId", ""),
            cli=form.get("cli", ""),
            dnis=form.get("dnis", ""),
            test_call=forms.truth(form, "testCall"),
        )
        return told(answer, at)
