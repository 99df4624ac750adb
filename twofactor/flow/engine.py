"""The doors of the flow, the same for every face: REST, VoiceXML and the try-out page.

Each takes what the caller's system says and tells where the call stands. Raises ValidationRefused for what cannot be
taken, NoSuchSession for a session that this opener did not open, OutOfOrder and SessionEnded (both 409).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from django.utils import timezone

from config.http.errors import FieldError, ValidationRefused
from environment.models import Application
from twofactor.errors import NoSuchSession, SessionEnded
from twofactor.flow.answers import Answer
from twofactor.flow.calls import Call, State, call_of
from twofactor.flow.events import Event, Stage
from twofactor.flow.prompts import code_typed
from twofactor.flow.starting import start_checked
from twofactor.flow.table import run
from twofactor.models import FlowSession, Method
from twofactor.options import settings
from twofactor.selectors.customers import customer_of
from twofactor.services.private import Private, private_seal

_STAGES = {State.SELECT: Stage.SELECT, State.ENTER: Stage.ENTER, State.CHECK: Stage.CHECK}


def session_start(
    *,
    opener: str,
    face: str,
    application: Application,
    account: str,
    call_id: str = "",
    cli: str = "",
    dnis: str = "",
    test_call: bool = False,
    variables: Mapping[str, str] | None = None,
) -> Answer:
    """A new call: its contact methods are looked up, and with only one of them the code is on its way already."""
    given = dict(variables or {})
    start_checked(account=account, call_id=call_id, cli=cli, dnis=dnis, variables=given)
    customer = customer_of(application, account)
    session = FlowSession(
        application=application,
        face=face,
        opener=opener,
        # As the customer has it: spellings of one account share its counters.
        account=customer.account if customer else account,
        call_id=call_id,
        cli=cli,
        dnis=dnis,
        test_call=test_call,
        external=settings.CODE_GENERATION.of(application) == "external",
        ends_at=timezone.now() + timedelta(minutes=settings.SESSION_MINUTES.of(application)),
    )
    private = Private(given=given)
    session.private = private_seal(session, private)
    session.save(force_insert=True)
    call = Call(session, private, customer=customer)
    call.timeline.note("session.started", face=face, test_call=test_call)
    return _carried_out(call, Stage.START, Event.ARRIVE)


def method_choose(session_id: str, *, opener: str, choice: str | None = None, method: str | None = None) -> Answer:
    """What the caller pressed ("" for nothing), or a method by its name."""
    call = _open(session_id, opener)
    if method is not None:
        call.wanted = _offered(call, method)
    call.typed = (choice or "").strip()
    event = Event.NO_INPUT if method is None and not call.typed else Event.CHOICE
    return _run(call, event)


def code_enter(session_id: str, *, opener: str, code: str) -> Answer:
    """The digits that the caller entered ("" for nothing); blanks and one ``#`` at the end do not count."""
    call = _open(session_id, opener)
    call.typed = code_typed(code)
    return _run(call, Event.CODE if call.typed else Event.NO_INPUT)


def code_resend(session_id: str, *, opener: str, method: str | None = None) -> Answer:
    """Another code, perhaps by another method. Too early, the state stays and ``retry_after`` tells the seconds."""
    call = _open(session_id, opener)
    if method is not None:
        call.wanted = _offered(call, method)
    return _run(call, Event.RESEND)


def hangup(session_id: str, *, opener: str) -> Answer:
    """The caller is gone."""
    return _run(_open(session_id, opener), Event.HANG_UP)


def session_read(session_id: str, *, opener: str) -> Answer:
    """Where the call stands."""
    return _found(session_id, opener).answer()


def _run(call: Call, event: Event) -> Answer:
    return _carried_out(call, _STAGES[State(call.session.state)], event)


def _carried_out(call: Call, stage: Stage, event: Event) -> Answer:
    try:
        run(call, stage, event)
    finally:
        call.timeline.write()
    return call.answer()


def _open(session_id: str, opener: str) -> Call:
    call = _found(session_id, opener)
    if call.session.state == State.ENDED:
        raise SessionEnded
    return call


def _found(session_id: str, opener: str) -> Call:
    rows = FlowSession.objects.select_related("application")
    session = rows.filter(pk=session_id[:32], opener=opener).first() if len(session_id) == 32 else None
    if session is None:
        raise NoSuchSession
    call = call_of(session)
    if session.state != State.ENDED and session.ends_at <= timezone.now():
        run(call, _STAGES[State(session.state)], Event.TIME_OVER)
    return call


def _offered(call: Call, method: str) -> str:
    wanted = method.strip().casefold()
    if wanted not in call.session.offered:
        known = ", ".join(call.session.offered or Method.values)
        raise ValidationRefused(fields=[FieldError("method", "unknown", f"The methods offered are: {known}.")])
    return wanted
