"""What the page of a session shows below the fields: its timeline, its codes and what was sent."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from twofactor.admin.telling import told_detail, told_span, told_time
from twofactor.models import Challenge, FlowSession, FlowStep
from twofactor.selectors.session_told import SessionTold, session_told
from twofactor.services.private import private_of

_TURNS = ("code.sent", "round.begun", "method.selected", "path.taken", "skip.used")


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
        return f"used after {told_span(code.consumed_at - (code.sent_at or code.issued_at))}"
    if code.superseded_at:
        return "replaced by a newer one"
    if code.burnt_at:
        return "ended unused" if code.sent_at else "not sent"
    if code.attempts >= code.max_attempts:
        return "all attempts used"
    if code.expires_at <= now:
        return "expired"
    return "waits, reported undelivered" if code.undelivered else "waits"


def session_page(session: FlowSession, told: SessionTold | None = None) -> dict[str, Any]:
    """The timeline, the codes and the deliveries, for the templates."""
    now, told = timezone.now(), told or session_told(session)
    return {
        "steps": [Told(step, session.started_at) for step in told.steps],
        "is_cut": told.is_cut,
        "codes": [ToldCode(code, now) for code in told.codes],
        "deliveries": [(one, told_time(one.made_at)) for one in told.deliveries],
    }


def variables_of(session: FlowSession) -> list[tuple[str, str, str]]:
    """(name, where it came from, how long its value is): values of callers' variables are not for every reader."""
    private = private_of(session)
    kinds = (("sent with the call", private.given), ("set on the way", private.set))
    return [(name, kind, f"{len(value)} characters") for kind, found in kinds for name, value in found.items()]
