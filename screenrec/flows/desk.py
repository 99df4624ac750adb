"""Login, ping, start and end of an agent's session, as a desktop asks for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.utils import timezone

from accounts.models import User
from config.http.errors import Unauthenticated
from environment.models import Place
from screenrec import options
from screenrec.errors import CsrfRefused, NoServerAnswered, OriginRefused
from screenrec.flows.elsewhere import (
    end_elsewhere,
    leave_elsewhere,
    ping_elsewhere,
    prove_elsewhere,
    turn_of,
)
from screenrec.flows.proving import (
    Pair,
    Servers,
    agent_key_of,
    elsewhere_key_of,
    names_agent_of,
    pair_is_remembered,
    pair_remember,
    refuse,
    servers_for,
    user_named,
    user_prove,
)
from screenrec.models import RecorderSession
from screenrec.records import LoginConfig, StartRequest, unknown_operation
from screenrec.selectors import (
    cause_of_death,
    csrf_matches,
    origin_is_allowed,
    session_of_agent,
    session_of_key,
    subresources,
    user_record,
)
from screenrec.services.seats import Seat, seat_find
from screenrec.services.sessions import (
    Agent,
    Channels,
    session_end,
    session_lapse,
    session_open,
    session_ping,
    session_revoke,
    session_start_channels,
    sessions_due,
)

End = RecorderSession.End


@dataclass(frozen=True, slots=True)
class Caller:
    """What a request brings: the page's origin, Basic pair, the session's cookie and CSRF token; "" or None without."""

    origin: str = ""
    pair: Pair | None = None
    cookie: str = ""
    csrf_token: str = ""


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """A session just begun or taken over, its key for the cookie, and ``user`` of the answer."""

    session: RecorderSession
    key: str
    user: dict[str, Any]


def log_in(caller: Caller, config: LoginConfig, *, csrf: bool, wanted: frozenset[str]) -> LoggedIn:
    """Prove the agent and begin his session; ``csrf`` when the desktop asked for a token, ``wanted`` subresources.

    Raises Unauthenticated, OriginRefused, ServerRefused, UnknownSeat, DeviceInUse, NoServerAnswered: then nothing is
    changed here.
    """
    pair = caller.pair or refuse("no Basic pair was sent")
    servers = servers_for(config)
    if servers.are_elsewhere:
        # Of two logins at once the later one's session is alive there: it must be the later one here too.
        with turn_of(elsewhere_key_of(pair)):
            session, key = _log_in_elsewhere(pair, servers, config, csrf=csrf, origin=caller.origin)
        return LoggedIn(session, key, told_user(session, wanted))
    agent = user_prove(pair)
    _judge_origin(caller.origin, agent.contact_center_id)
    home = agent.contact_center_id
    seat = seat_find(home, place=config.place, devices=config.devices) if home and config.names_a_seat else None
    session, key = session_open(agent, csrf=csrf, origin=caller.origin, seat=seat)
    return LoggedIn(session, key, told_user(session, wanted))


def _log_in_elsewhere(
    pair: Pair, servers: Servers, config: LoginConfig, *, csrf: bool, origin: str
) -> tuple[RecorderSession, str]:
    found = prove_elsewhere(pair, servers, config, origin=origin)
    agent = Agent(key=elsewhere_key_of(pair), name=str(pair.login), profile=found.profile)
    earlier = session_of_agent(agent.key)
    session, key = session_open(agent, csrf=csrf, origin=origin, seat=found.seat, upstream=found.upstream)
    leave_elsewhere(earlier, session, servers)
    pair_remember(pair, session)
    return session, key


def told_user(session: RecorderSession, wanted: frozenset[str] = frozenset()) -> dict[str, Any]:
    """``user`` of the session's agent, as he is now, with these subresources."""
    user = user_record(session.user) if session.user else session.profile | {"password": ""}
    return user | subresources(session, wanted)


def session_of(caller: Caller) -> RecorderSession:
    """The caller's open session, by his cookie, else by his pair. Raises Unauthenticated, OriginRefused."""
    session = _session_of_cookie(caller)
    if session is None and caller.pair:
        session = _session_of_pair(caller.pair, caller.origin)
    if session is None:
        refuse("no open session")
    _judge_origin_of(session, caller.origin)
    return session


def ping(caller: Caller) -> RecorderSession:
    """Restart the timer. Raises Unauthenticated, and closes the session, when it had run out."""
    session = session_of(caller)
    server = _ping_elsewhere(session, caller) if session.server else None
    if not session_ping(session, server=server):
        refuse("the session ended meanwhile")
    return session


def end(caller: Caller) -> RecorderSession:
    """``EndContactCenterSession``: gone at once, devices given back. Raises Unauthenticated, CsrfRefused."""
    session = session_of(caller)
    _judge_csrf(session, caller)
    if not session_end(session, End.LOGOUT):
        refuse("the session ended meanwhile")
    if session.server:
        end_elsewhere(session)
    return session


def revoke(session: RecorderSession, *, reason: str) -> None:
    """An administrator ends a session, here and where it was proven. Raises Forbidden."""
    if session_revoke(session, reason=reason) and session.server:
        end_elsewhere(session)


def lapse_due(limit: int) -> int:
    """End sessions whose time is over, at most ``limit``, here and where they were proven; how many."""
    ended = 0
    for session in sessions_due(limit):
        if session_lapse(session):
            ended += 1
            if session.server:
                end_elsewhere(session)
    return ended


def start(caller: Caller, request: StartRequest, *, csrf: bool) -> LoggedIn | None:
    """``StartContactCenterSession``: sit down at the place, else at the agent's own; a pair without a session logs in.

    Returns the login that it made. Raises UnknownOperation where another server knows the agents, UnknownSeat,
    DeviceInUse.
    """
    if options.ROLE.of() == "srs":
        raise unknown_operation("StartContactCenterSession")
    session = _session_of_cookie(caller)
    if session is None:
        agent = user_prove(caller.pair or refuse("neither cookie nor pair"))
        session = _alive(session_of_agent(agent.key))
        if session is None:
            return _start_anew(caller, request, agent, csrf=csrf)
    _judge_origin_of(session, caller.origin)
    _judge_csrf(session, caller)
    if session.user is None:
        raise unknown_operation("StartContactCenterSession")
    if not session_start_channels(session, seat=_seat_for(session.user, request), channels=_channels(request)):
        refuse("the session ended meanwhile")
    return None


def _start_anew(caller: Caller, request: StartRequest, agent: Agent, *, csrf: bool) -> LoggedIn:
    _judge_origin(caller.origin, agent.contact_center_id)
    seat = _seat_for(agent.user, request) if agent.user else None
    session, key = session_open(agent, csrf=csrf, origin=caller.origin, seat=seat)
    session_start_channels(session, seat=None, channels=_channels(request))
    return LoggedIn(session, key, told_user(session))


def _channels(request: StartRequest) -> Channels:
    return Channels(request.channels, request.login_code, request.queue)


def _seat_for(user: User, request: StartRequest) -> Seat | None:
    own: Place | None = user.default_place
    place = request.place or (own.name if own else "")
    if not place or user.contact_center_id is None:
        return None
    return seat_find(user.contact_center_id, place=place, devices=None)


def _alive(session: RecorderSession | None) -> RecorderSession | None:
    """The session, unless its time is over: then it is ended here and now."""
    if session is None or cause_of_death(session, timezone.now()) is None:
        return session
    if session_lapse(session) and session.server:
        end_elsewhere(session)
    return None


def _session_of_cookie(caller: Caller) -> RecorderSession | None:
    """The cookie's session, unless a pair beside it is another agent's: then the browser kept what he left behind."""
    session = _alive(session_of_key(caller.cookie))
    return None if session and caller.pair and not names_agent_of(caller.pair, session) else session


def _session_of_pair(pair: Pair, origin: str) -> RecorderSession | None:
    """The open session of the agent whom this pair proves. Raises Unauthenticated when it proves nobody.

    An agent of our own directory comes first: his pair is never shown to a server that another login named.
    """
    proves_here = options.ROLE.of() != "srs"
    elsewhere = _alive(session_of_agent(elsewhere_key_of(pair)))
    if elsewhere is not None and not (proves_here and _session_of_own(pair)):
        if not pair_is_remembered(pair, elsewhere):
            if ping_elsewhere(elsewhere, pair=pair, origin=origin) is None:
                raise NoServerAnswered(reason="nobody can prove the pair now")
            pair_remember(pair, elsewhere)
        return elsewhere
    if not proves_here:
        return None
    agent = user_prove(pair)
    return _alive(session_of_agent(agent.key))


def _session_of_own(pair: Pair) -> RecorderSession | None:
    """The session of the user of this server who is called so; nothing is proven by it."""
    user = user_named(pair)
    return session_of_agent(agent_key_of(user)) if user else None


def _ping_elsewhere(session: RecorderSession, caller: Caller) -> str | None:
    try:
        return ping_elsewhere(session, pair=None, origin=caller.origin)
    except Unauthenticated:
        session_end(session, End.RWS)
        raise


def _judge_csrf(session: RecorderSession, caller: Caller) -> None:
    if session.csrf and not csrf_matches(session, caller.csrf_token):
        raise CsrfRefused(reason="the session asked for a CSRF token")


def _judge_origin_of(session: RecorderSession, origin: str) -> None:
    """Of an agent whom another server knows, that server judged the page at the login: it must be the same one."""
    if session.user is not None:
        _judge_origin(origin, session.contact_center_id)
    elif origin and origin != session.origin:
        _judge_origin(origin, None)


def _judge_origin(origin: str, contact_center_id: UUID | None) -> None:
    if origin and not origin_is_allowed(origin, contact_center_id):
        raise OriginRefused(reason=f"{origin} is in no list of the agent's contact center")
