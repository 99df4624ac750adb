"""The customer's own three web services, asked by us (contract face 3; reference A.3, E.4).

Test calls ask the test addresses and production calls the others, never one instead of the other.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from time import monotonic
from urllib.parse import urlencode

from config import outgoing
from environment.declarations import TextOption
from environment.models import Application
from twofactor.models.sessions import Method
from twofactor.options import external, services
from twofactor.outgoing import ALLOW_HTTP, ALLOWED_HOSTS
from twofactor.webservices.addresses import filled, with_query
from twofactor.webservices.failures import ServiceFailed as ServiceFailed
from twofactor.webservices.reading import LONGEST, Methods, read_answer

SPELLINGS: Mapping[str, str] = {Method.EMAIL: "Email", Method.SMS: "SMS", Method.AUTHENTICATOR: "Authenticator"}
"""How ``TwoFactorAuthSelectedMethod`` names them (part F 8)."""
# What may be otherwise a moment later; an address that is refused, or an answer that is no XML of ours, will not be.
_PASSING = re.compile(r"(?:timeout|connection|protocol|tls|unresolvable|http-5[0-9]{2})\Z")
_LEAST_SECONDS = 0.05


@dataclass(frozen=True, slots=True)
class ServiceCaller:
    """The call on whose behalf a service is asked. Its values are not shown by repr."""

    application: Application
    session_id: str
    account: str = field(repr=False)
    call_id: str = ""
    cli: str = field(default="", repr=False)
    dnis: str = ""
    test_call: bool = False
    variables: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class VerifiedMethods:
    """What the check answered: its status, and (``Method`` value, address or "") in the service's order."""

    status: str
    methods: Methods = field(repr=False)


@dataclass(frozen=True, slots=True)
class _Service:
    """One of the three."""

    root: str
    production: TextOption
    test: TextOption


_CHECK = _Service("checkVerifiedContactMethods", external.CHECK_URL, external.CHECK_URL_TEST)
_SEND = _Service("sendAuthenticationCode", external.SEND_URL, external.SEND_URL_TEST)
_VERIFY = _Service("codeAuthentication", external.VERIFY_URL, external.VERIFY_URL_TEST)


def check_methods(caller: ServiceCaller, *, seconds: float) -> VerifiedMethods:
    """Check Verified Contact Methods. Asked once more after a failure that may pass, for it only reads, while
    ``seconds`` last. Raises ServiceFailed.
    """
    until = monotonic() + seconds
    try:
        return VerifiedMethods(*_asked(_CHECK, caller, {}, seconds=seconds))
    except ServiceFailed as failed:
        left = until - monotonic()
        if left < _LEAST_SECONDS or not _PASSING.match(failed.reason):
            raise
    return VerifiedMethods(*_asked(_CHECK, caller, {}, seconds=left))


def send_code(caller: ServiceCaller, method: str, *, seconds: float) -> str:
    """Send Authentication Code by ``method`` (a ``Method`` value); the status. Asked once. Raises ServiceFailed: after
    ``timeout`` nobody knows whether the code is on its way.
    """
    return _asked(_SEND, caller, {"TwoFactorAuthSelectedMethod": SPELLINGS[method]}, seconds=seconds)[0]


def verify_code(caller: ServiceCaller, code: str, *, seconds: float) -> str:
    """Code Authentication; the status. Asked once: the service counts. Raises ServiceFailed."""
    return _asked(_VERIFY, caller, {"authCode_nbest1": code}, seconds=seconds)[0]


def _asked(service: _Service, caller: ServiceCaller, more: Mapping[str, str], *, seconds: float) -> tuple[str, Methods]:
    application = caller.application
    template = (service.test if caller.test_call else service.production).of(application)
    if not template:
        raise ServiceFailed("no-url")
    parameters = _parameters(caller) | dict(more)
    url = filled(template, dict(caller.variables) | _parameters(caller))
    query = urlencode(parameters, errors="replace")
    method = external.SERVICE_METHOD.of(application)
    headers = {"Accept": "application/xml, text/xml"}
    if method == "POST":
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    try:
        answer = outgoing.call(
            method,
            url if method == "POST" else with_query(url, query),
            allowed=ALLOWED_HOSTS.of(None),
            allow_http=ALLOW_HTTP.of(None),
            headers=headers,
            body=query.encode() if method == "POST" else None,
            seconds=min(seconds, external.SERVICE_MILLISECONDS.of(application) / 1000),
            limit=LONGEST,
        )
    except (outgoing.OutgoingRefused, outgoing.OutgoingFailed) as failed:
        raise ServiceFailed(failed.reason) from None
    if answer.status not in range(200, 300):
        raise ServiceFailed(f"http-{answer.status}")
    return read_answer(answer.body, service.root)


def _parameters(caller: ServiceCaller) -> dict[str, str]:
    """What every service is told. The listed variables come first: none of them takes the place of ours."""
    listed = external.SERVICE_VARIABLES.of(caller.application)
    return {name: caller.variables[name] for name in listed if name in caller.variables} | {
        "sessionId": caller.session_id,
        "callId": caller.call_id,
        "CLI": caller.cli,
        "DNIS": caller.dnis,
        "IsTestCall": "true" if caller.test_call else "false",
        services.ACCOUNT_PARAMETER.of(caller.application): caller.account,
    }
