"""Delivering one code: the channel's gateways in their order, within the caller's time (reference part E.7)."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from time import monotonic, sleep

import structlog

from config.outgoing.wire import Deadline
from twofactor.delivery.gateways import gateway_named, gateways_of, own_milliseconds
from twofactor.delivery.messages import CodeMessage, Verdict
from twofactor.delivery.numbers import refusal_of_number, region_of
from twofactor.delivery.outcomes import Outcome, Tried
from twofactor.delivery.wording import text_of
from twofactor.fixed_codes import fixed_code_of
from twofactor.models import Delivery, Method
from twofactor.options.settings import TEST_DELIVERY
from twofactor.services.deliveries import Place, delivery_begin, delivery_end, delivery_record

TRIES = 2
"""Of one gateway: a failure that may pass is tried once more."""
JITTER = (0.1, 0.4)
"""Seconds before that, so that many do not come back at the same moment."""
LEAST = 0.05
"""Seconds without which no further try is begun."""
_log = structlog.get_logger("deskgate.two_factor")


@dataclass(frozen=True, slots=True)
class Tries:
    """What all gateways together came to, and each try with its row."""

    verdict: Verdict
    made: tuple[tuple[Delivery, Tried], ...] = field(default=(), repr=False)


def deliver(message: CodeMessage, *, seconds: float) -> Verdict:
    """Send a code by its channel's gateways within ``seconds``, all tries together.

    A failure that may pass is tried once more; then, as after a refusal of our configuration and a block, the next
    gateway is asked, with the same code. A refusal of the destination ends it, and so does a try whose fate is
    unknown: it may have arrived. Each try leaves a Delivery row. Not to be called inside ``atomic()``. Raises nothing
    for what gateways do.
    """
    return tries_of(message, seconds=seconds).verdict


def tries_of(message: CodeMessage, *, seconds: float) -> Tries:
    """As ``deliver``, with the tries: for the page of administrators that sends a test."""
    if message.test_call and not _is_really_sent(message):
        return _without_sending(message, "test", Tried(Outcome.ACCEPTED, "a test call: nothing was sent"))
    prefix = ""
    if message.method == Method.SMS:
        refusal = refusal_of_number(message.to, message.application)
        if refusal:
            return _without_sending(message, "none", Tried(Outcome.PERMANENT, refusal))
        prefix = region_of(message.to)
    made = tuple(_made(message, prefix, seconds))
    if not made:
        return _without_sending(message, "none", Tried(Outcome.CONFIGURATION, "no gateway, or no time for one"))
    last = made[-1][1].outcome
    return Tries({Outcome.ACCEPTED: Verdict.ACCEPTED, Outcome.UNKNOWN: Verdict.UNKNOWN}.get(last, Verdict.FAILED), made)


def _is_really_sent(message: CodeMessage) -> bool:
    """Whether this test call's code goes to a gateway. Destinations with a fixed code never get anything."""
    if TEST_DELIVERY.of(message.application) != "gateways":
        return False
    return not fixed_code_of(message.application, message.to)


def _without_sending(message: CodeMessage, gateway: str, tried: Tried) -> Tries:
    row = delivery_record(message=message, place=Place(gateway), tried=tried)
    verdict = Verdict.ACCEPTED if tried.outcome == Outcome.ACCEPTED else Verdict.FAILED
    return Tries(verdict, ((row, tried),))


def _made(message: CodeMessage, prefix: str, seconds: float) -> Iterator[tuple[Delivery, Tried]]:
    """The tries, one after the other, until one settles it or the time is over."""
    until, text, attempt = monotonic() + seconds, text_of(message), 0
    for name in gateways_of(message):
        for again in range(TRIES):
            if again:
                sleep(min(random.uniform(*JITTER), max(until - monotonic(), 0)))  # noqa: S311 - no secret
            left = until - monotonic()
            if left < LEAST:
                return
            attempt += 1
            row, tried = _one(message, Place(name, attempt, prefix), text, left)
            yield row, tried
            if tried.outcome in (Outcome.ACCEPTED, Outcome.UNKNOWN, Outcome.PERMANENT):
                return
            if tried.outcome != Outcome.TRANSIENT:
                break


def _one(message: CodeMessage, place: Place, text: str, left: float) -> tuple[Delivery, Tried]:
    row = delivery_begin(message=message, place=place)
    seconds = min(left, own_milliseconds(place.gateway, message) / 1000)
    begun = monotonic()
    tried = gateway_named(place.gateway)(message, text=text, delivery_id=row.pk, deadline=Deadline(seconds))
    ms = round((monotonic() - begun) * 1000)
    _log.info("delivery", gateway=place.gateway, outcome=str(tried.outcome), status=tried.status, ms=ms, id=row.pk)
    return delivery_end(delivery=row, tried=tried, ms=ms), tried
