"""What happened in a visit, in the order of the browser's time, a bounded part at a time."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NamedTuple, Self
from uuid import UUID

from django.db.models import Q

from history.models import Event, Page, Visit

STEPS = 500
"""Events of one part."""
_PLACE = re.compile(r"(-?\d{1,19})\.(\d{1,39})\Z", re.ASCII)
_MOST_AT, _MOST_KEY = 2**63 - 1, 2**128 - 1


class Place(NamedTuple):
    """Behind which row a list goes on: its time in ms, and its key; of an event its GUID as a number."""

    at: int
    key: int

    @classmethod
    def read(cls, text: str) -> Self | None:
        """From a URL; None for anything that is none."""
        match = _PLACE.match(text)
        if match is None:
            return None
        at, key = (int(number) for number in match.groups())
        return cls(at, key) if abs(at) <= _MOST_AT and key <= _MOST_KEY else None

    def __str__(self) -> str:
        return f"{self.at}.{self.key}"


@dataclass(slots=True)
class Stretch:
    """Events that follow each other on one page. ``page`` is None where nothing but its id, or nothing, is known."""

    page: Page | None
    page_id: UUID | None
    is_return: bool
    events: list[Event] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Timeline:
    """One part; ``after`` is where the next begins, None at the end."""

    stretches: list[Stretch]
    after: Place | None


def timeline_of(visit: Visit, after: Place | None = None, *, limit: int = STEPS) -> Timeline:
    """The ``limit`` events behind ``after`` in the order of ``history.places``, and the pages of that time, those
    without an event too.
    """
    rows = Event.objects.filter(visit=visit).select_related("identity", "session")
    if after is not None:
        rows = rows.filter(Q(happened_at__gt=after.at) | Q(happened_at=after.at, event_id__gt=UUID(int=after.key)))
    found = list(rows.order_by("happened_at", "event_id")[: limit + 1])
    events, is_more = found[:limit], len(found) > limit
    last = Place(events[-1].happened_at, events[-1].event_id.int) if is_more else None
    named = {page.page_id: page for page in _named(visit, events)}
    alone = [page for page in _entered(visit, after, last, limit) if page.page_id not in named]
    return Timeline(_stretches(events, named, alone), last)


def _named(visit: Visit, events: list[Event]) -> list[Page]:
    ids = {event.page_id for event in events if event.page_id}
    pages = Page.objects.filter(application_id=visit.application_id, page_id__in=ids, visit=visit)
    return list(pages.select_related("identity", "session")) if ids else []


def _entered(visit: Visit, after: Place | None, last: Place | None, limit: int) -> list[Page]:
    pages = Page.objects.filter(visit=visit).select_related("identity", "session")
    if after is not None:
        pages = pages.filter(started_at__gt=after.at)
    if last is not None:
        pages = pages.filter(started_at__lte=last.at)
    return list(pages.order_by("started_at", "pk")[:limit])


def _stretches(events: list[Event], named: dict[UUID, Page], alone: list[Page]) -> list[Stretch]:
    made: list[Stretch] = []
    seen: set[UUID | None] = {None}
    waiting = list(reversed(alone))
    for event in events:
        while waiting and waiting[-1].started_at <= event.happened_at:
            page = waiting.pop()
            made.append(Stretch(page, page.page_id, is_return=False))
        if not made or made[-1].page_id != event.page_id:
            page_or_none = named.get(event.page_id) if event.page_id else None
            is_return = event.page_id is not None and event.page_id in seen
            made.append(Stretch(page_or_none, event.page_id, is_return))
            seen.add(event.page_id)
        made[-1].events.append(event)
    made += [Stretch(page, page.page_id, is_return=False) for page in reversed(waiting)]
    return made
