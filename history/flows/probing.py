"""Calling the History API as one of its clients would, with what that client itself has configured.

Workspace is one kind of client; another kind declares itself with ``probe_kind``.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from django.conf import settings

from config.outgoing import OutgoingFailed, OutgoingRefused, call
from environment.models import Application
from history.errors import NoSuchClient
from history.models import Strategy
from history.options import OF_SERVER, OF_WORKSPACE, WORKSPACE
from history.selectors.doors import doors
from history.selectors.pairs import PairSet, server_pair, workspace_pair
from history.selectors.strategies import base_url_of, sends_other_pair
from history.services.clients import disagreement
from history.services.strategy_copies import strategy_pair

SECONDS = 10.0
"""Of the whole call."""
NAMES_TOLD = 20
"""How many clients a refusal names."""
_RESOURCE = "identities?page_size=1"
_NEAR = ("127.0.0.0/8", "::1", "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7")
"""Where our own name may lead without anybody's leave (RFC 1918, RFC 4193)."""


@dataclass(frozen=True, slots=True)
class ProbeClient:
    """Who calls: ``where`` says in words where its credentials are configured; ``application`` is its door, if known.

    ``url``: the base URL that it would call; empty: that of its door here. ``behind``: why it would send something else
    than this pair; empty: it sends this.
    """

    name: str
    pair: PairSet
    where: str
    application: Application | None = None
    url: str = ""
    behind: str = ""


@dataclass(frozen=True, slots=True)
class Probed:
    """What came of it, in one line without any secret."""

    is_fine: bool
    line: str


Find = Callable[[str, Application | None], ProbeClient]
"""(name or "", the door that was named) → the client. Raises NoSuchClient."""
_kinds: dict[str, Find] = {}


def probe_kind(word: str) -> Callable[[Find], Find]:
    """Declare the decorated function as the one that finds clients of ``--as word``."""

    def declare(find: Find) -> Find:
        _kinds[word] = find
        return find

    return declare


def probe_kinds() -> list[str]:
    """The words of ``--as``."""
    return sorted(_kinds)


def probe(kind: str, *, application: str = "", client: str = "", url: str = "", allow: Sequence[str] = ()) -> Probed:
    """One GET of a list with one line. Raises NoSuchClient when it is not clear who calls whom."""
    door = _door(application) if application else None
    calling = _kinds[kind](client, door)
    door = door or calling.application
    if calling.pair.fault:
        return Probed(False, f"No credentials configured: {calling.where}: {calling.pair.fault}.")
    base = url or calling.url
    if not base and door is None:
        raise NoSuchClient(f"{calling.name} belongs to several doors, or to none: name one with --application.")
    own = f"{settings.DESKGATE_PUBLIC_URL}/history/{quote(door.name, safe='')}/server/data" if door else ""
    base = (base or own).rstrip("/")
    # A client's configured address is whatever somebody wrote there: it is no leave to go there.
    listed = _host(base) if url or base == own else []
    near = _NEAR if base == own else ()
    probed = _called(calling, door, base, [*listed, *near, *allow])
    return Probed(False, f"{probed.line} But {calling.behind}.") if probed.is_fine and calling.behind else probed


def _called(calling: ProbeClient, door: Application | None, base: str, allowed: Sequence[str]) -> Probed:
    sends = calling.pair.is_basic
    headers = {"Accept": "application/json"}
    if sends:
        typed = f"{calling.pair.user_id}:{calling.pair.password}".encode()
        headers["Authorization"] = f"Basic {b64encode(typed).decode()}"
    try:
        answer = call("GET", f"{base}/{_RESOURCE}", allowed=allowed, allow_http=True, headers=headers, seconds=SECONDS)
    except OutgoingFailed as failed:
        return Probed(False, f"{base}: {_FAILED[failed.reason]}")
    except OutgoingRefused as refused:
        return Probed(False, f"{base}: {_REFUSED.get(refused.reason, refused.reason)}")
    if answer.status in (200, 204):
        how = "with its credentials" if sends else "without credentials"
        return Probed(True, f"{base}: {calling.name} was answered {how} ({answer.status}).")
    if answer.status == 401:
        return Probed(False, f"{base}: 401, {_refused_pair(calling, door)}")
    words = _STATUS.get(answer.status, "this is not what the History API answers; is the URL right?")
    return Probed(False, f"{base}: {answer.status}, {words}")


def _refused_pair(calling: ProbeClient, door: Application | None) -> str:
    """Which side to look at, as far as it can be seen from here."""
    if not calling.pair.is_basic:
        return f"credentials are demanded, and none are configured: look at {calling.where}."
    if door is None:
        return f"the credentials are wrong: look at {calling.where}, and at the server's section security."
    demanded = server_pair(door)
    theirs = f"section {OF_SERVER.scheme.section} of {door}"
    if demanded.fault:
        return f"nobody is let in ({demanded.fault}): look at {theirs}."
    differing = disagreement(demanded, calling.pair)
    if differing:
        return f"the two sides disagree ({differing}): look at {calling.where}, and at {theirs}."
    return "though both sides agree here: this address is locked out after failures, or another server answers there."


_FAILED = {
    "connection": "connection refused or lost: is the server running there?",
    "timeout": f"no answer within {SECONDS:.0f} seconds.",
    "tls": "TLS failed: the certificate is not trusted here, not of this name, or no TLS is spoken there.",
    "protocol": "what answers there speaks no HTTP.",
}
_REFUSED = {
    "private-address": "the name leads to a private address: allow it with --allow ADDRESS.",
    "unresolvable": "the name of the host is not known.",
    "bad-url": "this is no http or https URL.",
    "not-listed": "this host is not allowed: name it with --allow.",
    "redirect": "it redirects: the History API never does; is the URL right?",
}
_STATUS = {
    403: "no credentials are demanded, but this address is not in security/history-open-networks.",
    404: "no such door: is the application enabled, and its contact center?",
    503: "the server is busy, or no application stands behind this path (history/default-application).",
}


def _host(url: str) -> list[str]:
    """The one entry of the allow-list that the operator's URL itself is; none for what is no URL."""
    try:
        host = urlsplit(url).hostname
    except ValueError:
        return []
    return [host] if host else []


def _door(name: str) -> Application:
    found = doors().filter(name=name).first()
    if found is None:
        raise NoSuchClient(f"“{name}” is no enabled Web Engagement Server application of an enabled contact center.")
    return found


@probe_kind("workspace")
def _workspace(name: str, door: Application | None) -> ProbeClient:
    """An Interaction Workspace application: the one of this name, else the only one (of the door's contact center),
    else the only one of them that has credentials.
    """
    rows = Application.objects.filter(type=WORKSPACE).select_related("contact_center")
    rows = rows.filter(name=name) if name else rows.filter(enabled=True)
    if door is not None and not name:
        rows = rows.filter(contact_center=door.contact_center_id)
    found = list(rows)
    # An Interaction Workspace without the plug-in has no credentials, and is not meant.
    found = [one for one in found if workspace_pair(one).is_set] or found if len(found) > 1 else found
    if not found:
        there = f"“{name}” is no" if name else "There is no enabled"
        raise NoSuchClient(f"{there} Interaction Workspace application.")
    if len(found) > 1:
        names = ", ".join(sorted(one.name for one in found)[:NAMES_TOLD])
        more = ", …" if len(found) > NAMES_TOLD else ""
        raise NoSuchClient(f"Name the client with --client: {names}{more}.")
    (application,) = found
    theirs = list(doors().filter(contact_center=application.contact_center_id)[:2])
    where = f"section {OF_WORKSPACE.scheme.section} of {application}"
    return ProbeClient(application.name, workspace_pair(application), where, theirs[0] if len(theirs) == 1 else None)


@probe_kind("strategy")
def _strategy(name: str, door: Application | None) -> ProbeClient:
    """An engagement strategy: the one of this name, else the only one (of the door)."""
    rows = Strategy.objects.select_related("application__contact_center", "deployed")
    rows = rows.defer("workflow", "deployed__scxml")
    if name:
        rows = rows.filter(name=name)
    if door is not None:
        rows = rows.filter(application=door)
    found = list(rows[:2])
    if len(found) != 1:
        several = "There are several engagement strategies: name one with --client, its door with --application."
        raise NoSuchClient(several if found else "There is no such engagement strategy.")
    (strategy,) = found
    where = f"the Entry properties of engagement strategy {strategy}"
    version, behind = strategy.deployed, ""
    if version is not None and sends_other_pair(version, strategy):
        behind = f"the deployed {version} sends other credentials than these: regenerate and deploy it"
    called = f"strategy {strategy.name}"
    url = base_url_of(strategy)
    return ProbeClient(called, strategy_pair(strategy), where, strategy.application, url, behind)
