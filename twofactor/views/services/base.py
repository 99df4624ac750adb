"""What the three services share: who asks, parameters, and answers in XML."""

from __future__ import annotations

from typing import Any, ClassVar, NoReturn

from django.http import HttpRequest, HttpResponse
from rest_framework.request import Request

from config.context import current
from config.http import plain_request, principal_of, set_principal
from config.http.dialects import XML, Dialect
from config.http.errors import MethodNotAllowed, PayloadTooLarge, TooMany, UnsupportedMedia
from config.http.views import ApiView, set_user
from config.principal import Principal
from config.rates import rate_take
from environment.models import Application
from twofactor.models import CapabilityKey
from twofactor.options.limits import CREDENTIAL_CHECKS
from twofactor.options.services import ACCOUNT_PARAMETER, SERVICES_BY_GET
from twofactor.selectors.doors import door, door_of_key, opener_of
from twofactor.services.callers import capability_key_touch
from twofactor.webservices.asking import FORM, LONGEST_BODY, ServiceAsked, asked_of, parameters_of

HOUR = 3600


class ServiceView(ApiView):
    """A form in, XML out. The caller proves itself by a bound Basic credential, or by the key in its address."""

    dialect: Dialect = "xml"
    proofs: ClassVar[tuple[str, ...]] = ("credential",)
    http_method_names = ("post", "get", "options")
    application: Application
    opener: str
    parameters: dict[str, list[str]]
    asked: ServiceAsked

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Method, proof, door, parameters. Raises the refusals of each."""
        super().initial(request, *args, **kwargs)
        if request.method == "OPTIONS":
            return
        if "key" not in self.kwargs:
            principal = principal_of(request)
            self.application, self.opener = door(self.kwargs["application"], principal), opener_of(principal)
        if request.method == "GET" and not SERVICES_BY_GET.of(self.application):
            self.http_method_not_allowed(request)
        self.parameters = self._parameters()
        self.asked = asked_of(self.parameters, account_parameter=ACCOUNT_PARAMETER.of(self.application))

    def perform_authentication(self, request: Request) -> None:
        """A key in the address is the proof, whatever header comes with it. Raises 401, or NotFound for a key."""
        if "key" not in self.kwargs:
            super().perform_authentication(request)
            return
        key = door_of_key(self.kwargs["key"], address=current().address)
        capability_key_touch(key)
        self.application, self.opener = key.application, f"key:{key.pk}"
        principal = _principal_of(key)
        set_user(request, principal)
        set_principal(request, principal)

    def http_method_not_allowed(self, request: Any, *args: Any, **kwargs: Any) -> NoReturn:
        """405; GET is a switch of the application, which nobody is promised."""
        raise MethodNotAllowed(allowed=("POST", "OPTIONS"))

    def count(self, what: str) -> None:
        """Count one question of this caller, within the hour's. Raises TooMany."""
        limit = CREDENTIAL_CHECKS.of(self.application)
        if limit and (wait := rate_take(f"two-factor-{what}", self.opener, limit=limit, seconds=HOUR)):
            raise TooMany(retry_after=wait, reason=f"{what} of {self.opener}")

    def joining(self) -> dict[str, Any]:
        """Whose question it is and in which call, by the names of ``flow.provider``."""
        asked = self.asked
        return {
            "application": self.application,
            "opener": self.opener,
            "account": asked.account,
            "session_key": asked.session_key,
            "call_id": asked.call_id,
            "cli": asked.cli,
            "test_call": asked.test_call,
        }

    def answer(self, body: str) -> HttpResponse:
        """Every business result is 200."""
        return HttpResponse(body, content_type=XML, headers={"Cache-Control": "no-store"})

    def _parameters(self) -> dict[str, list[str]]:
        plain = plain_request(self.request)
        if plain.method == "GET":
            return parameters_of(plain.META.get("QUERY_STRING", ""))
        body = _body(plain)
        if body and plain.content_type != FORM:
            raise UnsupportedMedia(f"Send {FORM}.", reason=f"content type {plain.content_type}")
        return parameters_of(body)


def _body(plain: HttpRequest) -> bytes:
    """Raises PayloadTooLarge, before it is read as far as its length was told."""
    length = plain.META.get("CONTENT_LENGTH") or "0"
    if length.isdigit() and len(length) < 10 and int(length) <= LONGEST_BODY:
        body = plain.body
        if len(body) <= LONGEST_BODY:
            return body
    raise PayloadTooLarge(f"The body may have {LONGEST_BODY} bytes.")


def _principal_of(key: CapabilityKey) -> Principal:
    """For log and limits: it holds no privilege, and is no credential's."""
    return Principal(
        kind="credential",
        name=f"key {key.name}",
        contact_center_ids=frozenset({key.application.contact_center_id} - {None}),  # type: ignore[arg-type]
        proof="basic",
    )
