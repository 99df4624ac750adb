"""A caller and the IVR that holds him: sessions over REST, with codes read from the demo's outbox."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.test import Client
from django.utils import timezone

from accounts.models import BasicCredential, Role
from environment.models import Application
from tests.cast import PASSWORD, basic
from tests.twofactor.sending import setting
from twofactor.models import Caller, Challenge, FlowSession, FlowStep, OutboxMessage
from twofactor.selectors.outbox import outbox_content

SESSIONS = "/twofactor/v1/sessions"
LIMITS = "two-factor-limits"


@dataclass
class Ivr:
    """One IVR with its credential; ``calls`` places a call, and gives back the answer's body."""

    application: Application
    name: str = "ivr"
    headers: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.headers = {"Authorization": basic(self.name, PASSWORD)}

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        """POST below the sessions."""
        text = body if isinstance(body, str) else json.dumps({} if body is None else body)
        return Client(raise_request_exception=False).post(
            f"{SESSIONS}{path}", text, content_type="application/json", headers=self.headers | headers
        )

    def get(self, path: str) -> Any:
        """GET below the sessions."""
        return Client(raise_request_exception=False).get(f"{SESSIONS}{path}", headers=self.headers)

    def calls(self, account: str = "1000", **words: Any) -> dict[str, Any]:
        """Begin a session."""
        answer = self.post("", {"application": self.application.name, "account": account} | words)
        assert answer.status_code == 201, answer.content
        return answer.json()

    def does(self, session: dict[str, Any], what: str, **body: Any) -> dict[str, Any]:
        """method, code, resend or hangup."""
        answer = self.post(f"/{session['id']}/{what}", body)
        assert answer.status_code == 200, answer.content
        return answer.json()


def ivr_of(application: Application, encoded: str, name: str = "ivr") -> Ivr:
    """A credential bound to the application; ``encoded`` is the hash of ``PASSWORD``."""
    role, _made = Role.objects.get_or_create(name="ROLE_IVR", contact_center=application.contact_center)
    credential = BasicCredential.objects.create(
        name=name, password=encoded, contact_center=application.contact_center, role=role
    )
    Caller.objects.create(application=application, credential=credential)
    return Ivr(application, name)


def by_outbox(application: Application) -> None:
    """Deliver into the outbox; the settings' mode must be demo."""
    setting(application, "Email.Gateways", "outbox")
    setting(application, "SMS.Gateways", "outbox")


def unlimited(application: Application, *names: str) -> None:
    """Set these limits to 0, which is none."""
    for name in names or (
        "resend-cool-down",
        "destination-pause",
        "destination-sends-10-minutes",
        "destination-sends-hour",
        "destination-sends-day",
        "account-sends-hour",
        "account-sends-day",
        "pair-sends-hour",
        "number-sends-hour",
        "number-checks-hour",
        "failures-before-wait",
    ):
        setting(application, name, "0", LIMITS)


def messages() -> list[dict[str, str]]:
    """What is in the outbox, the oldest first."""
    return [{"channel": row.channel, **outbox_content(row)} for row in OutboxMessage.objects.order_by("at", "pk")]


def last_code() -> str:
    """The code that was sent last."""
    return messages()[-1]["code"]


def other_than(code: str) -> str:
    """A wrong code of the same length."""
    return f"{(int(code) + 1) % 10 ** len(code):0{len(code)}d}"


def row_of(session: dict[str, Any]) -> FlowSession:
    """The session's row."""
    return FlowSession.objects.get(pk=session["id"])


def steps_of(session: dict[str, Any]) -> list[str]:
    """The names of its timeline."""
    return list(FlowStep.objects.filter(session=session["id"]).values_list("name", flat=True))


def expire(session: dict[str, Any]) -> None:
    """Let the present codes' time be over."""
    Challenge.objects.filter(session=session["id"]).update(expires_at=timezone.now() - timedelta(milliseconds=1))
