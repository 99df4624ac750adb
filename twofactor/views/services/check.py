"""…/checkVerifiedContactMethods: by which methods a customer can be reached."""

from __future__ import annotations

from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request

from twofactor.flow.provider import provider_methods
from twofactor.options.services import REVEAL_VALUES
from twofactor.views.services.base import ServiceView
from twofactor.webservices.schema import service_answers, service_form
from twofactor.webservices.writing import methods_body, status_of


class CheckView(ServiceView):
    """Reads only."""

    @extend_schema(operation_id="checkVerifiedContactMethods", request=service_form(), responses=service_answers())
    def post(self, request: Request, **words: str) -> HttpResponse:
        """The verified methods of an account. An unknown one is told as one without methods."""
        self.count("methods")
        methods = provider_methods(self.application, self.asked.account)
        if not methods:
            return self.answer(methods_body(status_of(self.application, "no-method", otherwise="not found")))
        if not REVEAL_VALUES.of(self.application):
            methods = [(method, "") for method, _value in methods]
        return self.answer(methods_body("success", methods))

    @extend_schema(exclude=True)
    def get(self, request: Request, **words: str) -> HttpResponse:
        """The same, where the application lets GET ask."""
        return self.post(request, **words)
