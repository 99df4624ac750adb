"""Asking the Recording Web Services of another machine: login, ping and logout of an agent, with fail-over."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Any, NoReturn

from config.encryption import SealBroken, unseal
from config.http.errors import BadRequest, Forbidden, InUse, NotFound, Refusal, TooMany, Unauthenticated
from config.outgoing import Answer, OutgoingFailed, OutgoingRefused, call, refusal_of_url
from screenrec import options
from screenrec.errors import NoServerAnswered, ServerRefused
from screenrec.flows.answers import cookie_of, object_told, seat_told
from screenrec.flows.proving import Pair, Servers, refuse
from screenrec.models import RecorderSession
from screenrec.records import LoginConfig
from screenrec.services.seats import Seat
from screenrec.services.sessions import Upstream, seal_place

_ME = "/api/v2/me"
_LOGIN = f"{_ME}?subresources=devices,place"
_PING = "/ping"
_END = {"operationName": "EndContactCenterSession"}
_NO_ANSWER = ("encoded", "redirect", "too-large")
"""Reasons of ``OutgoingRefused`` that are about the answer, not about where it came from."""
_LAST_CODE = 20
_FAULTS = {
    "not-listed": "it is not in option screenrec/allowed-servers",
    "not-https": "it is not https, and option screenrec/allow-http-servers is off",
    "private-address": "its private address is not in option screenrec/allowed-servers",
}
"""What an administrator does about a reason of ``OutgoingRefused``."""


@dataclass(frozen=True, slots=True)
class Proven:
    """What another server says of an agent whom it proved, where it seated him, and its session of him."""

    profile: dict[str, Any]
    seat: Seat
    upstream: Upstream


def prove_elsewhere(pair: Pair, servers: Servers, config: LoginConfig, *, origin: str) -> Proven:
    """Log the agent in at ``first``; at ``peer`` when that does not answer, answers late, or with 5xx.

    A refusal of the agent is passed on and the other server not asked: it would spend a second try of his lockout.
    Raises Refusal; ServerRefused before anything was sent when a server is not listed; NoServerAnswered.
    """
    _judge(servers)
    body = json.dumps(config.body()).encode() if config.names_a_seat else None
    headers = {"Authorization": _basic(pair)} | _page(origin)
    for field, server, other in (
        ("server", servers.first, servers.peer),
        ("peer_server", servers.peer, servers.first),
    ):
        answer = _ask_login(field, server, headers, body) if server else None
        if answer is not None:
            return _proven(answer, Upstream(server, other, cookie_of(answer)))
    raise NoServerAnswered(reason=f"neither {servers.first} nor {servers.peer or 'a peer'} answered")


def leave_elsewhere(earlier: RecorderSession | None, now: RecorderSession, servers: Servers) -> None:
    """End the session that a login left behind at another server, such as the peer that stood in for a while.

    Where both have one database the login took it over, and its cookie is dead there already. The first one was asked
    just now: where it is not the one in use, it does not answer.
    """
    if earlier is not None and earlier.server not in ("", now.server, servers.first):
        _end_at(earlier.server, earlier)


def ping_elsewhere(session: RecorderSession, *, pair: Pair | None, origin: str) -> str | None:
    """Keep the session there alive, with the agent's pair when he sent it; the server that answered.

    None when none did: the recorder goes on alone and asks again at the next ping. Raises Unauthenticated when the
    session there is over, or the pair is not his, Forbidden when the page is not let in there any more.
    """
    proof = {"Authorization": _basic(pair)} if pair else {"Cookie": _cookie(session)}
    for server in (session.server, session.peer_server):
        try:
            answer = _ask("GET", server, _PING, proof | _page(origin), None) if server else None
        except OutgoingRefused as refused:
            if refused.reason in _NO_ANSWER:
                return None  # it was asked, and said something: the pair is not carried on to the next door
            answer = None
        if answer is None:
            continue
        # A peer with a database of its own knows the agent's pair, but not the session of the other one.
        if answer.status == 401 and (pair or server == session.server):
            refuse("refused by Recording Web Services")
        if answer.status == 403:
            _pass_on(answer.status, object_told(answer))
        # Whatever else it says is its answer: a pair is not carried on to the next door after it.
        return server if answer.status == 200 else None
    return None


def end_elsewhere(session: RecorderSession) -> None:
    """End the session there, or at the peer when the server does not answer; its timer does it else. Never raises.

    One that this server's own directory proved is nowhere else.
    """
    for server in (session.server, session.peer_server):
        if _end_at(server, session):
            return


def _end_at(server: str, session: RecorderSession) -> bool:
    """Whether it answered, with whatever."""
    if not session.rws_cookie_sealed:
        return True
    try:
        headers = {"Cookie": _cookie(session)} | _page(session.origin)
    except Unauthenticated:
        return True  # sealed under a key that is gone: there is nothing to send
    return _ask_again("POST", server, _ME, headers, json.dumps(_END).encode()) is not None


def _ask_login(field: str, server: str, headers: dict[str, str], body: bytes | None) -> Answer | None:
    """The login's call. Raises ServerRefused naming ``field`` when the address leads where nothing may be sent."""
    try:
        return _ask("POST" if body else "GET", server, _LOGIN, headers, body)
    except OutgoingRefused as refused:
        if refused.reason in _NO_ANSWER:
            raise NoServerAnswered(reason=f"the answer of {server} is refused: {refused.reason}") from refused
        raise _refusal_of(field, refused.reason) from refused


def _ask_again(method: str, server: str, path: str, headers: dict[str, str], body: bytes | None) -> Answer | None:
    """A call within a session: a server that is refused now, or whose answer is, is as good as away."""
    if not server:
        return None
    try:
        return _ask(method, server, path, headers, body)
    except OutgoingRefused:
        return None


def _ask(method: str, server: str, path: str, headers: dict[str, str], body: bytes | None) -> Answer | None:
    """One call; None when the server cannot be reached, is late, or fails (5xx): then another may be asked."""
    try:
        answer = call(
            method,
            f"{server}{path}",
            allowed=options.ALLOWED_SERVERS.of(),
            allow_http=options.ALLOW_HTTP.of(),
            headers=headers | ({"Content-Type": "application/json"} if body else {}),
            body=body,
            seconds=options.RWS_TIMEOUT.of(),
        )
    except OutgoingFailed:
        return None
    except OutgoingRefused as refused:
        # With a data center its names may go; nobody was sent anything.
        if refused.reason == "unresolvable":
            return None
        raise
    return None if answer.status >= 500 else answer


def _judge(servers: Servers) -> None:
    """Both before the first call: an unlisted peer is told at once, not on the day it is needed."""
    for field, server in (("server", servers.first), ("peer_server", servers.peer)):
        fault = _fault_of(server) if server else ""
        if fault:
            raise _refusal_of(field, fault)


def _refusal_of(field: str, fault: str) -> ServerRefused:
    words = f"The server of '{field}' is none that credentials may be sent to: {_FAULTS.get(fault, fault)}."
    return ServerRefused(words, field=field, reason=fault)


def _fault_of(server: str) -> str:
    return refusal_of_url(server, allowed=options.ALLOWED_SERVERS.of(), allow_http=options.ALLOW_HTTP.of())


def _proven(answer: Answer, upstream: Upstream) -> Proven:
    told = object_told(answer)
    if answer.status != 200:
        _pass_on(answer.status, told)
    user = told.get("user")
    if told.get("statusCode") != 0 or not isinstance(user, dict) or not upstream.cookie:
        raise NoServerAnswered(reason=f"{upstream.server} answers a login with something else")
    apart = ("password", "devices", "place", "settings")
    return Proven({name: value for name, value in user.items() if name not in apart}, seat_told(user), upstream)


_KINDS: dict[int, type[Refusal]] = {400: BadRequest, 403: Forbidden, 404: NotFound, 409: InUse}


def _pass_on(status: int, told: dict[str, Any]) -> NoReturn:
    """The other server's refusal in its own words, with its ``statusCode`` (one of the vendor's table)."""
    if status == 401:
        refuse("refused by Recording Web Services")
    code, words = told.get("statusCode"), told.get("statusMessage")
    kind = _KINDS.get(status)
    if status == 429:
        raise TooMany(reason="Recording Web Services answer 429")
    if kind is None:
        raise NoServerAnswered(reason=f"Recording Web Services answer {status}")
    refusal = kind(words[:300] if isinstance(words, str) and words.isprintable() else None)
    if type(code) is int and 0 < code <= _LAST_CODE:
        refusal.code = code
    raise refusal


def _cookie(session: RecorderSession) -> str:
    try:
        return unseal(session.rws_cookie_sealed, **seal_place(session.key_hash)).decode()
    except SealBroken as broken:
        refuse(str(broken))


def _basic(pair: Pair) -> str:
    return "Basic " + base64.b64encode(f"{pair.login}:{pair.password}".encode()).decode()


def _page(origin: str) -> dict[str, str]:
    """The page that asks, for the lists of the central server hold there."""
    return {"Origin": origin} if origin else {}
