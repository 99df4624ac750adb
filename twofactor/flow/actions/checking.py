"""START and CHECK: whether the caller passed already, and which contact methods there are."""

from __future__ import annotations

from time import monotonic

from django.db import transaction
from django.utils import timezone

from twofactor.flow.calls import Call, State
from twofactor.flow.events import Event, Next, Stage
from twofactor.flow.service_calls import service_caller
from twofactor.flow.usable import methods_of, usable_methods
from twofactor.models import FlowSession
from twofactor.options import external, services
from twofactor.selectors.customers import has_authenticator
from twofactor.webservices.client import ServiceFailed, check_methods


def skip(call: Call) -> None:
    """Success without another proof."""
    call.timeline.note("skip.used")
    call.timeline.tell("skipped")
    with transaction.atomic():
        FlowSession.objects.filter(pk=call.session.pk).update(skipped=True, authenticated_at=timezone.now())
        call.end("success")


def ask_for_methods(call: Call) -> Next:
    """The application's own web service; without one, the customers that are known here."""
    url = external.CHECK_URL_TEST if call.session.test_call else external.CHECK_URL
    return _asked_there(call) if url.of(call.application) else _asked_here(call)


def offer(call: Call) -> Next:
    """Go on with the usable methods."""
    call.move(State.SELECT, offered=call.session.offered)
    return Stage.SELECT, Event.ARRIVE


def _asked_there(call: Call) -> Next:
    begun = monotonic()
    try:
        found = check_methods(service_caller(call), seconds=call.left())
    except ServiceFailed as failed:
        call.timeline.note("ws.check", outcome=failed.reason, ms=_ms(begun))
        return Stage.CHECK, Event.FAILED
    call.timeline.note("ws.check", outcome=found.status, ms=_ms(begun), methods=[one for one, _ in found.methods])
    call.status = found.status
    if found.status == "success":
        customer = call.customer
        _keep(call, list(found.methods), enrolled=customer is not None and has_authenticator(customer))
        return Stage.CHECK, Event.SUCCESS
    return Stage.CHECK, Event.NOT_FOUND if found.status == "not found" else Event.STATUS


def _asked_here(call: Call) -> Next:
    customer = call.customer
    if customer is None:
        call.timeline.note("methods.checked", outcome="not found")
        return Stage.CHECK, Event.NOT_FOUND
    _keep(call, methods_of(customer), enrolled=True)
    if not services.REVEAL_VALUES.of(call.application):
        call.private.set.clear()
    return Stage.CHECK, Event.SUCCESS


def _keep(call: Call, offered: list[tuple[str, str]], *, enrolled: bool) -> None:
    call.session.offered = usable_methods(
        call.application, call.private, offered, external=call.session.external, enrolled=enrolled
    )
    dropped = [method for method, _value in offered if method not in call.session.offered]
    private = call.private
    # A value of the service wins over the variable that came with the call (F 11).
    replaced = [name for name, value in private.set.items() if private.given.get(name, value) != value]
    call.timeline.note(
        "methods.checked", outcome="success", offered=call.session.offered, dropped=dropped, replaced=replaced
    )


def _ms(begun: float) -> int:
    return round((monotonic() - begun) * 1000)
