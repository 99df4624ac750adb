"""What our own three web services decide. The platform that asks leads the call; here nothing is sent unasked.

A Send and the checks that follow belong together by the session or call that the platform names, else by application
and account: then the newest call that has not ended counts. Limits are per account too, so that two calls of one
account double nothing.
"""

from __future__ import annotations

from datetime import timedelta
from functools import reduce
from operator import or_

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from config.http.errors import TooMany
from environment.models import Application
from twofactor.errors import OutOfOrder, SessionEnded
from twofactor.flow.actions.issuing import ask_authenticator, send_from_here
from twofactor.flow.actions.verifying import is_right
from twofactor.flow.calls import Call, State, call_of
from twofactor.flow.events import Event, Next
from twofactor.flow.prompts import code_typed, takes
from twofactor.flow.starting import start_checked
from twofactor.flow.usable import methods_of, usable_methods
from twofactor.models import Customer, FlowSession, Method
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
    start_checked(account=account, call_id=call_id, cli=cli, dnis=dnis, variables={})
    start_checked(account=account, call_id=session_key, cli="", dnis="", variables={})
    call = _joined_or_begun(
        FlowSession(
            application=application,
            face=FlowSession.Face.SERVICES,
            opener=opener,
            account=account,
            call_id=call_id,
            platform_id=session_key,
            cli=cli,
            dnis=dnis,
            test_call=test_call,
            state=State.SELECT,
            ends_at=timezone.now() + timedelta(minutes=settings.SESSION_MINUTES.of(application)),
        )
    )
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
    test_call: bool = False,
    code: str,
) -> str:
    """Check a code: ``success``, ``incorrect code``, or one of ``services.OUTCOMES``. Raises TooMany."""
    asked = FlowSession(
        application=application,
        opener=opener,
        account=_known_as(customer_of(application, account), account),
        call_id=call_id,
        platform_id=session_key,
        cli=cli,
        test_call=test_call,
    )
    call = _joined(asked)
    typed = code_typed(code)
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
    call.session.method = method
    call.timeline.note("method.selected", method=method)
    try:
        following: Next = (ask_authenticator if method == Method.AUTHENTICATOR else send_from_here)(call)
    except (OutOfOrder, SessionEnded):
        # Another Send of the same call was first, and its code is on its way.
        return "limited"
    return _SENT.get(following[1], "limited") if following else "limited"


def _verified(call: Call) -> str:
    session = call.session
    if wait := checks_too_fast(session):
        raise TooMany(retry_after=wait, reason=f"checks of {session.opener}")
    tried = try_reserve(session, from_own_phone=call.is_from_own_phone)
    if isinstance(tried, Refused):
        return _not_looked_at(call, tried)
    call.trial = tried
    if is_right(call):
        if not try_passed(session, tried.challenge, path=SUCCESS):
            call.timeline.note("verify.replay", ordinal=tried.challenge.ordinal)
            return INCORRECT
        call.timeline.note("verify.ok", method=session.method, ordinal=tried.challenge.ordinal)
        call.timeline.note("path.taken", outcome=SUCCESS)
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


def _joined(asked: FlowSession) -> Call | None:
    """The platform's call that goes on: by its session, by its call, else the newest of the account."""
    mine = FlowSession.objects.select_related("application").filter(
        application=asked.application,
        opener=asked.opener,
        account=asked.account,
        face=FlowSession.Face.SERVICES,
    )
    mine = mine.exclude(state=State.ENDED).order_by("-started_at")
    names = {"platform_id": asked.platform_id, "call_id": asked.call_id}
    by_name = [Q(**{name: value}) for name, value in names.items() if value]
    if not by_name:
        # Nobody joins the call of another number, where both tell theirs, and no production call a test.
        mine = mine.filter(test_call=asked.test_call)
        mine = mine.filter(cli__in=(asked.cli, "")) if asked.cli else mine
    session = mine.filter(reduce(or_, by_name)).first() if by_name else mine.first()
    if session is None:
        return None
    if session.ends_at <= timezone.now():
        call_of(session).end("hangup")
        return None
    return call_of(session)


def _joined_or_begun(asked: FlowSession) -> Call:
    """As ``_joined``, or a new call: of two first Sends at once, only one begins it."""
    with transaction.atomic():
        # Whoever comes second waits here, and then finds the first one's call.
        customer = customer_of(asked.application, asked.account)
        asked.account = _known_as(customer, asked.account)
        if customer is not None:
            Customer.objects.select_for_update().filter(pk=customer.pk).values_list("pk").first()
        call = _joined(asked)
        if call is not None:
            return call
        private = Private()
        asked.offered = _usable(asked.application, asked.account, private)
        asked.private = private_seal(asked, private)
        asked.save(force_insert=True)
    call = Call(asked, private)
    call.timeline.note("session.started", face=asked.face, test_call=asked.test_call)
    return call


def _known_as(customer: Customer | None, account: str) -> str:
    """The account as the customer has it: all its spellings share its counters."""
    return customer.account if customer else account


def _usable(application: Application, account: str, private: Private) -> list[str]:
    customer = customer_of(application, account)
    if customer is None:
        return []
    return usable_methods(application, private, methods_of(customer), external=False, enrolled=True)
