"""The options this room reads: browser origins, and how long what happened is kept."""

from __future__ import annotations

from django.core.exceptions import ValidationError

from config.http.cors import canonical_origin
from environment.declarations import CONTACT_CENTER, INSTALLATION, IntegerOption, ListOption

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "[::1]"})


def check_origin(text: str) -> None:
    """An origin that may be registered: https anywhere, http only on this machine; ``*`` as the left-most label."""
    origin = canonical_origin(text)
    if origin is None:
        raise ValidationError(f"{text!r} is no origin: write scheme, host and port, as in https://desk.example.com.")
    scheme, _, rest = origin.partition("://")
    host = rest if rest.endswith("]") else rest.rpartition(":")[0] or rest
    if scheme == "http" and host not in _LOOPBACK and not host.endswith(".localhost"):
        raise ValidationError(f"{text!r}: http is allowed only for this machine; use https.")
    if host.startswith("*.") and "." not in host[2:]:
        raise ValidationError(f"{text!r}: after the left-most label a whole domain must follow.")


CORS_ORIGINS = ListOption(
    section="settings",
    name="cors-origins",
    default=(),
    holders=(CONTACT_CENTER,),
    check=check_origin,
    valid_values="origins with commas between; * stands for one left-most label, as in https://*.example.com",
    help="Pages of these origins may read our answers to this contact center's users and clients from a browser.",
)
CHANGES_KEPT = IntegerOption(
    section="activity",
    name="changes-kept",
    default=1_095,
    minimum=30,
    maximum=36_500,
    unit="days",
    holders=(INSTALLATION,),
    set_by="installation",
    help="For how long the change log is kept.",
)
EVENTS_KEPT = IntegerOption(
    section="activity",
    name="security-events-kept",
    default=180,
    minimum=1,
    maximum=36_500,
    unit="days",
    holders=(INSTALLATION,),
    set_by="installation",
    help="For how long sign-ins, refusals and lockouts are kept.",
)
