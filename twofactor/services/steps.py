"""The timeline of a session: one line for each thing that happened (reference part E.9)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from activity.services import event_record
from config.context import current
from twofactor.models import FlowSession, FlowStep


@dataclass(slots=True)
class Timeline:
    """Lines and security events of one request, written together: a caller waits for every commit."""

    session: FlowSession
    steps: list[FlowStep] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)

    def note(
        self,
        name: str,
        *,
        outcome: str = "",
        method: str = "",
        ordinal: int | None = None,
        ms: int | None = None,
        **detail: Any,
    ) -> None:
        """A line. ``detail`` never holds a code or a whole destination."""
        self.steps.append(
            FlowStep(
                session=self.session,
                name=name,
                outcome=outcome[:40],
                method=method,
                ordinal=ordinal,
                ms=ms,
                request_id=current().request_id[:128],
                detail=detail,
            )
        )

    def tell(self, name: str, *, refusal: str = "") -> None:
        """A security event beside it: for what an administrator looks for when a customer complains."""
        session = self.session
        self.events.append(
            {
                "name": f"two-factor.{name}",
                "outcome": "refused" if refusal else "ok",
                "refusal": refusal,
                "user_name": session.account,
                "contact_center_id": session.application.contact_center_id,
                "detail": {
                    "application": session.application.name,
                    "session": session.pk,
                    "call": session.call_id,
                    "method": session.method,
                    "test_call": session.test_call,
                },
            }
        )

    def write(self) -> None:
        """Write what was noted since."""
        steps, events = self.steps, self.events
        self.steps, self.events = [], []
        if not steps and not events:
            return
        with transaction.atomic():
            FlowStep.objects.bulk_create(steps)
            for event in events:
                event_record(**event)
