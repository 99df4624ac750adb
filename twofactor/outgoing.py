"""Addresses that administrators aim: how they may look, and where calls may go."""

from __future__ import annotations

import re

from config.outgoing import check_allowed_entry, refusal_of_url
from environment.declarations import INSTALLATION, BooleanOption, ListOption

_VARIABLE = re.compile(r"\[var:[A-Za-z_$][A-Za-z0-9_$]{0,63}\]")

ALLOWED_HOSTS = ListOption(
    section="two-factor",
    name="outgoing-hosts",
    default=(),
    check=check_allowed_entry,
    valid_values="hosts, host:port, *.domain, addresses or networks, with commas between",
    holders=(INSTALLATION,),
    set_by="installation",
    help="Where codes may be sent: mail servers, SMS gateways, web services. A name that leads to a private address "
    "needs that address or its network here too. Empty: nowhere.",
)
ALLOW_HTTP = BooleanOption(
    section="two-factor",
    name="allow-http",
    default=False,
    holders=(INSTALLATION,),
    set_by="installation",
    help="Whether listed gateways and web services may be asked without TLS.",
)


def refusal_of_template(url: str) -> str:
    """What is wrong with the looks of an address that may have ``[var:name]`` in its path and query; else "".

    Which hosts are allowed is judged at the call: the installation's list may change later.
    """
    _scheme, _, rest = url.partition("://")
    if "[var:" in re.split(r"[/?]", rest, maxsplit=1)[0]:
        return "Use no variable in the host."
    host = re.split(r"[/?]", rest, maxsplit=1)[0].rpartition("@")[2]
    plain = _VARIABLE.sub("x", url)
    reason = refusal_of_url(plain, allowed=(host.rsplit(":", 1)[0] or host,), allow_http=True)
    return "" if reason in ("", "not-listed") else "This is no http or https address without user name and fragment."
