"""What the page of a session shows below the fields: its timeline, its codes and what was sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from twofactor.admin.telling import told_detail, told_span, told_time
from twofactor.models import Challenge, Delivery, FlowSession, FlowStep

MOST = 200
"""Steps, codes and deliveries that a page shows of one session; one has a few dozen."""
_TURNS = ("code.sent", "code.accepted", "method.selected", "session.ended", "path.taken", "verify.ok")


@dataclass(frozen=True, slots=True)
class Told:
    """A step as the timeline tells it."""

    step: FlowStep
    began: datetime

    @property
    def at(self) -> str:
        return told_time(self.step.at)

    @property
    def since(self) -> str:
        """Since the session began."""
        return f"+{told_span(self.step.at - self.began)}"

    @property
    def is_turn(self) -> bool:
        """What an eye looks for first."""
        return self.step.name in _TURNS

    @property
    def detail(self) -> list[tuple[str, str]]:
        """Masked."""
        return told_detail(self.step.detail if isinstance(self.step.detail, dict) else {"detail": self.step.detail})


@dataclass(frozen=True, slots=True)
class ToldCode:
    """A code, of which nothing is known but its fate."""

    challenge: Challenge
    now: datetime

    @property
    def issued(self) -> str:
        return told_time(self.challenge.issued_at)

    @property
    def expires(self) -> str:
        return told_time(self.challenge.expires_at)

    @property
    def state(self) -> str:
        """In words."""
        return state_of(self.challenge, self.now)


def state_of(code: Challenge, now: datetime) -> str:
    """What became of a code, in words."""
    if code.consumed_at:
        return f"used after {told_span(code.consumed_at - code.issued_at)}"
    if code.superseded_at:
        return "replaced by a newer one"
    if code.burnt_at:
        return "ended unused"
    if code.attempts >= code.max_attempts:
        return "all attempts used"
    if code.expires_at <= now:
        return "expired"
    return "waits, reported undelivered" if code.undelivered else "waits"


def session_page(session: FlowSession) -> dict[str, Any]:
    """The timeline, the codes and the deliveries, each bounded."""
    now = timezone.now()
    steps = list(FlowStep.objects.filter(session=session).order_by("id")[: MOST + 1])
    codes = Challenge.objects.filter(session=session).order_by("ordinal")[:MOST]
    sent = Delivery.objects.filter(challenge__session=session).select_related("challenge").order_by("made_at", "pk")
    return {
        "steps": [Told(step, session.started_at) for step in steps[:MOST]],
        "is_cut": len(steps) > MOST,
        "codes": [ToldCode(code, now) for code in codes],
        "deliveries": [(one, told_time(one.made_at)) for one in sent[:MOST]],
    }
