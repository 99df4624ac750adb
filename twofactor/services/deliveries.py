"""Rows of tries. One is written before the gateway is called, for its id is in the address that Twilio reports to,
and a report may be faster than the answer."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils import timezone

from twofactor.delivery.messages import CodeMessage
from twofactor.delivery.outcomes import Outcome, Tried
from twofactor.masking import mask
from twofactor.models import Delivery


@dataclass(frozen=True, slots=True)
class Place:
    """Which try it is: the gateway, its number, and the region of the telephone number ("" for none)."""

    gateway: str
    attempt: int = 1
    prefix: str = ""


def delivery_begin(*, message: CodeMessage, place: Place) -> Delivery:
    """The row of a try that is about to be made. Should the process die, its outcome is unknown, which is true."""
    return Delivery.objects.create(
        application=message.application,
        challenge=message.challenge,
        channel=message.method,
        gateway=place.gateway,
        attempt=place.attempt,
        prefix=place.prefix,
        destination_mask=mask(message.method, message.to),
        outcome=Outcome.UNKNOWN,
        test_call=message.test_call,
        made_at=timezone.now(),
    )


def delivery_end(*, delivery: Delivery, tried: Tried, ms: int) -> Delivery:
    """How it went. What was reported meanwhile stays."""
    delivery.outcome, delivery.http_status, delivery.detail = tried.outcome, tried.status, tried.detail[:200]
    changed = ["outcome", "http_status", "detail", "ms"]
    delivery.ms = ms
    if tried.provider_id:
        delivery.provider_id = tried.provider_id[:64]
        changed.append("provider_id")
    if tried.provider_code:
        delivery.provider_code = tried.provider_code[:64]
        changed.append("provider_code")
    delivery.save(update_fields=changed)
    return delivery


def delivery_record(*, message: CodeMessage, place: Place, tried: Tried) -> Delivery:
    """The row of something that took no time: a test, a refusal of ours."""
    return delivery_end(delivery=delivery_begin(message=message, place=place), tried=tried, ms=0)
