"""VERIFY: a try is reserved, compared and, when right, used up. Wrong, expired and locked have the same words."""

from __future__ import annotations

from time import monotonic

from config.http.errors import TooMany
from twofactor.flow.actions.ending import end_by_wrong
from twofactor.flow.calls import Call
from twofactor.flow.events import Event, Next, Stage
from twofactor.flow.prompts import WRONG
from twofactor.flow.service_calls import service_caller
from twofactor.models import Method
from twofactor.selectors.customers import customer_of
from twofactor.services.authenticators import authenticator_verify
from twofactor.services.budgets import checks_too_fast
from twofactor.services.codes import (
    Refused,
    Trial,
    code_is_right,
    compare_nothing,
    session_codes_end,
    try_missed,
    try_passed,
    try_reserve,
    try_unknown,
)
from twofactor.webservices.client import ServiceFailed, verify_code


def look_at_code(call: Call) -> Next:
    """It has the form of a code. Raises TooMany when the caller's system asks more often than it may."""
    if wait := checks_too_fast(call.session):
        raise TooMany(retry_after=wait, reason=f"checks of {call.session.opener}")
    return Stage.VERIFY, Event.ARRIVE


def verify_here(call: Call) -> Next:
    """Internal codes, and those of authenticators enrolled here."""
    refused = _reserve(call)
    if refused is not None:
        return refused
    right = is_right(call)
    return Stage.VERIFY, Event.SUCCESS if right else Event.INCORRECT


def verify_by_service(call: Call) -> Next:
    """External: the try stays counted, whatever comes back; a check is never repeated (row 35)."""
    refused = _reserve(call)
    if refused is not None:
        return refused
    begun = monotonic()
    try:
        status = verify_code(service_caller(call), call.typed, seconds=call.left())
    except ServiceFailed as failed:
        call.timeline.note("ws.verify", outcome=failed.reason, ms=round((monotonic() - begun) * 1000))
        try_unknown(call.session, from_own_phone=call.is_from_own_phone)
        return Stage.VERIFY, Event.FAILED
    call.timeline.note("ws.verify", outcome=status, ms=round((monotonic() - begun) * 1000))
    call.status = status
    known = {"success": Event.SUCCESS, "incorrect code": Event.INCORRECT}
    if status not in known:
        try_unknown(call.session, from_own_phone=call.is_from_own_phone)
    return Stage.VERIFY, known.get(status, Event.STATUS)


def is_right(call: Call) -> bool:
    """Compare the reserved try with what it is about."""
    challenge = _reserved(call).challenge
    if challenge.method != Method.AUTHENTICATOR:
        return code_is_right(challenge, call.private.destinations.get(challenge.method, ""), call.typed)
    customer = customer_of(call.application, call.session.account)
    return customer is not None and authenticator_verify(customer, call.typed)


def pass_(call: Call) -> Next:
    """The one right try ends the call; one that comes second does not (replay)."""
    challenge = _reserved(call).challenge
    if not try_passed(call.session, challenge, path="success"):
        call.timeline.note("verify.replay", ordinal=challenge.ordinal)
        call.read_again()
        return Stage.VERIFY, Event.DEAD
    call.read_again()
    call.timeline.note("verify.ok", method=call.session.method, ordinal=challenge.ordinal)
    call.timeline.note("path.taken", outcome="success")
    call.timeline.tell("authenticated")
    return None


def wrong(call: Call) -> Next:
    """Count it against the account, and burn a code that has no tries left."""
    trial = _reserved(call)
    try_missed(call.session, trial, from_own_phone=call.is_from_own_phone)
    call.timeline.note("verify.wrong", method=call.session.method, outcome=f"try {trial.attempt}")
    call.timeline.tell("refused", refusal="wrong code")
    call.words = WRONG
    return Stage.VERIFY, Event.WRONG_LAST if trial.is_last else Event.WRONG


def try_again(call: Call) -> None:
    """The same prompt, with the words for a wrong code."""
    call.move(call.session.state, input_rounds=0)
    call.words = WRONG


def refuse_expired(call: Call) -> Next:
    """Its time is over: another one is made, and the caller hears the words for a wrong code."""
    compare_nothing(call.typed)
    call.timeline.note("verify.expired", method=call.session.method)
    call.words = WRONG
    return Stage.VERIFY, Event.EXPIRED


def refuse_used_up(call: Call) -> Next:
    """As after the last wrong code."""
    compare_nothing(call.typed)
    call.timeline.note("verify.exhausted", method=call.session.method)
    session_codes_end(call.session)
    call.words = WRONG
    return Stage.VERIFY, Event.WRONG_LAST


def refuse_dead(call: Call) -> None:
    """Superseded, used or used up: no comparison, the words for a wrong code."""
    compare_nothing(call.typed)
    call.timeline.note("verify.dead", method=call.session.method)
    try_again(call)


def refuse_locked(call: Call) -> None:
    """A counter of the account or number is full: no comparison, as after the last wrong code (row 39)."""
    compare_nothing(call.typed)
    call.timeline.note("verify.locked", method=call.session.method)
    call.timeline.tell("locked", refusal="waits after wrong codes")
    end_by_wrong(call)


def _reserve(call: Call) -> Next:
    tried = try_reserve(call.session, from_own_phone=call.is_from_own_phone)
    if isinstance(tried, Trial):
        call.trial = tried
        return None
    return Stage.VERIFY, Event.LOCKED if tried == Refused.LOCKED else Event.DEAD


def _reserved(call: Call) -> Trial:
    if call.trial is None:
        raise AssertionError("a try is reserved before it is looked at")
    return call.trial
