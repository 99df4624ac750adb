"""The options this room reads: browser origins, and how long what happened is kept."""

from __future__ import annotations

from django.core.exceptions import ValidationError

from config.http.cors import canonical_origin, is_open_to_eavesdroppers, origin_host
from environment.declarations import CONTACT_CENTER, INSTALLATION, IntegerOption, ListOption


def check_page_origin(text: str) -> str:
    """An origin; ``*`` may stand for one left-most label. Returns its canonical form. Raises ValidationError."""
    origin = canonical_origin(text)
    if origin is None:
        raise ValidationError(f"{text!r} is no origin: write scheme, host and port, as in https://desk.example.com.")
    host = origin_host(origin)
    if host.startswith("*.") and "." not in host[2:]:
        raise ValidationError(f"{text!r}: after the left-most label a whole domain must follow.")
    return origin


def check_origin(text: str) -> None:
    """An origin that may be registered; ``*`` as the left-most label stands for https origins only.

    Existing scripts register exact http origins; no page of one is ever let in by our cookie (``config.http.cors``).
    """
    origin = check_page_origin(text)
    if origin_host(origin).startswith("*.") and is_open_to_eavesdroppers(origin):
        raise ValidationError(f"{text!r}: with http every origin is named exactly; * is for https.")


CORS_ORIGINS = ListOption(
    section="settings",
    name="cors-origins",
    default=(),
    holders=(CONTACT_CENTER,),
    check=check_origin,
    valid_values="origins with commas between; * stands for one left-most label, as in https://*.example.com; "
    "http origins are named exactly",
    help="Pages of these origins may read our answers to this contact center's users and clients from a browser. "
    "Pages of http origins never use the sign-in cookie: whoever is on their way could be in them.",
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
