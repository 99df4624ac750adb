"""Rows of visits as the services leave them, made directly."""

from __future__ import annotations

import json
import time
from typing import Any
from uuid import UUID, uuid4

from environment.models import Application, ContactCenter
from history.models import Event, Identity, Page, Recognition, Session, Visit

MINUTE = 60_000
DAY = 24 * 60 * MINUTE


def now() -> int:
    """This moment, in ms."""
    return time.time_ns() // 1_000_000


def make_server(contact_center: ContactCenter, name: str = "Web_Engagement") -> Application:
    """A Web Engagement Server application."""
    kind = Application.Type.WEB_ENGAGEMENT_SERVER
    return Application.objects.create(name=name, type=kind, contact_center=contact_center)


def make_visit(application: Application, *, ago: int = 0, lasted: int = 0, **fields: Any) -> Visit:
    """A visit whose last event came ``ago`` ms ago, ``lasted`` ms after its start."""
    last = now() - ago
    told = {"started_at": last - lasted, "started_key": "", "last_at": last, "received_at": last} | fields
    return Visit.objects.create(application=application, **{"visit_id": uuid4()} | told)


def make_identity(application: Application, identity_id: str = "ann@example.com", **fields: Any) -> Identity:
    """Somebody whom the site knows."""
    return Identity.objects.create(application=application, identity_id=identity_id, **fields)


def make_recognition(visit: Visit, identity: Identity, scope: str = "Authenticated") -> Recognition:
    """That he signed in there."""
    return Recognition.objects.create(
        visit=visit, identity=identity, scope=scope, last_key="", started_at=visit.started_at
    )


def make_session(visit: Visit, identity: Identity, *, at: int = 0, **fields: Any) -> Session:
    """From his sign-in, ``at`` ms after the visit's start."""
    told = {"session_id": uuid4(), "started_at": visit.started_at + at} | fields
    return Session.objects.create(application=visit.application, visit=visit, identity=identity, **told)


def make_page(visit: Visit, *, at: int = 0, **fields: Any) -> Page:
    """A page entered ``at`` ms after the visit's start."""
    told = {"page_id": uuid4(), "started_at": visit.started_at + at, "started_key": ""} | fields
    return Page.objects.create(application=visit.application, visit=visit, **told)


def event_row(visit: Visit, *, at: int = 0, page: Page | None = None, data: Any = None, **fields: Any) -> Event:
    """An event ``at`` ms after the visit's start, unsaved."""
    told: dict[str, Any] = {
        "event_id": uuid4(),
        "event_type": "BUSINESS",
        "event_name": "Searched",
        "happened_at": visit.started_at + at,
        "received_at": visit.started_at + at,
        "page_id": page.page_id if page else None,
        "url": page.url if page else "",
        "data_text": "" if data is None else json.dumps(data),
    }
    return Event(application_id=visit.application_id, visit=visit, **told | fields)


def make_event(visit: Visit, **fields: Any) -> Event:
    """``event_row``, stored."""
    row = event_row(visit, **fields)
    row.save()
    return row


def make_events(visit: Visit, count: int, **fields: Any) -> list[Event]:
    """Many, a second after each other."""
    return Event.objects.bulk_create(
        [event_row(visit, at=number * 1_000, **fields) for number in range(count)], batch_size=1_000
    )


def numbered(number: int) -> UUID:
    """An id that a test can name."""
    return UUID(int=number)
