"""POST /configuration/token: a short-lived bearer for the pair of a Basic credential, with no more rights."""

from __future__ import annotations

from typing import Any, ClassVar, NoReturn, cast

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.errors import ProofRefused
from accounts.models import BasicCredential
from accounts.serializers import CredentialTokenSerializer
from accounts.services.credential_tokens import credential_token_issue
from accounts.views.base import NOT_PROVEN, CredentialsView, told
from accounts.views.token_page import token_page
from config.http.configuring import NO_STORE
from config.http.errors import MethodNotAllowed, Unauthenticated


class TokenExchangeView(CredentialsView):
    """Answers to the pair alone: no token is had for a token, a user's password or an API client's secret."""

    proofs: ClassVar[tuple[str, ...]] = ("pair",)
    open_to_credentials: ClassVar[frozenset[str]] = frozenset({"POST"})

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """A browser opens the page at this address: people prove themselves by their session, there."""
        if request.method in ("GET", "HEAD"):
            return token_page(request)
        return super().dispatch(request, *args, **kwargs)

    def http_method_not_allowed(self, request: Any, *args: Any, **kwargs: Any) -> NoReturn:
        """405 with ``Allow``, the page included; ``allowed_methods`` alone is what the schema describes."""
        raise MethodNotAllowed(allowed=["GET", "HEAD", *self.allowed_methods])

    def options(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:  # type: ignore[override]
        """204 with ``Allow``, the page included."""
        response = super().options(request, *args, **kwargs)
        response["Allow"] = ", ".join(["GET", "HEAD", *self.allowed_methods])
        return response

    @extend_schema(
        operation_id="exchangeBasicCredential", request=None, responses=told({200: CredentialTokenSerializer})
    )
    def post(self, request: Request) -> Response:
        """A token for this credential; the body is not looked at."""
        try:
            token, seconds = credential_token_issue(cast(BasicCredential, request.auth))
        except ProofRefused as refused:
            raise Unauthenticated(NOT_PROVEN, challenge="basic", reason=refused.reason) from refused
        return Response({"access_token": token, "token_type": "bearer", "expires_in": seconds}, headers=NO_STORE)
