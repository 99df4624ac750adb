"""One call while a request of it is carried out: its row, what it keeps sealed, and the time that is left."""

from __future__ import annotations

from dataclasses import dataclass, field
from time import monotonic

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from environment.models import Application
from twofactor.errors import OutOfOrder, SessionEnded
from twofactor.flow.answers import Answer, Prompt
from twofactor.flow.prompts import ask_code, menu
from twofactor.masking import number_key
from twofactor.models import Challenge, Customer, FlowSession, Method
from twofactor.options import settings
from twofactor.services.codes import Trial, challenge_now, session_codes_burn
from twofactor.services.private import Private, private_of, private_seal
from twofactor.services.steps import Timeline

State = FlowSession.State
_CHANGING = (
    "state",
    "path",
    "method",
    "offered",
    "private",
    "step",
    "sends_used",
    "delivery_failures",
    "input_rounds",
    "last_sent_at",
    "authenticated_at",
    "ended_at",
)
BUDGET = 25.0
"""Seconds that all deliveries and web services of one request have together: the caller waits meanwhile."""


@dataclass(slots=True)
class Call:
    """``typed`` is what the caller entered, ``status`` what a web service said; ``words`` go before the next prompt.

    ``is_automatic``: nobody asked for the code that is made; ``is_fresh``: it was made by this request.
    """

    session: FlowSession
    private: Private
    typed: str = field(default="", repr=False)
    wanted: str = ""
    status: str = ""
    customer: Customer | None = None
    words: str = ""
    retry_after: int = 0
    trial: Trial | None = None
    challenge: Challenge | None = None
    is_automatic: bool = False
    is_fresh: bool = False
    begun: float = field(default_factory=monotonic)
    timeline: Timeline = field(init=False)

    def __post_init__(self) -> None:
        self.timeline = Timeline(self.session)

    @property
    def application(self) -> Application:
        return self.session.application

    @property
    def destination(self) -> str:
        """Where codes of the chosen method go; "" where nothing is sent from here."""
        return self.private.destinations.get(self.session.method, "")

    @property
    def is_from_own_phone(self) -> bool:
        """Whether the calling number is the account's verified phone."""
        phone = self.private.destinations.get(Method.SMS, "")
        return bool(phone) and number_key(self.session.cli) == number_key(phone)

    def left(self) -> float:
        """Seconds that are left of ``BUDGET``; a little always is, for an orderly end."""
        return max(0.5, BUDGET - (monotonic() - self.begun))

    def paths(self) -> dict[str, str]:
        """The valid paths, by their folded names."""
        known = (*settings.DEFAULT_PATHS, *settings.PATHS.of(self.application))
        return {" ".join(path.split()).casefold(): path for path in known}

    def path_named(self, status: str) -> str:
        """The valid path that a service's status names; "" when it names none."""
        return self.paths().get(status, "")

    def path_or_error(self, path: str) -> str:
        """A configured path; one that is gone by now is ``error`` (F 20)."""
        if path.casefold() in self.paths():
            return path
        self.timeline.note("path.missing", outcome=path)
        return "error"

    def move(self, state: str, **changes: object) -> None:
        """Go to ``state`` from the one that was read. Raises OutOfOrder, SessionEnded when another was first."""
        session = self.session
        if session.state == State.ENDED:
            raise SessionEnded
        here = FlowSession.objects.filter(pk=session.pk, state=session.state)
        sealed = private_seal(session, self.private)
        with transaction.atomic():
            moved = here.update(state=state, step=F("step") + 1, private=sealed, **changes)
            self.timeline.write()
        self.read_again()
        if not moved:
            raise SessionEnded if session.state == State.ENDED else OutOfOrder

    def end(self, path: str) -> None:
        """End with a path, whatever the state; codes that live are burnt. A second end is none."""
        session = self.session
        now = timezone.now()
        open_ = FlowSession.objects.filter(pk=session.pk).exclude(state=State.ENDED)
        sealed = private_seal(session, self.private)
        ended = {"state": State.ENDED, "path": path[:64], "ended_at": now, "step": F("step") + 1, "private": sealed}
        with transaction.atomic():
            if open_.update(**ended):
                session_codes_burn(session)
                self.timeline.note("path.taken", outcome=path)
                if path != "success":
                    self.timeline.tell("ended", refusal=path)
            self.timeline.write()
        self.read_again()

    def read_again(self) -> None:
        """What requests change of a session, as the row has it now; its application stays the one that was read."""
        self.session.refresh_from_db(fields=_CHANGING)

    def answer(self) -> Answer:
        """Where the call stands now."""
        session = self.session
        prompt: Prompt | None = None
        if session.state == State.SELECT:
            prompt = menu(session, self.private, before=self.words)
        elif session.state == State.ENTER:
            prompt = ask_code(session, challenge_now(session), before=self.words, is_fresh=self.is_fresh)
        return Answer(
            id=session.pk,
            state="select" if session.state == State.SELECT else "enter" if session.state == State.ENTER else "ended",
            prompt=prompt,
            path=session.path or None,
            retry_after=self.retry_after,
            step=session.step,
            variables=dict(self.private.set),
        )


def call_of(session: FlowSession) -> Call:
    """The call of a session that was read."""
    return Call(session, private_of(session))
