"""/twofactor/v1/sessions: a call begins."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.context import current
from config.http.errors import FieldError, MissingParameter, ValidationRefused
from config.http.members import Member, WrongMember, boolean, members_needed, text
from twofactor.flow.answers import Answer
from twofactor.flow.engine import session_start
from twofactor.flow.starting import LONGEST
from twofactor.models import FlowSession
from twofactor.selectors.doors import door
from twofactor.serializers import FlowAnswerSerializer, SessionRequestSerializer
from twofactor.services.repeats import HEADER
from twofactor.views.flow_base import FlowView, flow_answers


def _variables(value: Any) -> dict[str, str]:
    if not isinstance(value, dict):
        raise WrongMember(("", "This is an object of texts."))
    wrong = [(str(name)[:64], "This is a text.") for name, each in value.items() if not isinstance(each, str)]
    if wrong:
        raise WrongMember(*wrong)
    return value


_MEMBERS = (
    Member("application", "application", text()),
    Member("account", "account", text(LONGEST["account"])),
    Member("callId", "call_id", text(LONGEST["callId"])),
    Member("cli", "cli", text(LONGEST["cli"])),
    Member("dnis", "dnis", text(LONGEST["dnis"])),
    Member("testCall", "test_call", boolean),
    Member("variables", "variables", _variables),
)
_KEY = OpenApiParameter(
    HEADER, str, OpenApiParameter.HEADER, description="The same request with the same key gets the same answer."
)


class SessionsView(FlowView):
    """New sessions."""

    @extend_schema(
        operation_id="startTwoFactorSession",
        request=SessionRequestSerializer,
        parameters=[_KEY],
        responses=flow_answers({201: FlowAnswerSerializer}, 404, 409),
    )
    def post(self, request: Request) -> Response:
        """Look up the account's contact methods; with only one, its code is on its way when the answer comes."""
        values = self.sent(*_MEMBERS)
        try:
            members_needed(values, _MEMBERS, "application", "account")
        except MissingParameter as missing:
            raise ValidationRefused(
                missing.message, fields=[FieldError(each.field, "required", each.message) for each in missing.fields]
            ) from None
        application = door(values.pop("application"), current().principal)

        def carry_out() -> Answer:
            return session_start(opener=self.opener, face=FlowSession.Face.REST, application=application, **values)

        response = self.answered(carry_out, status=201)
        response["Location"] = f"/twofactor/v1/sessions/{response.data['id']}"
        return response
