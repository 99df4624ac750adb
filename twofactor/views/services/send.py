"""…/sendAuthenticationCode: a new code, on its way when the answer comes."""

from __future__ import annotations

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from twofactor.flow.provider import provider_send
from twofactor.views.services.base import ServiceView
from twofactor.webservices.asking import SELECTED, method_of
from twofactor.webservices.schema import service_answers, service_form
from twofactor.webservices.writing import sent_body, status_of


class SendView(ServiceView):
    """Makes a code and sends it."""

    @extend_schema(operation_id="sendAuthenticationCode", request=service_form(SELECTED), responses=service_answers())
    def post(self, request: Request, **words: str) -> HttpResponse:
        """Send a code by ``TwoFactorAuthSelectedMethod``: ``Email``, ``SMS`` or ``Authenticator`` (sends nothing)."""
        outcome = provider_send(**self.joining(), dnis=self.asked.dnis, method=method_of(self.parameters))
        return self.answer(sent_body(status_of(self.application, outcome, otherwise="error")))

    @extend_schema(exclude=True)
    def get(self, request: Request, **words: str) -> HttpResponse:
        """The same, where the application lets GET ask."""
        return self.post(request, **words)
