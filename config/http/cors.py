"""Who may read our answers from another origin. django-cors-headers asks by its signal; we answer by path and caller.

A preflight knows no caller: it is answered for the union of all enabled origins. The real answer is judged once, after
its view: it carries the headers only when the origin belongs to the caller's contact center or client.
``settings.DESKGATE_CORS_ORIGINS`` names the module that knows paths and origins (``Origins``).
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Sequence
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

_DEFAULT_PORTS = {"http": 80, "https": 443}
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_LABELS = re.compile(r"[a-z0-9_-]+(\.[a-z0-9_-]+)*")


class Origins(Protocol):
    """The module that knows the groups of paths (the first that matches counts) and which origins were registered."""

    GROUPS: Sequence[Group]

    def union_allows(self, origin: str) -> bool: ...

    def principal_allows(self, origin: str, principal: Principal) -> bool: ...


@dataclass(frozen=True, slots=True)
class Group:
    """What one group of paths allows across origins.

    ``credentials`` are the methods that a page may call with our cookie, unless it came by http from another machine;
    ``public`` answers are the same for
    everybody, so that the union of origins decides.
    """

    path: re.Pattern[str]
    offered: bool = True
    public: bool = False
    credentials: frozenset[str] = frozenset()
    exposed: str = ""


def group_of(path: str) -> Group | None:
    """The group of ``path``; None where this module has nothing to say (other rooms answer for themselves)."""
    return next((group for group in _origins().GROUPS if group.path.match(path)), None)


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


def origin_host(origin: str) -> str:
    """The host of an origin or pattern, with its brackets if it is an IPv6 address; "" for anything else."""
    found = _split(origin)
    return "" if found is None else f"[{found[1]}]" if ":" in found[1] else found[1]


def is_open_to_eavesdroppers(origin: str) -> bool:
    """Whether pages of this origin come by plain http from another machine: anybody on the way could write them."""
    found = _split(origin)
    return found is not None and found[0] == "http" and not _is_loopback(found[1])


def _is_loopback(host: str) -> bool:
    return host in _LOOPBACK or host.endswith(".localhost")


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
    """The verdict for this request. Logs what it refuses.

    django-cors-headers asks twice. Before the view only a preflight is judged, and that verdict is kept; any other
    request waits for its caller, so that a page's call costs no look-up of everybody's origins.
    """
    origin = request.headers.get("Origin", "")
    group = group_of(request.path_info) if origin else None
    if group is None or canonical_origin(origin) == _own_origin():
        return False
    kept: bool | None = getattr(request, "deskgate_preflight", None)
    if kept is not None:
        return kept
    try:
        missed = _missed_rule(request, group, origin)
    except (OperationalError, InterfaceError):
        # The view meets the same database and answers 503 itself.
        missed = "the origins could not be read"
    if missed:
        logger.warning("cors_refused", extra={"origin": origin[:200], "path_group": group.path.pattern, "rule": missed})
    if is_preflight(request):
        request.deskgate_preflight = not missed  # type: ignore[attr-defined]
    return not missed


def is_preflight(request: HttpRequest) -> bool:
    """Whether a browser asks for leave before the request itself (Fetch, CORS-preflight)."""
    return request.method == "OPTIONS" and "Access-Control-Request-Method" in request.headers


def _missed_rule(request: HttpRequest, group: Group, origin: str) -> str:
    if not group.offered:
        return "no cross-origin reading here"
    if origin.strip().lower() == "null":
        return "the origin null is never allowed"
    if is_preflight(request):
        return _missed_by_union(origin)
    answered: HttpResponseBase | None = getattr(request, "deskgate_answer", None)
    if answered is None:
        return ""
    if group.public:
        return _missed_by_union(origin)
    principal: Principal | None = getattr(request, "deskgate_principal", None)
    if principal is None or not principal.is_authenticated:
        # A page should read its own 400 or 401; nothing else is told to nobody.
        return _missed_by_union(origin) if answered.status_code >= 400 else "the caller is not known"
    if _origins().principal_allows(origin, principal):
        return ""
    return "the origin belongs to neither the caller's contact center nor its client"


def _missed_by_union(origin: str) -> str:
    return "" if _origins().union_allows(origin) else "no enabled contact center or client has this origin"


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
    method = request.headers["Access-Control-Request-Method"].upper() if is_preflight(request) else request.method
    if method in group.credentials and not is_open_to_eavesdroppers(request.headers.get("Origin", "")):
        response["Access-Control-Allow-Credentials"] = "true"
    if group.exposed:
        response["Access-Control-Expose-Headers"] = group.exposed
