"""The options of the History API: who may read it, who may send to it, and for how long it is kept."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from ipaddress import ip_network
from typing import NamedTuple

from django.core.exceptions import ValidationError

from config.http.errors import FieldError
from environment.declarations import (
    INSTALLATION,
    ChoiceOption,
    IntegerOption,
    ListOption,
    Named,
    Standing,
    TextOption,
    option_rule,
)
from environment.models import Application
from environment.options import check_page_origin

SERVER = Application.Type.WEB_ENGAGEMENT_SERVER
WORKSPACE = Application.Type.INTERACTION_WORKSPACE
_BOTH = (SERVER, INSTALLATION)
_SECURITY = "security"
_CLIENT = "gwe:security"
_SCHEMES = ("none", "Basic")


def check_sendable(text: str) -> None:
    """RFC 7617 §2: control characters cannot be sent in a Basic pair. Raises ValidationError."""
    if any(unicodedata.category(each) == "Cc" for each in text):
        raise ValidationError("Use no control characters.")


def check_user_id(text: str) -> None:
    """RFC 7617 §2: the first colon ends the user id. Raises ValidationError."""
    check_sendable(text)
    if ":" in text:
        raise ValidationError("Use no colon.")


def check_network(text: str) -> None:
    """An address or a network in CIDR. Raises ValidationError."""
    try:
        ip_network(text, strict=False)
    except ValueError:
        raise ValidationError(f"{text!r} is no address and no network, as in 10.0.0.0/8.") from None


class PairOptions(NamedTuple):
    """The three options of one side."""

    scheme: ChoiceOption
    user_id: TextOption
    password: TextOption


OF_SERVER = PairOptions(
    ChoiceOption(
        section=_SECURITY,
        name="auth-scheme",
        default="none",
        choices=_SCHEMES,
        holders=(SERVER,),
        help="Basic: every request to the History API brings user-id and password. none: it answers "
        "history-open-networks only.",
    ),
    TextOption(
        section=_SECURITY,
        name="user-id",
        default="",
        check=check_user_id,
        valid_values="text without colon and control characters",
        holders=(SERVER,),
        help="The user name that the History API demands.",
    ),
    TextOption(
        section=_SECURITY,
        name="password",
        default="",
        check=check_sendable,
        valid_values="text without control characters",
        holders=(SERVER,),
        secret=True,
        told=False,
        help="The password that the History API demands.",
    ),
)
"""What the History API demands."""

OF_WORKSPACE = PairOptions(
    ChoiceOption(
        section=_CLIENT,
        name="auth-scheme",
        default="none",
        choices=_SCHEMES,
        holders=(WORKSPACE,),
        help="The scheme of the History API, for the Web Engagement plug-in of this Interaction Workspace.",
    ),
    TextOption(
        section=_CLIENT,
        name="user-id",
        default="",
        check=check_user_id,
        valid_values="text without colon and control characters",
        holders=(WORKSPACE,),
        help="The user name that the plug-in sends. It authorises nobody: the Web Engagement Server's decides.",
    ),
    TextOption(
        section=_CLIENT,
        name="password",
        default="",
        check=check_sendable,
        valid_values="text without control characters",
        holders=(WORKSPACE,),
        secret=True,
        help="The password that the plug-in sends.",
    ),
)
"""What the plug-in of an Interaction Workspace sends."""


@option_rule(*OF_SERVER)
def basic_needs_a_pair(named: Named, standing: Standing) -> Iterator[FieldError]:
    """Nobody says Basic while nobody could have what it demands; any other save is taken, for then nobody gets in.

    Not so at the client: there the seed sets the scheme first, one option after the other, and nobody is let in by it.
    """
    scheme, *pair = OF_SERVER
    if (named.get(str(scheme)) or "").strip().casefold() != "basic":
        return
    for part in pair:
        if not standing.get(str(part)):
            yield FieldError(str(part), "required", f"{scheme} Basic needs {part}, which is not set.")


OPEN_NETWORKS = ListOption(
    section=_SECURITY,
    name="history-open-networks",
    default=("127.0.0.0/8", "::1"),
    check=check_network,
    valid_values="addresses or networks, with commas between",
    holders=_BOTH,
    help="Who reads and writes the History API without credentials while auth-scheme is none.",
)
DEFAULT_APPLICATION = TextOption(
    section="history",
    name="default-application",
    default="",
    max_length=255,
    valid_values="the name of a Web Engagement Server application, or nothing",
    holders=(INSTALLATION,),
    set_by="installation",
    help="Whose History API /server/data and /backend/data are. Empty: the only enabled application of this type.",
)
KEPT_DAYS = IntegerOption(
    section="history",
    name="kept-days",
    default=90,
    minimum=1,
    maximum=36_500,
    unit="days",
    holders=_BOTH,
    help="For how long visits and what belongs to them are kept after their last event.",
)
VISIT_TIMEOUT = IntegerOption(
    section="history",
    name="visit-timeout-minutes",
    default=30,
    minimum=1,
    maximum=10_080,
    unit="minutes",
    holders=_BOTH,
    help="A visit without an event for so long is over.",
)
EVENTS_PER_VISIT = IntegerOption(
    section="history",
    name="events-per-visit",
    default=10_000,
    minimum=1,
    maximum=1_000_000,
    unit="events",
    holders=_BOTH,
    help="How many events one visit may have; more are refused.",
)

SITE_KEY = TextOption(
    section="tracker",
    name="site-key",
    default="",
    pattern=r"[A-Za-z0-9._~-]{0,128}",
    valid_values="letters, digits and - . _ ~, or nothing",
    holders=(SERVER,),
    help="What a site's pages name themselves by, public as the pages are. Empty: browsers send nothing here.",
)
TRACKER_ORIGINS = ListOption(
    section="tracker",
    name="origins",
    default=(),
    check=check_page_origin,
    valid_values="origins with commas between; * stands for one left-most label, as in https://*.example.com",
    holders=(SERVER,),
    help="Pages of these origins may send events.",
)
EVENTS_PER_ADDRESS = IntegerOption(
    section="tracker",
    name="events-per-minute-and-address",
    default=600,
    minimum=1,
    maximum=1_000_000,
    unit="events",
    holders=_BOTH,
    help="How many events browsers of one address may send in a minute.",
)
EVENTS_PER_MINUTE_AND_VISIT = IntegerOption(
    section="tracker",
    name="events-per-minute-and-visit",
    default=300,
    minimum=1,
    maximum=1_000_000,
    unit="events",
    holders=_BOTH,
    help="How many events of one visit browsers may send in a minute; SignIn, SignOut and UserInfo count as 20.",
)
