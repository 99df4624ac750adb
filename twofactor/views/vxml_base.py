"""What the VoiceXML endpoints share: who may ask, forms, and answers as documents (contract Faces 1)."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpResponse
from django.urls import reverse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.serializers import BaseSerializer

from config.context import current
from config.http import plain_request
from config.http.configuring import NO_STORE
from config.http.errors import InvalidParameter
from config.http.serializers import ConfigurationErrorSerializer
from environment.models import Application
from twofactor.flow.answers import Answer
from twofactor.selectors.doors import door
from twofactor.views.flow_base import FlowView
from twofactor.voicexml import forms
from twofactor.voicexml.documents import MEDIA, Addresses, document
from twofactor.voicexml.turns import heard, session_check
from twofactor.webservices.asking import FORM

TURNS = ("method", "code", "resend", "hangup")
EVENTS = ("", "noinput", "nomatch")
TURN_FIELDS = {"step": 6, "event": 16}


class VoiceXmlView(FlowView):
    """Answers to a Basic credential that is bound to the application, and to a client's bearer with scope
    ``twofactor``. What goes wrong in the call is a document too; what is wrong with the request is not, and the
    platform throws error.badfetch.http.nnn for it.
    """

    known: ClassVar[forms.Fields]

    def arrived(self, request: Request, name: str) -> tuple[Application, str, forms.Form]:
        """The application, the opener and the form. Raises NotFound, InsufficientScope, and as ``form_read``."""
        application = door(name, current().principal)
        plain = plain_request(request)
        return (
            application,
            self.opener,
            forms.form_read(plain.body, plain.content_type or "", known=self.known),
        )


class TurnView(VoiceXmlView):
    """Takes what was said to one prompt of a session."""

    def turned(self, request: Request, name: str, session_id: str) -> tuple[Application, str, forms.Form]:
        """As ``arrived``, for a session of this application. Raises NoSuchSession too."""
        application, opener, form = self.arrived(request, name)
        session_check(session_id, application=application)
        return application, opener, form


def said_in(form: forms.Form, field: str) -> str:
    """What the flow is told of this field and of ``event``. Raises MissingParameter, InvalidParameter."""
    event = form.get("event", "")
    if event not in EVENTS:
        raise InvalidParameter("The parameter 'event' is noinput or nomatch.", field="event")
    if not event and field not in form:
        forms.needed(form, field)
    return heard(form.get(field, ""), event)


def told(answer: Answer, application: Application) -> HttpResponse:
    """The document; kept by nobody."""
    where = {"application": application.name, "session_id": answer.id}
    addresses = Addresses(*(reverse(f"two-factor-vxml-{turn}", kwargs=where) for turn in TURNS))
    return HttpResponse(document(answer, addresses=addresses), content_type=MEDIA, headers=NO_STORE)


def described(operation: str, form: type[BaseSerializer[Any]], words: str) -> Any:
    """What ``/schema/`` says of one of these."""
    refused = dict.fromkeys((400, 401, 403, 404, 409, 413, 415, 503), ConfigurationErrorSerializer)
    return extend_schema(
        operation_id=operation,
        description=words,
        request={FORM: form},
        responses={(200, MEDIA): OpenApiTypes.STR, **refused},
    )
