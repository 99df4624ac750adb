"""Who asks: what a request brings, the open session behind it, and whether its page and token may use that."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.utils import timezone

from screenrec import options
from screenrec.errors import CsrfRefused, NoServerAnswered, OriginRefused
from screenrec.flows.elsewhere import end_elsewhere, ping_elsewhere
from screenrec.flows.proving import (
    Pair,
    agent_key_of,
    elsewhere_key_of,
    names_agent_of,
    pair_is_remembered,
    pair_remember,
    refuse,
    user_named,
    user_prove,
)
from screenrec.models import RecorderSession
from screenrec.selectors import cause_of_death, csrf_matches, origin_is_allowed, session_of_agent, session_of_key
from screenrec.services.sessions import session_lapse


@dataclass(frozen=True, slots=True)
class Caller:
    """What a request brings: the page's origin, Basic pair, the session's cookie and CSRF token; "" or None without."""

    origin: str = ""
    pair: Pair | None = None
    cookie: str = ""
    csrf_token: str = ""


def session_and_witness(caller: Caller) -> tuple[RecorderSession, str | None]:
    """The caller's open session, by his cookie, else by his pair; and the other server that proved the pair just now.

    Raises Unauthenticated, OriginRefused; Busy when too many pairs are proven at once; NoServerAnswered when the pair
    is to be proven elsewhere and nobody is there.
    """
    session, witness = session_of_cookie(caller), None
    if session is None and caller.pair:
        session, witness = _session_of_pair(caller.pair, caller.origin)
    if session is None:
        refuse("no open session")
    judge_origin_of(session, caller.origin)
    return session, witness


def session_of_cookie(caller: Caller) -> RecorderSession | None:
    """The cookie's session, unless a pair beside it is another agent's: then the browser kept what he left behind."""
    session = alive(session_of_key(caller.cookie))
    return None if session and caller.pair and not names_agent_of(caller.pair, session) else session


def _session_of_pair(pair: Pair, origin: str) -> tuple[RecorderSession | None, str | None]:
    """The open session of the agent whom this pair proves, and the other server that proved it just now.

    An agent of our own directory comes first: his pair is never shown to a server that another login named.

    Raises Unauthenticated when it proves nobody, Busy, NoServerAnswered.
    """
    proves_here = options.ROLE.of() != "srs"
    elsewhere = alive(session_of_agent(elsewhere_key_of(pair)))
    if elsewhere is not None and not (proves_here and _session_of_own(pair)):
        witness = None
        if not pair_is_remembered(pair, elsewhere):
            witness = ping_elsewhere(elsewhere, pair=pair, origin=origin)
            if witness is None:
                raise NoServerAnswered(reason="nobody can prove the pair now")
            pair_remember(pair, elsewhere)
        return elsewhere, witness
    if not proves_here:
        return None, None
    agent = user_prove(pair)
    return alive(session_of_agent(agent.key)), None


def _session_of_own(pair: Pair) -> RecorderSession | None:
    """The session of the user of this server who is called so; nothing is proven by it."""
    user = user_named(pair)
    return session_of_agent(agent_key_of(user)) if user else None


def alive(session: RecorderSession | None) -> RecorderSession | None:
    """The session, unless its time is over: then it is ended here and now."""
    if session is None or cause_of_death(session, timezone.now()) is None:
        return session
    if session_lapse(session):
        end_elsewhere(session)
    return None


def judge_csrf(session: RecorderSession, caller: Caller) -> None:
    """Raises CsrfRefused where the session has a token and the request does not bring it."""
    if session.csrf and not csrf_matches(session, caller.csrf_token):
        raise CsrfRefused(reason="the session asked for a CSRF token")


def judge_origin_of(session: RecorderSession, origin: str) -> None:
    """Of an agent whom another server knows, that server judged the page at the login: it must be the same one.

    Raises OriginRefused.
    """
    if session.user is not None:
        judge_origin(origin, session.contact_center_id)
    elif origin and origin != session.origin:
        judge_origin(origin, None)


def judge_origin(origin: str, contact_center_id: UUID | None) -> None:
    """Of an agent of this contact center. Raises OriginRefused."""
    if origin and not origin_is_allowed(origin, contact_center_id):
        raise OriginRefused(reason=f"{origin} is in no list of the agent's contact center")
