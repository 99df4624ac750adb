"""The options of the Screen Recording Service and of Recording Web Services.

``crossOriginSettings`` has the names of the vendor's group; lists of installation and contact center count together.
"""

from __future__ import annotations

import re

from django.core.exceptions import ValidationError

from config.http.cors import canonical_origin
from config.outgoing import check_allowed_entry
from environment.declarations import (
    CONTACT_CENTER,
    INSTALLATION,
    BooleanOption,
    ChoiceOption,
    IntegerOption,
    ListOption,
    TextOption,
)
from environment.options import check_page_origin

_SECTION = "screenrec"
_CORS = "crossOriginSettings"
_BOTH = (INSTALLATION, CONTACT_CENTER)
_TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}\Z")


def check_token(text: str) -> None:
    """A method or the name of a header (RFC 9110 §5.6.2): anything else would break the header it goes into.

    Raises ValidationError.
    """
    if not _TOKEN.match(text):
        raise ValidationError(f"{text!r} is no name of a method or header.")


def check_server(text: str) -> None:
    """A server's address without path; empty for none. Raises ValidationError."""
    origin = canonical_origin(text) if text else ""
    if origin is None or "*" in origin:
        raise ValidationError(
            f"{text!r} is no server: write scheme, host and port, as in https://rws.example.com:4443."
        )


ROLE = ChoiceOption(
    section=_SECTION,
    name="role",
    default="both",
    choices=("srs", "rws", "both"),
    holders=(INSTALLATION,),
    set_by="installation",
    help="srs: the service on an agent's machine, which asks another server; rws: the central server; both: this "
    "server is asked by desktops and proves agents itself.",
)
VERSION = TextOption(
    section=_SECTION,
    name="version",
    default="8.5.500.00",
    pattern=r"8\.5\.[0-9]{3}\.[0-9]{2}",
    valid_values="8.5. and three and two digits, as in 8.5.500.00",
    holders=(INSTALLATION,),
    set_by="installation",
    help="What /version tells: desktops compare it. Our own version is in X-Deskgate-Version.",
)
TENANT = TextOption(
    section=_SECTION,
    name="tenant",
    default="",
    max_length=255,
    holders=(INSTALLATION,),
    set_by="installation",
    help="The tenant of user names that come without one.",
)
SERVER = TextOption(
    section=_SECTION,
    name="server",
    default="",
    check=check_server,
    valid_values="scheme, host and port of a server, or nothing",
    holders=(INSTALLATION,),
    set_by="installation",
    help="The Recording Web Services to ask when a desktop names none.",
)
PEER_SERVER = TextOption(
    section=_SECTION,
    name="peer-server",
    default="",
    check=check_server,
    valid_values="scheme, host and port of a server, or nothing",
    holders=(INSTALLATION,),
    set_by="installation",
    help="The one to ask when that one does not answer.",
)
ALLOWED_SERVERS = ListOption(
    section=_SECTION,
    name="allowed-servers",
    default=(),
    check=check_allowed_entry,
    valid_values="hosts, host:port, *.domain, addresses or networks, with commas between",
    holders=(INSTALLATION,),
    set_by="installation",
    help="Where agents' credentials may be sent for validation. A name that leads to a private address needs that "
    "address or its network here too. Empty: nowhere.",
)
ALLOW_HTTP = BooleanOption(
    section=_SECTION,
    name="allow-http-servers",
    default=False,
    holders=(INSTALLATION,),
    set_by="installation",
    help="Whether credentials may be sent to a listed server without TLS.",
)
RWS_TIMEOUT = IntegerOption(
    section=_SECTION,
    name="rws-timeout",
    default=5,
    minimum=1,
    maximum=60,
    unit="seconds",
    holders=(INSTALLATION,),
    set_by="installation",
    help="How long one Recording Web Services may take to answer.",
)
PING_TIMEOUT = IntegerOption(
    section=_SECTION,
    name="ping-timeout",
    default=60,
    minimum=1,
    maximum=86_400,
    unit="seconds",
    holders=(INSTALLATION,),
    set_by="installation",
    help="A session whose desktop pings ends when the next ping does not come within this time.",
)
SESSION_HOURS = IntegerOption(
    section=_SECTION,
    name="session-hours",
    default=24,
    minimum=1,
    maximum=720,
    unit="hours",
    holders=(INSTALLATION,),
    set_by="installation",
    help="A session ends after so long, whatever happens in it: for desktops that do not ping.",
)
REQUIRE_ORIGIN = BooleanOption(
    section=_SECTION,
    name="require-origin",
    default=True,
    holders=(INSTALLATION,),
    set_by="installation",
    help="Whether a request without the header Origin is refused, as the real service does.",
)

ALLOWED_ORIGINS = ListOption(
    section=_CORS,
    name="allowedOrigins",
    default=(),
    check=check_page_origin,
    valid_values="origins with commas between; * stands for one left-most label, as in https://*.example.com",
    holders=_BOTH,
    help="Pages of these origins may log agents in.",
)
ALLOWED_METHODS = ListOption(
    section=_CORS,
    name="allowedMethods",
    default=("GET", "POST", "PUT", "DELETE", "OPTIONS"),
    check=check_token,
    holders=_BOTH,
    help="Access-Control-Allow-Methods of a preflight's answer.",
)
ALLOWED_HEADERS = ListOption(
    section=_CORS,
    name="allowedHeaders",
    default=(
        "X-Requested-With", "Content-Type", "Accept", "Origin", "Cookie", "authorization", "ssid", "surl",
        "ContactCenterId", "X-CSRF-TOKEN", "X-Support-CSRF", "X-Support-CSRFP",
    ),
    check=check_token,
    holders=_BOTH,
    help="Access-Control-Allow-Headers of a preflight's answer.",
)  # fmt: skip
ALLOW_CREDENTIALS = BooleanOption(
    section=_CORS,
    name="allowCredentials",
    default=True,
    holders=_BOTH,
    help="Whether pages may send the session's cookie.",
)
EXPOSED_HEADERS = ListOption(
    section=_CORS,
    name="exposedHeaders",
    default=("X-CSRF-HEADER", "X-CSRF-TOKEN"),
    check=check_token,
    holders=_BOTH,
    help="Access-Control-Expose-Headers: which headers of an answer a page may read.",
)
