"""The timeline of a session: one line for each thing that happened (reference part E.9)."""

from __future__ import annotations

from typing import Any

from activity.services import event_record
from config.context import current
from twofactor.models import FlowSession, FlowStep


def step_record(
    session: FlowSession,
    name: str,
    *,
    outcome: str = "",
    method: str = "",
    ordinal: int | None = None,
    ms: int | None = None,
    **detail: Any,
) -> None:
    """Write a line. ``detail`` never holds a code or a whole destination."""
    FlowStep.objects.create(
        session=session,
        name=name,
        outcome=outcome[:40],
        method=method,
        ordinal=ordinal,
        ms=ms,
        request_id=current().request_id[:128],
        detail=detail,
    )


def proof_record(session: FlowSession, name: str, *, refusal: str = "") -> None:
    """Tell the security events too: for what an administrator looks for when a customer complains."""
    event_record(
        name=f"two-factor.{name}",
        outcome="refused" if refusal else "ok",
        refusal=refusal,
        user_name=session.account,
        contact_center_id=session.application.contact_center_id,
        detail={
            "application": session.application.name,
            "session": session.pk,
            "call": session.call_id,
            "method": session.method,
            "test_call": session.test_call,
        },
    )
