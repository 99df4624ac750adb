"""The base of every API view: who may prove himself how, bodies read only when asked for, errors in the dialect."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, NoReturn

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import AllowAny, BasePermission
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.settings import api_settings
from rest_framework.views import APIView

from config.http import plain_request, set_principal
from config.http.authorization import bearer_of
from config.http.dialects import DEFAULT, Dialect, dialect_of_path, response_of
from config.http.errors import (
    InvalidParameter,
    MethodNotAllowed,
    MissingParameter,
    Refusal,
    Unauthenticated,
)
from config.http.json import read_json
from config.http.negotiation import AlwaysJson, StrictJsonParser
from config.http.translation import told
from config.principal import ANONYMOUS, Principal


class ApiView(APIView):
    """A DRF view with the house's habits.

    ``proofs`` names, in order, which of settings' authenticators apply (their ``proof``); ``required`` demands that
    one of them succeeds, else 401 with the first one's challenge. After that ``request.user`` is a ``Principal``.
    """

    dialect: Dialect = DEFAULT
    proofs: ClassVar[tuple[str, ...]] = ("bearer",)
    required: ClassVar[bool] = True

    renderer_classes = (JSONRenderer,)
    parser_classes = (StrictJsonParser,)
    content_negotiation_class = AlwaysJson
    metadata_class = None
    throttle_classes = ()
    versioning_class = None

    def get_authenticators(self) -> list[BaseAuthentication]:
        """Settings' authenticators whose ``proof`` this view takes, in the view's order.

        A request that carries a bearer is never judged by its cookie, nor by the cookie's CSRF rules.
        """
        proofs = self.proofs
        request = getattr(self, "request", None)
        if request is not None and "bearer" in proofs and bearer_of(request) is not None:
            proofs = tuple(proof for proof in proofs if proof != "session")
        by_proof: dict[str, Any] = {
            getattr(each, "proof", ""): each for each in api_settings.DEFAULT_AUTHENTICATION_CLASSES
        }
        return [by_proof[proof]() for proof in proofs if proof in by_proof]

    def get_permissions(self) -> Sequence[BasePermission]:
        """Only for the schema, which marks what needs no proof; permissions are asked of ``config.policy``."""
        return [] if self.required else [AllowAny()]

    @property
    def default_response_headers(self) -> dict[str, str]:
        """None: ``Allow`` belongs on 405 and OPTIONS, and one renderer varies on nothing."""
        return {}

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Method first, then proof. OPTIONS proves nothing: a preflight carries no credentials."""
        self.format_kwarg = None
        request.accepted_renderer, request.accepted_media_type = self.perform_content_negotiation(request)
        request.version, request.versioning_scheme = None, None
        method = (request.method or "").lower()
        if method not in self.http_method_names or not hasattr(self, method):
            self.http_method_not_allowed(request)
        if method == "options":
            set_user(request, ANONYMOUS)
            return
        self.perform_authentication(request)

    def perform_authentication(self, request: Request) -> None:
        """Run the authenticators and make the result known to request, context and log. Raises 401."""
        plain = plain_request(request)
        session_user = getattr(plain, "user", None)
        user = request.user
        # DRF writes its user over Django's; the browser's signed-in user must stay what it is.
        plain.user = session_user  # type: ignore[assignment]
        principal = user if request.successful_authenticator and isinstance(user, Principal) else ANONYMOUS
        set_user(request, principal)
        if principal.is_authenticated:
            set_principal(request, principal)
        elif self.required:
            self.challenge(request)

    def challenge(self, request: Request) -> NoReturn:
        """Refuse with 401 and the challenge of the view's first proof."""
        first = self.proofs[0] if self.proofs else "bearer"
        raise Unauthenticated(challenge="bearer" if first in ("bearer", "session", "temporary") else "basic")

    def http_method_not_allowed(self, request: Any, *args: Any, **kwargs: Any) -> NoReturn:
        """405 with ``Allow``."""
        raise MethodNotAllowed(allowed=self.allowed_methods)

    def options(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:  # type: ignore[override]
        """204 with ``Allow``; an allowed preflight never comes this far (``config.http.cors``)."""
        response = HttpResponse(status=204, headers={"Allow": ", ".join(self.allowed_methods)})
        del response["Content-Type"]
        return response

    def get_exception_handler(self) -> Any:
        """The house's, whatever settings say."""
        return handle_exception

    def handle_exception(self, exc: Exception) -> HttpResponseBase:  # type: ignore[override]
        """DRF would turn a 401 into 403 here; our refusals know their challenge themselves."""
        return handle_exception(exc, self.get_exception_handler_context())

    def json(self) -> dict[str, Any]:
        """The body as an object; ``{}`` when it is empty. Raises ``MalformedJson`` and ``InvalidParameter``."""
        body = plain_request(self.request).body
        value = read_json(body) if body.strip() else {}
        if not isinstance(value, dict):
            raise InvalidParameter("The request body must be a JSON object.")
        return value

    def json_data(self) -> dict[str, Any]:
        """The ``data`` member of the vendor's request envelope. Raises ``MissingParameter``, ``InvalidParameter``."""
        body = self.json()
        if "data" not in body:
            raise MissingParameter("The parameter 'data' is missing.", field="data")
        data = body["data"]
        if not isinstance(data, dict):
            raise InvalidParameter("The parameter 'data' must be an object.", field="data")
        return data


def set_user(request: Request, principal: Principal) -> None:
    """Make ``request.user`` a principal without touching the user of Django's own request."""
    request._user = principal  # type: ignore[attr-defined]  # noqa: SLF001 - the setter writes through


def text_of(body: dict[str, Any], name: str, *, needed: bool = True) -> str:
    """The string member ``name``; "" when absent and not ``needed``. Raises Missing- or InvalidParameter."""
    value = body.get(name)
    if value is None or value == "":
        if needed:
            raise MissingParameter(f"The parameter '{name}' is missing.", field=name)
        return ""
    if not isinstance(value, str):
        raise InvalidParameter(f"The parameter '{name}' must be a string.", field=name)
    return value


def handle_exception(exc: Exception, context: dict[str, Any]) -> HttpResponseBase:
    """DRF's ``EXCEPTION_HANDLER``: every exception of a view becomes an answer in the view's dialect."""
    view = context.get("view")
    request: HttpRequest = plain_request(context.get("request") or getattr(view, "request", None))
    refusal: Refusal = told(exc, request)
    dialect: Dialect = getattr(view, "dialect", None) or dialect_of_path(request.path) or DEFAULT
    response = response_of(refusal, dialect)
    response.exception = True  # type: ignore[attr-defined]
    return response
