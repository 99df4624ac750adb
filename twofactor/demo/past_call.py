"""The rows of a call that is over, told one event after the other."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from environment.models import Application
from twofactor.masking import mask
from twofactor.models import Challenge, Delivery, FlowSession, FlowStep, Method

OPENER = "demo:past"
"""Opened such a call; nobody can go on with one."""
OWN_PHONE = "+14155550142"
_TO = {Method.EMAIL: "carla@example.com", Method.SMS: OWN_PHONE, Method.AUTHENTICATOR: ""}
_LONGEST, _LIFE = timedelta(minutes=15), timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Try:
    """What one gateway did: the outcome, the milliseconds it took, and what else its row tells."""

    gateway: str
    outcome: str = Delivery.Outcome.ACCEPTED
    ms: int = 240
    told: dict[str, Any] = field(default_factory=dict)


@dataclass(slots=True)
class PastCall:
    """Rows of one call, not stored yet; ``clock`` is where its telling is."""

    session: FlowSession
    clock: datetime
    steps: list[FlowStep] = field(default_factory=list)
    codes: list[Challenge] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)

    @classmethod
    def begun(cls, application: Application, at: datetime, **words: Any) -> PastCall:
        """A call that began at ``at``; ``words`` are fields of its session."""
        session = FlowSession(application=application, opener=OPENER, started_at=at, ends_at=at + _LONGEST, **words)
        call = cls(session, at)
        call.note("session.started", face=session.face, test_call=session.test_call)
        return call

    def note(self, name: str, *, after: float = 0.02, outcome: str = "", method: str = "", **rest: Any) -> None:
        """A line of the timeline, so many seconds after the one before."""
        self.clock += timedelta(seconds=after)
        ordinal = rest.pop("ordinal", None)
        step = FlowStep(session=self.session, at=self.clock, name=name, outcome=outcome, method=method, detail=rest)
        step.ordinal = ordinal
        self.steps.append(step)
        self.session.step += 1

    def offer(self, *methods: Method) -> None:
        """What the account has; one method alone is not asked about."""
        self.session.offered = [str(method) for method in methods]
        self.note("methods.checked", outcome="success", offered=self.session.offered, dropped=[])

    def choose(self, method: Method, *, after: float = 7) -> None:
        """The caller's choice."""
        self.session.method = method
        self.note("method.selected", after=after, method=method)

    def send(self, *tries: Try, after: float = 0.05) -> None:
        """A code of the chosen method, by these gateways until one settles it."""
        method, last = Method(self.session.method), tries[-1].outcome
        failed = last not in (Delivery.Outcome.ACCEPTED, Delivery.Outcome.UNKNOWN)
        for older in self.codes:
            older.superseded_at = older.superseded_at or older.burnt_at or (None if failed else self.clock)
        code = self._code(method, 6)
        for number, one in enumerate(tries, 1):
            self.deliveries.append(self._delivery(code, number, one))
            self.clock += timedelta(milliseconds=one.ms)
        code.sent_at, code.burnt_at = (None, self.clock) if failed else (self.clock, None)
        verdict = "failed" if failed else str(last)
        self.note("code.sent", after=after, outcome=verdict, method=method, ordinal=code.ordinal)
        self.session.last_sent_at = code.sent_at
        self.session.delivery_failures += failed
        self.session.sends_used += not failed

    def ask_app(self) -> None:
        """A round with the authenticator: nothing is sent."""
        code = self._code(Method.AUTHENTICATOR, 0)
        code.sent_at = self.clock
        self.session.sends_used += 1
        self.note("round.begun", method=Method.AUTHENTICATOR, ordinal=code.ordinal)

    def mistype(self, *, after: float = 15) -> None:
        """A wrong code; the third one ends the code."""
        code = self.codes[-1]
        code.attempts += 1
        self.note("verify.wrong", after=after, method=self.session.method, outcome=f"try {code.attempts}")
        if code.attempts == code.max_attempts:
            code.burnt_at = self.clock

    def enter(self, *, after: float) -> None:
        """The right code, which ends the call."""
        code = self.codes[-1]
        code.attempts += 1
        self.note("verify.ok", after=after, method=self.session.method, ordinal=code.ordinal)
        code.consumed_at = self.session.authenticated_at = self.clock
        self.end("success", after=0)

    def end(self, path: str, *, after: float = 0.02) -> None:
        """The call leaves by a path."""
        self.note("path.taken", after=after, outcome=path)
        self.session.state, self.session.path, self.session.ended_at = FlowSession.State.ENDED, path, self.clock
        for code in self.codes:
            if not (code.consumed_at or code.superseded_at or code.burnt_at):
                code.burnt_at = self.clock

    def _code(self, method: Method, digits: int) -> Challenge:
        code = Challenge(
            session=self.session,
            ordinal=len(self.codes) + 1,
            method=method,
            destination_mask=mask(method, _TO[method]),
            digits=digits,
            issued_at=self.clock,
            expires_at=self.clock + _LIFE,
            max_attempts=3,
        )
        self.codes.append(code)
        return code

    def _delivery(self, code: Challenge, number: int, one: Try) -> Delivery:
        return Delivery(
            application=self.session.application,
            challenge=code,
            channel=code.method,
            gateway=one.gateway,
            attempt=number,
            destination_mask=code.destination_mask,
            prefix="US" if code.method == Method.SMS else "",
            outcome=one.outcome,
            ms=one.ms,
            test_call=self.session.test_call,
            made_at=self.clock,
            **one.told,
        )
