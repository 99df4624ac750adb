"""…/codeAuthentication: whether the entered code holds."""

from __future__ import annotations

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from twofactor.flow.provider import provider_verify
from twofactor.views.services.base import ServiceView
from twofactor.webservices.asking import CODE, code_of
from twofactor.webservices.schema import service_answers, service_form
from twofactor.webservices.writing import status_of, verified_body


class VerifyView(ServiceView):
    """Compares one code."""

    @extend_schema(operation_id="codeAuthentication", request=service_form(CODE), responses=service_answers())
    def post(self, request: Request, **words: str) -> HttpResponse:
        """Check ``authCode_nbest1``. Wrong, expired, used up and unknown are told in the same words."""
        outcome = provider_verify(**self.joining(), code=code_of(self.parameters))
        return self.answer(verified_body(status_of(self.application, outcome, otherwise="incorrect code")))

    @extend_schema(exclude=True)
    def get(self, request: Request, **words: str) -> HttpResponse:
        """The same, where the application lets GET ask."""
        return self.post(request, **words)
