"""What our own three web services decide. The platform that asks leads the call; here nothing is sent unasked.

A Send and the checks that follow belong together by the session or call that the platform names, else by application
and account: then the newest call that has not ended counts. Limits are per account too, so that two calls of one
account double nothing.
"""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from environment.models import Application
from twofactor.flow.actions.issuing import ask_authenticator, send_from_here
from twofactor.flow.actions.verifying import is_right
from twofactor.flow.calls import Call, State, call_of
from twofactor.flow.events import Event, Next
from twofactor.flow.prompts import takes
from twofactor.flow.starting import start_checked
from twofactor.flow.usable import methods_of, usable_methods
from twofactor.models import FlowSession, Method
from twofactor.options import settings
from twofactor.selectors.customers import customer_of
from twofactor.services.budgets import checks_too_fast
from twofactor.services.codes import Refused, challenge_now, compare_nothing, try_missed, try_passed, try_reserve
from twofactor.services.private import Private, private_seal

SUCCESS, INCORRECT = "success", "incorrect code"
_SENT = {Event.ACCEPTED: SUCCESS, Event.FAILED: "delivery-failed", Event.SENDS_USED_UP: "sends-exhausted"}


def provider_methods(application: Application, account: str) -> list[tuple[str, str]]:
    """(Method, address or number) of what the account can use, "" for an authenticator; nothing of an unknown one."""
    private = Private()
    return [(method, private.destinations.get(method, "")) for method in _usable(application, account, private)]


def provider_send(
    *,
    application: Application,
    opener: str,
    account: str,
    session_key: str = "",
    call_id: str = "",
    cli: str = "",
    dnis: str = "",
    test_call: bool = False,
    method: str,
) -> str:
    """Send a code: ``success``, or one of ``services.OUTCOMES``. Raises ValidationRefused for texts of no use."""
    start_checked(account=account, call_id=session_key or call_id, cli=cli, dnis=dnis, variables={})
    call = _joined(application, opener, account, session_key or call_id)
    if call is None:
        call = _begun(application, opener, account, session_key or call_id, cli, dnis, test_call)
    try:
        return _sent(call, method)
    finally:
        call.timeline.write()


def provider_verify(
    *,
    application: Application,
    opener: str,
    account: str,
    session_key: str = "",
    call_id: str = "",
    cli: str = "",
    code: str,
) -> str:
    """Check a code: ``success``, ``incorrect code``, or one of ``services.OUTCOMES``."""
    call = _joined(application, opener, account, session_key or call_id)
    typed = "".join(code.split(" ")).removesuffix("#")
    if call is None or call.session.state != State.ENTER or not takes(application, call.session, typed):
        compare_nothing(typed)
        return INCORRECT
    call.typed = typed
    try:
        return _verified(call)
    finally:
        call.timeline.write()


def _sent(call: Call, method: str) -> str:
    if method not in call.session.offered:
        call.timeline.note("method.refused", method=method)
        return "no-method"
    if call.session.state == State.ENDED:
        return "sends-exhausted"
    call.session.method = method
    call.timeline.note("method.selected", method=method)
    following: Next = (ask_authenticator if method == Method.AUTHENTICATOR else send_from_here)(call)
    return _SENT.get(following[1], "limited") if following else "limited"


def _verified(call: Call) -> str:
    session = call.session
    if checks_too_fast(session):
        compare_nothing(call.typed)
        return "limited"
    tried = try_reserve(session, from_own_phone=call.is_from_own_phone)
    if isinstance(tried, Refused):
        return _not_looked_at(call, tried)
    call.trial = tried
    if is_right(call) and try_passed(session, tried.challenge, path=SUCCESS):
        call.timeline.note("verify.ok", method=session.method, ordinal=tried.challenge.ordinal)
        call.timeline.tell("authenticated")
        return SUCCESS
    try_missed(session, tried, from_own_phone=call.is_from_own_phone)
    call.timeline.note("verify.wrong", method=session.method, outcome=f"try {tried.attempt}")
    call.timeline.tell("refused", refusal="wrong code")
    return "attempts-exhausted" if tried.is_last else INCORRECT


def _not_looked_at(call: Call, tried: Refused) -> str:
    compare_nothing(call.typed)
    call.timeline.note(f"verify.{tried}", method=call.session.method)
    if tried == Refused.LOCKED:
        call.timeline.tell("locked", refusal="waits after wrong codes")
        return "locked"
    challenge = challenge_now(call.session)
    used_up = challenge is None or challenge.attempts >= challenge.max_attempts
    return "attempts-exhausted" if used_up else INCORRECT


def _joined(application: Application, opener: str, account: str, key: str) -> Call | None:
    """The call that goes on; of one that has ended in success another may follow."""
    mine = FlowSession.objects.select_related("application").filter(
        application=application, opener=opener, account=account, face=FlowSession.Face.SERVICES
    )
    if key:
        session = mine.filter(call_id=key).order_by("-started_at").first()
    else:
        session = mine.exclude(state=State.ENDED).order_by("-started_at").first()
    if session is None or session.authenticated_at is not None:
        return None
    if session.state != State.ENDED and session.ends_at <= timezone.now():
        call_of(session).end("hangup")
        return None
    return call_of(session)


def _begun(application: Application, opener: str, account: str, key: str, cli: str, dnis: str, test_call: bool) -> Call:
    private = Private()
    session = FlowSession(
        application=application,
        face=FlowSession.Face.SERVICES,
        opener=opener,
        account=account,
        call_id=key,
        cli=cli,
        dnis=dnis,
        test_call=test_call,
        state=State.SELECT,
        ends_at=timezone.now() + timedelta(minutes=settings.SESSION_MINUTES.of(application)),
    )
    session.offered = _usable(application, account, private)
    session.private = private_seal(session, private)
    session.save(force_insert=True)
    call = Call(session, private)
    call.timeline.note("session.started", face=session.face, test_call=test_call)
    return call


def _usable(application: Application, account: str, private: Private) -> list[str]:
    customer = customer_of(application, account)
    if customer is None:
        return []
    return usable_methods(application, private, methods_of(customer), external=False, enrolled=True)
