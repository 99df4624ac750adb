"""How one try of one gateway went, and what every gateway is to the loop that calls them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from config.outgoing import OutgoingFailed, OutgoingRefused
from config.outgoing.wire import Deadline
from twofactor.delivery.messages import CodeMessage
from twofactor.models import Delivery

Outcome = Delivery.Outcome


@dataclass(frozen=True, slots=True)
class Tried:
    """One try. ``status`` is HTTP's or SMTP's; ``detail`` is in our own words; ``body`` is what the gateway answered,
    for the test page of installation administrators only, never stored."""

    outcome: Outcome
    detail: str = ""
    status: int | None = None
    provider_id: str = ""
    provider_code: str = ""
    body: str = field(default="", repr=False)


class Gateway(Protocol):
    """One way to send. Never raises for what the other side does; ends at ``deadline``."""

    def __call__(self, message: CodeMessage, *, text: str, delivery_id: str, deadline: Deadline) -> Tried: ...


def of_refusal(refused: OutgoingRefused) -> Tried:
    """What it means for a delivery that ``config.outgoing`` would not go there, or would not take the answer."""
    if refused.reason == "unresolvable":
        return Tried(Outcome.TRANSIENT, "the host's name was not found")
    if refused.reason in ("too-large", "encoded"):
        return Tried(Outcome.UNKNOWN, f"the answer was not taken: {refused.reason}")
    return Tried(Outcome.CONFIGURATION, f"not called, or not believed: {refused.reason}")


def of_failure(failed: OutgoingFailed) -> Tried:
    """Once any of it was sent, nobody knows whether it was acted on."""
    if failed.sent:
        return Tried(Outcome.UNKNOWN, f"no answer after sending: {failed.reason}")
    if failed.reason == "tls":
        return Tried(Outcome.CONFIGURATION, "no trusted TLS connection")
    return Tried(Outcome.TRANSIENT, f"not reached: {failed.reason}")
