"""Resources as they are told: names, spellings and order of the vendor's sample bodies.

A visit is over when no event came for the option's time; what is still open then ended with its last event. Nothing
of that is stored: the next event opens it again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from history.models import Event, Identity, Page, Session, Visit

Json = dict[str, Any]
Lists = Mapping[str, Json]
"""What was included, by the name of the list: its two members, such as ``eventIds`` and ``events``."""


@dataclass(frozen=True, slots=True)
class Clock:
    """The server's time and after how long without an event a visit is over, both in ms."""

    now: int
    timeout: int

    def end_of(self, visit: Visit) -> int:
        """When the visit ended (ms); 0 while it is open."""
        return visit.last_at if self.now - visit.received_at > self.timeout else 0


def members_of(name: str, ids: list[str] | None = None, details: list[Json] | None = None) -> Json:
    """The two members of a list: null unless it was asked for."""
    return {f"{name[:-1]}Ids": ids, name: details}


def event_told(event: Event) -> Json:
    """An event; the GUID of its visit is read from ``event.visit``."""
    return {
        "eventID": str(event.event_id),
        "category": event.category,
        "eventType": event.event_type,
        "eventName": event.event_name,
        "serverTimestamp": event.received_at,
        "timestamp": event.happened_at,
        "browserPageID": event.browser_page_id or None,
        "globalVisitID": _id(event.global_visit_id),
        "visitID": str(event.visit.visit_id),
        "pageID": _id(event.page_id),
        "url": event.url or None,
        "data": event.data,
    }


def visit_told(visit: Visit, clock: Clock, lists: Lists) -> Json:
    """A visit. ``activeSessionId`` is null without one, as the vendor's text says (a sample of his has zeros)."""
    end = clock.end_of(visit)
    return {
        **_listed(lists, "events", "pages", "sessions"),
        "visitId": str(visit.visit_id),
        "startDate": visit.started_at,
        "endDate": end,
        "activeSessionId": None if end else _id(visit.active_session_id),
        "globalVisitID": _id(visit.global_visit_id),
        "userAgentId": _id(visit.user_agent_id),
    }


def session_told(session: Session, clock: Clock, lists: Lists) -> Json:
    """A session (8.1.x)."""
    end = _end(session, clock)
    return {
        **_listed(lists, "events", "pages"),
        "sessionId": str(session.session_id),
        "startDate": session.started_at,
        "endDate": end,
        "duration": _seconds(session.started_at, end),
        "identityId": session.identity.identity_id,
    }


def page_told(page: Page, clock: Clock, lists: Lists) -> Json:
    """A page; the vendor's sample was not found, so its members follow those of the others."""
    end = _end(page, clock)
    return {
        **_listed(lists, "events"),
        "pageId": str(page.page_id),
        "startDate": page.started_at,
        "endDate": end,
        "duration": _seconds(page.started_at, end),
        "visitId": str(page.visit.visit_id),
        "sessionId": _id(page.session and page.session.session_id),
        "identityId": page.identity and page.identity.identity_id,
        "browserPageID": page.browser_page_id or None,
        "url": page.url or None,
        "title": page.title or None,
        "category": page.category,
    }


def identity_told(identity: Identity, _clock: Clock, lists: Lists) -> Json:
    """An identity."""
    return {
        **_listed(lists, "events", "pages", "visits", "sessions"),
        "identityId": identity.identity_id,
        "name": identity.name or None,
        "location": identity.location or None,
        "entityInCS": identity.entity_in_cs or None,
        "visitScope": identity.visit_scope,
    }


def _listed(lists: Lists, *names: str) -> Json:
    told: Json = {}
    for name in names:
        told |= lists.get(name) or members_of(name)
    return told


def _end(row: Session | Page, clock: Clock) -> int:
    if row.ended_at is not None:
        return max(row.ended_at, row.started_at)
    return max(end, row.started_at) if (end := clock.end_of(row.visit)) else 0


def _seconds(begin: int, end: int) -> int:
    """Whole seconds; 0 while open."""
    return max(0, end - begin) // 1_000 if end else 0


def _id(key: object) -> str | None:
    return None if key is None else str(key)
