"""What an administrator is told of one session: its steps, codes and tries, each bounded."""

from __future__ import annotations

from dataclasses import dataclass

from config.encryption import SealBroken
from twofactor.models import Challenge, Delivery, FlowSession, FlowStep, OutboxMessage
from twofactor.selectors.outbox import outbox_content

MOST = 200
"""Steps, codes and deliveries that are told of one session; one has a few dozen."""


@dataclass(frozen=True, slots=True)
class SessionTold:
    """``is_cut``: there are more steps."""

    steps: list[FlowStep]
    codes: list[Challenge]
    deliveries: list[Delivery]
    is_cut: bool


def session_told(session: FlowSession) -> SessionTold:
    """Three indexed reads."""
    steps = list(FlowStep.objects.filter(session=session).order_by("id")[: MOST + 1])
    codes = list(Challenge.objects.filter(session=session).order_by("ordinal")[:MOST])
    sent = Delivery.objects.filter(challenge__session=session).select_related("challenge").order_by("made_at", "pk")
    return SessionTold(steps[:MOST], codes, list(sent[:MOST]), len(steps) > MOST)


def last_outbox_text(told: SessionTold) -> str:
    """The text of the last message that the demo's outbox keeps of this session; "" when it keeps none."""
    kept = [one for one in told.deliveries if one.gateway == "outbox" and one.provider_id]
    message = OutboxMessage.objects.filter(pk=kept[-1].provider_id).first() if kept else None
    if message is None:
        return ""
    try:
        return outbox_content(message)["text"]
    except SealBroken:
        return ""
