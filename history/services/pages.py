"""Pages: made by the first event that names them; each of their columns follows from all events, in any order."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from uuid import UUID

from django.db import IntegrityError, transaction

from history.arrivals import PAGE_ENTERED, PAGE_EXITED, Arrival
from history.errors import OfAnotherVisit
from history.models import Event, Page, Session, Visit
from history.places import BEYOND, place_of
from history.records import NewPage
from history.turns import Standing

_ENTERED, _NAMED = "0", "1"
_COLUMNS = (
    "url", "title", "category", "browser_page_id", "started_at", "started_key", "ended_at",
    "identity_id", "session_id", "identity_key", "told",
)  # fmt: skip


def pages_take(visit: Visit, arrivals: Iterable[tuple[Arrival, Standing]], *, moved: Collection[UUID] = ()) -> None:
    """Take note of new events on their pages, and look anew whose those pages are whose events ``moved``.

    The events are stored already. Raises OfAnotherVisit.
    """
    by_page: dict[UUID, list[tuple[Arrival, Standing]]] = {}
    for arrival, standing in arrivals:
        if arrival.page_id is not None:
            by_page.setdefault(arrival.page_id, []).append((arrival, standing))
    if not by_page and not moved:
        return
    pages = _held(visit, {*by_page, *moved})
    before = {key: _row(page) for key, page in pages.items()}
    new = [key for key in by_page if key not in pages]
    for key in new:
        pages[key] = Page(application_id=visit.application_id, visit=visit, page_id=key, started_key=BEYOND)
    for key, noted in by_page.items():
        for arrival, standing in noted:
            _note(pages[key], arrival, standing)
    _owners_look(visit, [pages[key] for key in moved if key in pages and not pages[key].told])
    _store(pages, new, before)


def page_tell(visit: Visit, session: Session, told: NewPage) -> tuple[Page, bool]:
    """The page that was told without an event, and whether it is new as such. Raises OfAnotherVisit."""
    pages = _held(visit, {told.page_id})
    page = pages.get(told.page_id)
    if page is not None and page.told:
        return page, False
    before = {} if page is None else {told.page_id: _row(page)}
    page = page or Page(application_id=visit.application_id, visit=visit, page_id=told.page_id, started_key=BEYOND)
    page.told, page.session_id, page.identity_id, page.identity_key = True, session.pk, session.identity_id, ""
    _describe(page, _ENTERED + place_of(told.started_at, told.page_id), told)
    _store({told.page_id: page}, [] if before else [told.page_id], before)
    return page, True


def _held(visit: Visit, keys: set[UUID]) -> dict[UUID, Page]:
    rows = Page.objects.filter(application_id=visit.application_id, page_id__in=keys)
    pages = {row.page_id: row for row in rows}
    if any(page.visit_id != visit.pk for page in pages.values()):
        raise OfAnotherVisit("The page of 'pageID' belongs to another visit.", field="pageID")
    return pages


def _note(page: Page, arrival: Arrival, standing: Standing) -> None:
    rank = _ENTERED if arrival.is_system(PAGE_ENTERED) else _NAMED
    _describe(page, rank + arrival.place, arrival)
    if arrival.is_system(PAGE_EXITED):
        page.ended_at = max(arrival.happened_at, page.ended_at or 0)
    if standing.identity is not None and not page.told and (not page.identity_key or arrival.place < page.identity_key):
        page.identity_id, page.session_id = standing.identity, standing.session
        page.identity_key = arrival.place


def _describe(page: Page, key: str, told: Arrival | NewPage) -> None:
    if key < page.started_key:
        page.started_key = key
        page.started_at = told.started_at if isinstance(told, NewPage) else told.happened_at
        page.url, page.title, page.category = told.url, told.title, told.category
        page.browser_page_id = told.browser_page_id


def _owners_look(visit: Visit, pages: list[Page]) -> None:
    """Whose a page is by all of its events: that of the first one that has an identity."""
    if not pages:
        return
    rows = Event.objects.filter(
        visit=visit, page_id__in=[page.page_id for page in pages], identity__isnull=False
    ).order_by("happened_at", "event_id")
    first: dict[UUID | None, tuple[str, int | None, int | None]] = {}
    for page_id, at, key, identity, session in rows.values_list(
        "page_id", "happened_at", "event_id", "identity_id", "session_id"
    ):
        first.setdefault(page_id, (place_of(at, key), identity, session))
    for page in pages:
        page.identity_key, page.identity_id, page.session_id = first.get(page.page_id, ("", None, None))


def _row(page: Page) -> tuple[object, ...]:
    return tuple(getattr(page, name) for name in _COLUMNS)


def _store(pages: dict[UUID, Page], new: list[UUID], before: dict[UUID, tuple[object, ...]]) -> None:
    try:
        with transaction.atomic():
            Page.objects.bulk_create([pages[key] for key in sorted(new)])
    except IntegrityError as rival:
        # Another visit named the same page at this moment.
        raise OfAnotherVisit(
            "The page of 'pageID' belongs to another visit.", field="pageID", reason=str(rival)
        ) from rival
    changed = [page for key, page in pages.items() if key in before and _row(page) != before[key]]
    if changed:
        Page.objects.bulk_update(changed, [_FIELDS.get(name, name) for name in _COLUMNS])


_FIELDS = {"identity_id": "identity", "session_id": "session"}
