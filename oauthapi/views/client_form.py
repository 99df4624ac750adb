"""The base of the endpoints that take a client's form: token, introspection, revocation."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import ClassVar

from rest_framework.request import Request

from config.context import current
from config.http import plain_request, set_principal
from config.http.errors import BadRequest
from config.http.views import ApiView
from oauthapi.flows.forms import ClientForm
from oauthapi.serializers import OAuthErrorSerializer

NO_STORE = {"Cache-Control": "no-store", "Pragma": "no-cache"}
FORM = "application/x-www-form-urlencoded"
ERRORS = {400: OAuthErrorSerializer, 401: OAuthErrorSerializer, 503: OAuthErrorSerializer}


class ClientFormView(ApiView):
    """POST of a form by which a client also proves itself; oauthlib judges both."""

    proofs: ClassVar[tuple[str, ...]] = ()
    required: ClassVar[bool] = False
    fields: ClassVar[frozenset[str]]

    @contextmanager
    def form(self, request: Request) -> Iterator[ClientForm]:
        """The parsed form. Raises BadRequest: another media type, a secret in the address, a field sent twice."""
        plain = plain_request(request)
        media = plain.content_type
        if plain.body and media not in (FORM, ""):
            raise BadRequest(f"Send {FORM}.", reason=f"content type {media}")
        if "client_secret" in plain.GET:
            raise BadRequest("The client secret does not belong in the address.", field="client_secret")
        try:
            yield ClientForm.parse(plain.body, plain.META.get("HTTP_AUTHORIZATION", ""), known=self.fields)
        finally:
            # Whoever was proven on the way: a page may read the answer only from an origin of theirs.
            if current().principal.is_authenticated:
                set_principal(plain, current().principal)
