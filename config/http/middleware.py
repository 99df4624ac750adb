"""The outermost layers: request id, context, access log, guards, and exceptions of views that are not DRF's."""

from __future__ import annotations

import logging
import os
import re
import uuid
from collections.abc import Callable
from time import perf_counter
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.db import connection
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from config.context import RequestContext, entered
from config.http import address, errors, pages
from config.http.dialects import DEFAULT, dialect_of_path, response_of
from config.http.errors import Refusal
from config.http.translation import refusal_of, told
from config.principal import ANONYMOUS, Principal

GetResponse = Callable[[HttpRequest], HttpResponseBase]

logger = logging.getLogger("deskgate.access")

_SANE_ID = re.compile(r"[A-Za-z0-9._-]{8,128}")
_FORWARDING = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST", "HTTP_X_FORWARDED_PORT")
_PROBES = ("/livez", "/readyz")
# There a part of the address may be the credential, whatever the method.
_SECRET_PATHS = re.compile(r"/twofactor/services(/|$)")
# Forms with a password, client secret or code in their body.
_SECRET_FORMS = re.compile(
    r"/(auth/v3/(sign-in|oauth|change-password)|admin|configuration|api/v2|twofactor/enrol)(/|$)"
)
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


class StatementMeter:
    """Counts and times the statements of one request (a wrapper of ``connection.execute_wrapper``)."""

    __slots__ = ("count", "seconds")

    def __init__(self) -> None:
        self.count = 0
        self.seconds = 0.0

    def __call__(self, execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
        """Run one statement."""
        begun = perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            self.count += 1
            self.seconds += perf_counter() - begun


class RequestContextMiddleware:
    """First in the list: names the request, holds its context, and writes one access line when it is answered."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        self.tells_worker = getattr(settings, "DESKGATE_MODE", "") == "demo"

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer; whatever was raised inside is an answer too."""
        begun = perf_counter()
        address.is_relayed(request)  # asked while the headers are there
        _mend_scheme(request)
        sent = request.META.get("HTTP_X_REQUEST_ID", "")
        context = RequestContext(
            request_id=sent if _SANE_ID.fullmatch(sent) else uuid.uuid4().hex,
            address=address.client_address(request),
            principal=ANONYMOUS,
        )
        request.request_id = context.request_id  # type: ignore[attr-defined]
        meter = StatementMeter()
        with entered(context), connection.execute_wrapper(meter):
            response = self._answer(request)
            response["X-Request-ID"] = context.request_id
            if self.tells_worker:
                response["X-Deskgate-Worker"] = str(os.getpid())
            _log(request, response, context, meter, perf_counter() - begun)
        return response

    def _answer(self, request: HttpRequest) -> HttpResponseBase:
        try:
            response = self.get_response(request)
        except Exception as exception:  # the last door: nothing may leave as a traceback
            if settings.DEBUG_PROPAGATE_EXCEPTIONS:
                raise
            return response_of(told(exception, request), dialect_of_path(request.path) or DEFAULT)
        if _is_technical_page(request, response):
            return response_of(_of_status(response), dialect_of_path(request.path) or DEFAULT)
        return response


def _mend_scheme(request: HttpRequest) -> None:
    """Make Django's own idea of scheme and forwarding equal to ours, which believes trusted proxies only."""
    if address.is_secure(request):
        request.META["wsgi.url_scheme"] = "https"
    if not address.peer_is_trusted(request):
        for name in _FORWARDING:
            request.META.pop(name, None)
    if settings.SECURE_SSL_REDIRECT and address.is_loopback(request):
        # A script of this machine, or a proxy that is not set to be trusted: nothing went over a wire in clear, and
        # a redirect to PUBLIC_URL would lead the one out of the machine and the other in a circle.
        request.is_secure = lambda: True  # type: ignore[method-assign]


def _is_technical_page(request: HttpRequest, response: HttpResponseBase) -> bool:
    """Whether Django's debugging page is about to answer an API path (DEBUG only; handlers are not asked then)."""
    if not settings.DEBUG or response.status_code < 400 or dialect_of_path(request.path) is None:
        return False
    media = response.headers.get("Content-Type", "")
    return media.startswith("text/plain") or (
        media.startswith("text/html") and b"<code>DEBUG = True</code>" in getattr(response, "content", b"")
    )


def _of_status(response: HttpResponseBase) -> Refusal:
    kinds: dict[int, type[Refusal]] = {400: errors.BadRequest, 403: errors.Forbidden, 404: errors.NotFound}
    return kinds.get(response.status_code, errors.Internal)()


def _log(
    request: HttpRequest, response: HttpResponseBase, context: RequestContext, meter: StatementMeter, seconds: float
) -> None:
    """The access line. The route, never the path: a path may hold a capability."""
    status = response.status_code
    refusal: Refusal | None = getattr(response, "deskgate_refusal", None)
    principal: Principal = getattr(request, "deskgate_principal", None) or context.principal
    route = request.resolver_match.route if request.resolver_match else ""
    fields: dict[str, Any] = {
        "method": request.method if request.method in _METHODS else "other",
        "route": route,
        "status": status,
        "ms": round(seconds * 1000, 2),
        "db_ms": round(meter.seconds * 1000, 2),
        "statements": meter.count,
        "address": context.address,
        "outcome": "ok" if status < 400 else "refused" if status < 500 else "failed",
        **_who(principal),
    }
    if context.operation_id:
        fields["operation_id"] = context.operation_id
    if refusal is not None:
        fields["refusal"] = refusal.error
        fields["words"] = refusal.reason or refusal.message
    logger.info("request", extra=fields)


_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


def _who(principal: Principal) -> dict[str, str]:
    """The fields that name the asker."""
    fields: dict[str, str] = {}
    if principal.kind == "user":
        fields["user"] = principal.name
    if principal.client_id:
        fields["client"] = principal.client_id
    if principal.kind in ("credential", "ops"):
        fields["credential"] = principal.name
    if principal.contact_center_ids:
        fields["contact_center"] = ",".join(sorted(str(each) for each in principal.contact_center_ids))
    return fields


class GuardMiddleware:
    """Refuses before anything is looked up: foreign Host, NUL in the address, credentials over plain HTTP."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer, or refuse."""
        if request.path in _PROBES:
            # Probes come by the machine's address; they learn nothing that depends on a host name.
            request.META["HTTP_HOST"] = urlsplit(getattr(settings, "DESKGATE_PUBLIC_URL", "")).netloc or "localhost"
        refusal = _guarded(request)
        if refusal is None:
            return self.get_response(request)
        response = pages.answer(request, refusal)
        # SecurityMiddleware stands inside and does not see this answer.
        response["X-Content-Type-Options"] = "nosniff"
        response["Referrer-Policy"] = settings.SECURE_REFERRER_POLICY
        return response


def _guarded(request: HttpRequest) -> Refusal | None:
    try:
        request.get_host()
    except DisallowedHost:
        return errors.BadRequest("This host name is not served here.", reason="Host is not in ALLOWED_HOSTS")
    query = request.META.get("QUERY_STRING", "")
    if "\x00" in request.path_info or "%00" in query or "\x00" in query:
        return errors.BadRequest("The address contains NUL.")
    if getattr(settings, "DESKGATE_MODE", "") == "production" and _bares_credentials(request):
        return errors.Forbidden(
            "Credentials are accepted over HTTPS only.",
            reason="plain HTTP from beyond loopback; is TRUSTED_PROXIES set to the proxy's network?",
        )
    return None


def _bares_credentials(request: HttpRequest) -> bool:
    if address.is_secure(request) or address.is_loopback(request):
        return False
    if "HTTP_AUTHORIZATION" in request.META or _SECRET_PATHS.match(request.path_info):
        return True
    return request.method not in _SAFE and bool(_SECRET_FORMS.match(request.path_info))


class RefusalMiddleware:
    """Last in the list: what plain Django views raise becomes a page or the dialect's answer."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Pass on."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponseBase | None:
        """Answer for the view; with DEBUG on, a person sees Django's traceback page instead."""
        if settings.DEBUG and pages.wants_page(request) and isinstance(refusal_of(exception), errors.Internal):
            return None
        return pages.answer(request, told(exception, request))
