"""Rows of sessions, as the flow leaves them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from environment.models import Application
from twofactor.models import Challenge, Delivery, FlowSession, FlowStep, Guard


def make_session(application: Application, *, ago: timedelta = timedelta(), **words: Any) -> FlowSession:
    """A session that began so long ago."""
    began = timezone.now() - ago
    told = {"face": "rest", "opener": "credential:1", "account": "1001", "state": "enter", "method": "sms"}
    row = FlowSession.objects.create(application=application, ends_at=began + timedelta(minutes=15), **(told | words))
    FlowSession.objects.filter(pk=row.pk).update(started_at=began)
    row.refresh_from_db()
    return row


def make_code(session: FlowSession, ordinal: int = 1, **words: Any) -> Challenge:
    """A code of the session, issued at its start."""
    issued: datetime = words.pop("issued_at", session.started_at)
    told = {
        "method": "sms",
        "destination_mask": "…42",
        "max_attempts": 3,
        "expires_at": issued + timedelta(minutes=5),
        "sent_at": issued,
    }
    return Challenge.objects.create(session=session, ordinal=ordinal, issued_at=issued, **(told | words))


def make_step(session: FlowSession, name: str, **words: Any) -> FlowStep:
    return FlowStep.objects.create(session=session, name=name, **words)


def make_delivery(code: Challenge, **words: Any) -> Delivery:
    told = {"channel": code.method, "gateway": "http", "outcome": "accepted", "destination_mask": "…42"}
    application = code.session.application
    return Delivery.objects.create(application=application, challenge=code, made_at=code.issued_at, **(told | words))


def make_guard(application: Application, **words: Any) -> Guard:
    told = {"kind": "account", "account": "1001", "failures": 12, "changed_at": timezone.now()}
    return Guard.objects.create(application=application, **(told | words))
