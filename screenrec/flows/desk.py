"""Login, ping, start and end of an agent's session, as a desktop asks for them."""

from __future__ import annotations

from dataclasses import dataclass
from time import monotonic
from typing import Any

from accounts.models import User
from config.http.errors import Unauthenticated
from environment.models import Place
from screenrec import options
from screenrec.flows.callers import (
    Caller,
    alive,
    judge_csrf,
    judge_origin,
    judge_origin_of,
    session_and_witness,
    session_of_cookie,
)
from screenrec.flows.elsewhere import end_elsewhere, leave_elsewhere, ping_elsewhere, prove_elsewhere
from screenrec.flows.proving import (
    Pair,
    Servers,
    elsewhere_key_of,
    pair_remember,
    refuse,
    servers_for,
    user_prove,
)
from screenrec.flows.turns import turn_of
from screenrec.models import RecorderSession
from screenrec.records import LoginConfig, StartRequest, unknown_operation
from screenrec.selectors import (
    session_of_agent,
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
    judge_origin(caller.origin, agent.contact_center_id)
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


def ping(caller: Caller) -> RecorderSession:
    """Restart the timer, here and where the session was proven. What ``session_and_witness`` raises.

    Unauthenticated also when the timer had run out, or the session there is over: then it is closed here too.
    """
    session, witness = session_and_witness(caller)
    server: str | None = witness
    # Whose pair its own server proved just now was pinged there by that very call.
    if session.server and witness != session.server:
        server = _ping_elsewhere(session, caller)
    if not session_ping(session, server=server):
        refuse("the session ended meanwhile")
    return session


def end(caller: Caller) -> RecorderSession:
    """``EndContactCenterSession``: gone at once, devices given back. Raises what
    ``session_and_witness`` does, and CsrfRefused."""
    session, _ = session_and_witness(caller)
    judge_csrf(session, caller)
    if not session_end(session, End.LOGOUT):
        refuse("the session ended meanwhile")
    end_elsewhere(session)
    return session


def revoke(session: RecorderSession, *, reason: str) -> None:
    """An administrator ends a session, here and where it was proven. Raises Forbidden."""
    if session_revoke(session, reason=reason):
        end_elsewhere(session)


def lapse_due(limit: int, *, seconds: float = 20) -> int:
    """End sessions whose time is over, at most ``limit``, here and where they were proven; how many.

    No more are begun after ``seconds``: a server that is away costs its timeout each time, and other jobs wait.
    """
    ended, until = 0, monotonic() + seconds
    for session in sessions_due(limit):
        if ended and monotonic() >= until:
            break
        if session_lapse(session):
            ended += 1
            end_elsewhere(session)
    return ended


def start(caller: Caller, request: StartRequest, *, csrf: bool) -> tuple[RecorderSession, str | None]:
    """``StartContactCenterSession``: sit down at the place, else at the agent's own; a pair without a session logs in.

    Returns the session, and its key when it was begun here. Raises UnknownOperation where another server knows the
    agents (a request of a wrong shape was refused before), Unauthenticated, Busy, OriginRefused, CsrfRefused,
    UnknownSeat, DeviceInUse.
    """
    if options.ROLE.of() == "srs":
        raise unknown_operation("StartContactCenterSession")
    session = session_of_cookie(caller)
    if session is None:
        agent = user_prove(caller.pair or refuse("neither cookie nor pair"))
        session = alive(session_of_agent(agent.key))
        if session is None:
            judge_origin(caller.origin, agent.contact_center_id)
            seat = _seat_for(agent.user, request) if agent.user else None
            return session_open(agent, csrf=csrf, origin=caller.origin, seat=seat, channels=_channels(request))
    judge_origin_of(session, caller.origin)
    judge_csrf(session, caller)
    if session.user is None:
        raise unknown_operation("StartContactCenterSession")
    if not session_start_channels(session, seat=_seat_for(session.user, request), channels=_channels(request)):
        refuse("the session ended meanwhile")
    return session, None


def _channels(request: StartRequest) -> Channels:
    return Channels(request.channels, request.login_code, request.queue)


def _seat_for(user: User, request: StartRequest) -> Seat | None:
    own: Place | None = user.default_place
    place = request.place or (own.name if own else "")
    if not place or user.contact_center_id is None:
        return None
    return seat_find(user.contact_center_id, place=place, devices=None)


def _ping_elsewhere(session: RecorderSession, caller: Caller) -> str | None:
    try:
        return ping_elsewhere(session, pair=None, origin=caller.origin)
    except Unauthenticated:
        session_end(session, End.RWS)
        raise
