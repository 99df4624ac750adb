"""The bodies of our three services, as the seed writes them (seed 004)."""

from __future__ import annotations

from collections.abc import Iterable
from xml.sax.saxutils import escape, quoteattr

from environment.models import Application
from twofactor.models.sessions import Method
from twofactor.options import services

NAMES = {Method.EMAIL: "email", Method.SMS: "SMS", Method.AUTHENTICATOR: "authenticator"}
"""How a method is called in an answer; ``client.SPELLINGS`` is for a parameter."""


def methods_body(status: str, methods: Iterable[tuple[str, str]] = ()) -> str:
    """``checkVerifiedContactMethods`` with (``Method`` value, address or "") in this order."""
    lines = [
        f"        <method name={quoteattr(NAMES[Method(method)])}{f' value={quoteattr(value)}' if value else ''}/>\n"
        for method, value in methods
    ]
    listed = f"    <methods>\n{''.join(lines)}    </methods>\n" if lines else ""
    return _body("checkVerifiedContactMethods", status, listed)


def sent_body(status: str) -> str:
    """``sendAuthenticationCode``."""
    return _body("sendAuthenticationCode", status)


def verified_body(status: str) -> str:
    """``codeAuthentication``."""
    return _body("codeAuthentication", status)


def status_of(application: Application, outcome: str, *, otherwise: str) -> str:
    """The status that tells ``outcome``: one of the seed's as it is, another by the application's ``status-mapping``,
    else ``otherwise``. No mapping makes a success of what was none.
    """
    if outcome in services.STATUSES:
        return outcome
    for line in services.STATUS_MAPPING.of(application):
        name, _, status = line.partition("=")
        if name.strip() == outcome and status.strip().casefold() != "success":
            return status.strip()
    return otherwise


def _body(root: str, status: str, more: str = "") -> str:
    return f"<{root}>\n    <status>{escape(status)}</status>\n{more}</{root}>\n"
