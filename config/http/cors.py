"""Who may read our answers from another origin. django-cors-headers asks by its signal; we answer by path and caller.

A preflight knows no caller: it is answered for the union of all enabled origins. The real answer carries the headers
only when the origin belongs to the caller's contact center or client. ``settings.DESKGATE_CORS_ORIGINS`` names the
module that knows the origins: ``union_allows(origin)`` and ``principal_allows(origin, principal)``.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Protocol, cast
from urllib.parse import urlsplit

from corsheaders.signals import check_request_enabled
from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers

from config.principal import Principal

logger = logging.getLogger("deskgate.cors")

REQUEST_HEADERS = (
    "Authorization, Origin, X-Requested-With, Content-Type, Accept, x-b3-spanid, x-b3-traceid, x-api-key, "
    "x-gws-unstable"
)
PREFLIGHT_SECONDS = 600
_DEFAULT_PORTS = {"http": 80, "https": 443}
_LABELS = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*")


class Origins(Protocol):
    """The module that knows which origins were registered."""

    def union_allows(self, origin: str) -> bool: ...

    def principal_allows(self, origin: str, principal: Principal) -> bool: ...


@dataclass(frozen=True, slots=True)
class Group:
    """What one group of paths allows across origins."""

    path: re.Pattern[str]
    offered: bool = True
    public: bool = False
    credentials: frozenset[str] = frozenset()
    exposed: str = ""


# The first that matches counts. `credentials` are the methods that a page may call with our cookie; `public` answers
# are the same for everybody, so that the union of origins decides.
_GROUPS = (
    Group(re.compile(r"/auth/v3/(oauth/authorize|sign-in|consent)(/|$)"), offered=False),
    Group(re.compile(r"/auth/v3/ping/?$"), credentials=frozenset({"GET", "HEAD"})),
    Group(re.compile(r"/auth/v3/sign-out/?$"), credentials=frozenset({"POST"})),
    Group(re.compile(r"/auth/v3/jwt-userinfo/?$"), exposed="X-GWS-User"),
    Group(re.compile(r"/auth/v3/auth-scheme/?$"), public=True),
    Group(re.compile(r"(/auth/v3(/.*)?)?/(\.well-known/.*|jwks(\.json)?/?)$"), public=True),
    Group(re.compile(r"/auth/v3(/|$)")),
)


def group_of(path: str) -> Group | None:
    """The group of ``path``; None where this module has nothing to say (other rooms answer for themselves)."""
    return next((group for group in _GROUPS if group.path.match(path)), None)


def _split(text: str) -> tuple[str, str, int] | None:
    """(scheme, host, port) of an origin or pattern; None for anything else."""
    try:
        parts = urlsplit(text.strip())
        host, port = (parts.hostname or ""), parts.port
    except ValueError:
        return None
    if parts.scheme not in _DEFAULT_PORTS or not host or "@" in parts.netloc or parts.query or parts.fragment:
        return None
    if parts.path not in ("", "/") or not (_LABELS.fullmatch(host.removeprefix("*.")) or ":" in host):
        return None
    return parts.scheme, host, port or _DEFAULT_PORTS[parts.scheme]


def canonical_origin(text: str) -> str | None:
    """``scheme://host[:port]`` in lower case without default port; the host may begin with ``*.``. None if not one."""
    found = _split(text)
    if found is None:
        return None
    scheme, host, port = found
    shown = f"[{host}]" if ":" in host else host
    return f"{scheme}://{shown}" + ("" if port == _DEFAULT_PORTS[scheme] else f":{port}")


def origin_matches(pattern: str, origin: str) -> bool:
    """Whether ``origin`` (as a browser sends it) is meant by ``pattern``; ``*`` is exactly one left-most label.

    ``null`` and a bare ``*`` match nothing.
    """
    wanted, sent = _split(pattern), _split(origin)
    if wanted is None or sent is None or "*" in sent[1]:
        return False
    if not wanted[1].startswith("*."):
        return wanted == sent
    label, dot, rest = sent[1].partition(".")
    return bool(label and dot) and (wanted[0], wanted[1][2:], wanted[2]) == (sent[0], rest, sent[2])


def _origins() -> Origins:
    return cast(Origins, import_module(settings.DESKGATE_CORS_ORIGINS))


def allows(request: HttpRequest) -> bool:
    """The verdict for this request, before its view (union) and after it (caller). Logs what it refuses."""
    origin = request.headers.get("Origin", "")
    group = group_of(request.path_info)
    if not origin or group is None or canonical_origin(origin) == _own_origin():
        return False
    try:
        missed = _missed_rule(request, group, origin)
    except (OperationalError, InterfaceError):
        # The view meets the same database and answers 503 itself.
        missed = "the origins could not be read"
    if missed:
        logger.warning("cors_refused", extra={"origin": origin[:200], "path_group": group.path.pattern, "rule": missed})
    return not missed


def _missed_rule(request: HttpRequest, group: Group, origin: str) -> str:
    if not group.offered:
        return "no cross-origin reading here"
    if origin.strip().lower() == "null":
        return "the origin null is never allowed"
    origins = _origins()
    answered: HttpResponseBase | None = getattr(request, "deskgate_answer", None)
    if answered is None:
        return "" if origins.union_allows(origin) else "no enabled contact center or client has this origin"
    if group.public:
        return ""
    principal: Principal | None = getattr(request, "deskgate_principal", None)
    if principal is None or not principal.is_authenticated:
        # The union said yes before the view. A page should read its own 400 or 401; nothing else is told to nobody.
        return "" if answered.status_code >= 400 or request.method == "OPTIONS" else "the caller is not known"
    if origins.principal_allows(origin, principal):
        return ""
    return "the origin belongs to neither the caller's contact center nor its client"


def _own_origin() -> str | None:
    return canonical_origin(getattr(settings, "DESKGATE_PUBLIC_URL", ""))


def _receive(sender: Any, request: HttpRequest, **kwargs: Any) -> bool:
    return allows(request)


check_request_enabled.connect(_receive, dispatch_uid="config.http.cors")

GetResponse = Callable[[HttpRequest], HttpResponseBase]


class ViewDoneMiddleware:
    """Just inside CorsMiddleware: from here on the receiver judges by the caller."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Mark the request as answered."""
        response = self.get_response(request)
        request.deskgate_answer = response  # type: ignore[attr-defined]
        return response


class CorsGroupMiddleware:
    """Just outside CorsMiddleware: writes what differs by group, and ``Vary: Origin`` always."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Complete the answer's CORS headers."""
        response = self.get_response(request)
        group = group_of(request.path_info)
        if group is None:
            return response
        patch_vary_headers(response, ("Origin",))
        if "Access-Control-Allow-Origin" in response:
            _complete(request, response, group)
        return response


def _complete(request: HttpRequest, response: HttpResponseBase, group: Group) -> None:
    method = request.method
    if method == "OPTIONS":
        method = request.headers.get("Access-Control-Request-Method", "").upper()
        response["Access-Control-Allow-Methods"] = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"
        response["Access-Control-Allow-Headers"] = REQUEST_HEADERS
        response["Access-Control-Max-Age"] = str(PREFLIGHT_SECONDS)
    if method in group.credentials:
        response["Access-Control-Allow-Credentials"] = "true"
    if group.exposed:
        response["Access-Control-Expose-Headers"] = group.exposed
