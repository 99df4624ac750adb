"""ISSUE: a code is reserved, made and delivered, or the customer's service is asked to; no transaction is open then."""

from __future__ import annotations

from datetime import timedelta
from time import monotonic

from twofactor.delivery.delivering import deliver
from twofactor.delivery.messages import CodeMessage, Verdict
from twofactor.errors import OutOfOrder, SessionEnded
from twofactor.fixed_codes import fixed_code_of
from twofactor.flow.actions.selecting import VARIABLE, select
from twofactor.flow.calls import Call, State
from twofactor.flow.events import Event, Next, Stage
from twofactor.flow.guards import chosen
from twofactor.flow.prompts import NOT_SENT, WAIT
from twofactor.flow.service_calls import service_caller
from twofactor.models import Challenge, Method
from twofactor.options import external, internal, limits, settings
from twofactor.services.challenges import Made, Wanted, challenge_failed, challenge_make, challenge_sent, code_make
from twofactor.services.codes import challenge_now
from twofactor.services.private import private_of, private_seal
from twofactor.webservices.client import SPELLINGS, ServiceFailed, send_code


def send_from_here(call: Call) -> Next:
    """Internal: reserve, then deliver while the caller waits."""
    made = reserve(call, code=test_code(call) or code_make(internal.DIGITS.of(call.application)))
    if made.challenge is None:
        return _refused(call, made)
    verdict = deliver(
        CodeMessage(
            application=call.application,
            method=Method(call.session.method),
            to=call.destination,
            code=made.code,
            challenge=made.challenge,
            ordinal=made.challenge.ordinal,
            minutes=internal.EXPIRY_MINUTES.of(call.application),
            test_call=call.session.test_call,
            variables=call.private.given | call.private.set,
        ),
        seconds=call.left(),
    )
    return _sent(call, made.challenge, verdict)


def send_by_service(call: Call) -> Next:
    """External: the customer's service sends. A time-out may mean that it did."""
    made = reserve(call)
    if made.challenge is None:
        return _refused(call, made)
    begun = monotonic()
    try:
        status = send_code(service_caller(call), call.session.method, seconds=call.left())
    except ServiceFailed as failed:
        _told(call, made.challenge, "ws.send", failed.reason, begun)
        return _sent(call, made.challenge, Verdict.UNKNOWN if failed.reason == "timeout" else Verdict.FAILED)
    _told(call, made.challenge, "ws.send", status, begun)
    if status == "success":
        challenge_sent(made.challenge)
        return Stage.ISSUE, Event.SUCCESS
    call.status = status
    call.challenge = made.challenge
    return Stage.ISSUE, Event.INCORRECT if status == "incorrect code" else Event.STATUS


def ask_authenticator(call: Call) -> Next:
    """Nothing is sent; a round counts as a send (F 5, F 6)."""
    made = reserve(call)
    if made.challenge is None:
        return _refused(call, made)
    challenge_sent(made.challenge)
    call.timeline.note("round.begun", method=call.session.method, ordinal=made.challenge.ordinal)
    return Stage.ISSUE, Event.ACCEPTED


def prompt_code(call: Call) -> None:
    """Wait for the code."""
    call.read_again()
    call.is_fresh = True


def keep_old_code(call: Call) -> None:
    """Nothing new is sent; what the caller has stays good (row 13)."""
    _read_again(call)
    call.words = WAIT


def keep_old_code_unsent(call: Call) -> None:
    """A send that failed takes nothing from the code that arrived before: its method is the call's again."""
    _read_again(call)
    old = challenge_now(call.session)
    if old is not None and old.method != call.session.method:
        call.private.set[VARIABLE] = SPELLINGS[old.method]
        call.move(State.ENTER, method=old.method)
    call.words = NOT_SENT


def drop_method(call: Call) -> Next:
    """Go on with the methods that are left."""
    rest = [method for method in call.session.offered if method != call.session.method]
    call.words = NOT_SENT
    call.move(State.SELECT, offered=rest)
    return Stage.SELECT, Event.ARRIVE


def as_failed(call: Call) -> Next:
    """A status that says nothing which a send can mean (F 9)."""
    if call.challenge is not None:
        challenge_failed(call.challenge, give_back=settings.MAX_DELIVERY_FAILURES.of(call.application))
    call.read_again()
    return Stage.ISSUE, Event.FAILED


def issue_again(call: Call) -> Next:
    """The caller asked for another code, perhaps by another method."""
    if call.wanted:
        return select(call, chosen(call))
    return Stage.ISSUE, Event.ARRIVE


def issue_new(call: Call) -> Next:
    """Seed 004, step 6: another code, without being asked."""
    call.is_automatic = True
    return Stage.ISSUE, Event.ARRIVE


def reserve(call: Call, *, code: str = "") -> Made:
    """The send and its challenge; raises when another request was first. Raises OutOfOrder, SessionEnded."""
    app, session = call.application, call.session
    sends = session.method != Method.AUTHENTICATOR
    made_here = timedelta(minutes=internal.EXPIRY_MINUTES.of(app))
    made_there = timedelta(milliseconds=external.ROUND_MILLISECONDS.of(app))
    wanted = Wanted(
        method=session.method,
        destination=call.destination if sends else "",
        code=code,
        life=made_there if session.external else made_here,
        max_sends=settings.MAX_SENDS.of(app),
        max_verify=settings.MAX_VERIFY.of(app),
        cool_down=timedelta(seconds=0 if call.is_automatic else limits.COOL_DOWN.of(app)) if sends else None,
        private=private_seal(session, call.private),
        from_own_phone=call.is_from_own_phone,
        unasked=call.is_automatic,
    )
    made = challenge_make(session, wanted=wanted)
    if made.refused == "state":
        call.read_again()
        raise SessionEnded if session.state == State.ENDED else OutOfOrder
    if made.challenge is not None:
        call.read_again()
    return made


def test_code(call: Call) -> str:
    """The fixed code of a test destination, on test calls only; "" of any other."""
    return fixed_code_of(call.application, call.destination) if call.session.test_call else ""


def _read_again(call: Call) -> None:
    """What was chosen for a code that was not sent is taken back."""
    call.read_again()
    call.private = private_of(call.session)


def _refused(call: Call, made: Made) -> Next:
    call.timeline.note("limit.hit", outcome=made.refused, method=call.session.method, wait=made.retry_after)
    call.retry_after = made.retry_after
    return Stage.ISSUE, Event.SENDS_USED_UP if made.refused == "sends" else Event.LIMITED


def _sent(call: Call, challenge: Challenge, verdict: Verdict) -> Next:
    call.timeline.note("code.sent", outcome=verdict, method=challenge.method, ordinal=challenge.ordinal)
    if verdict == Verdict.FAILED:
        call.challenge = challenge
        return as_failed(call)
    challenge_sent(challenge)
    return Stage.ISSUE, Event.ACCEPTED


def _told(call: Call, challenge: Challenge, name: str, outcome: str, begun: float) -> None:
    ms = round((monotonic() - begun) * 1000)
    call.timeline.note(name, outcome=outcome, method=challenge.method, ordinal=challenge.ordinal, ms=ms)
