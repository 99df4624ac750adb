"""Visits: made by whatever names them first; and what is told of visits, sessions and pages without an event."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from django.db import IntegrityError, transaction

from config.http.errors import NotFound
from environment.models import Application
from history import options
from history.arrivals import VISIT_STARTED, Arrival, derived_id
from history.errors import OfAnotherVisit, VisitIsFull
from history.models import Page, Session, Visit
from history.places import BEYOND, place_of
from history.records import NewPage, NewSession, NewVisit
from history.services.identities import identities_held
from history.services.pages import page_tell, pages_take
from history.services.stories import story_write, turns_of
from history.turns import SIGN_IN, Story, Turn

_TOLD, _STARTED, _NAMED = "0", "1", "2"


def visit_create(*, application: Application, told: NewVisit, now: int) -> tuple[Visit, bool]:
    """The visit that was told, and whether it is new; it makes no event. ``now`` is the server's time in ms.

    Of one that is there already the start is set, if it was told; of several that were told the earliest counts.
    """
    with transaction.atomic():
        visit, is_new = _held(application.pk, told.visit_id)
        begun = visit.started_at
        if told.started_at is not None:
            _start(visit, _TOLD + place_of(told.started_at, told.visit_id), told.started_at)
        elif is_new:
            _start(visit, _NAMED + place_of(now, told.visit_id), now)
        if is_new:
            visit.received_at = now
        at = place_of(now if told.started_at is None else told.started_at, told.visit_id)
        _of_whom(visit, at, told.user_agent, told.global_visit_id)
        visit_store(visit, begun=begun)
    return visit, is_new


def session_create(*, visit: Visit, told: NewSession, now: int) -> tuple[Session, bool]:
    """The session that was told of a visit, and whether it is new. It is the active one from its start on.

    Raises OfAnotherVisit.
    """
    with transaction.atomic():
        visit = _again_held(visit.pk)
        known = Session.objects.filter(application_id=visit.application_id, session_id=told.session_id).first()
        if known is not None:
            if known.visit_id != visit.pk:
                raise OfAnotherVisit("The session of 'sessionId' belongs to another visit.", field="sessionId")
            return known, False
        _room_require(visit, Session.objects.filter(visit=visit, told=True).count())
        before = turns_of(visit)
        also = visit.recognitions.values_list("identity_id", flat=True)
        identity = identities_held(visit.application_id, [told.identity_id], also)[told.identity_id]
        session = Session(
            application_id=visit.application_id,
            visit=visit,
            identity=identity,
            session_id=told.session_id,
            started_at=told.started_at,
            told=True,
        )
        sessions_make([session])
        turn = Turn(place_of(told.started_at, told.session_id), SIGN_IN, identity.pk, session.pk)
        visit.has_turns, visit.received_at = True, max(visit.received_at, now)
        visit.last_at = max(visit.last_at, told.started_at)
        moved = story_write(visit, Story(before), Story([*before, turn]))
        pages_take(visit, (), moved=moved)
        visit_store(visit, begun=visit.started_at)
        session.refresh_from_db()
    return session, True


def page_create(*, session: Session, told: NewPage, now: int) -> tuple[Page, bool]:
    """The page that was told of a session, and whether it is new. Raises OfAnotherVisit."""
    with transaction.atomic():
        visit = _again_held(session.visit_id)
        _room_require(visit, Page.objects.filter(visit=visit, told=True).count())
        page, is_new = page_tell(visit, session, told)
        visit.received_at = max(visit.received_at, now)
        visit.last_at = max(visit.last_at, told.started_at)
        visit_store(visit, begun=visit.started_at)
    return page, is_new


def visit_held(application: Application, visit_id: UUID) -> Visit:
    """The visit of this id, made when it is not there, and locked until the transaction ends."""
    return _held(application.pk, visit_id)[0]


def visit_note(visit: Visit, arrival: Arrival) -> None:
    """Take note of an event on its visit, which is stored later."""
    rank = _STARTED if arrival.is_system(VISIT_STARTED) else _NAMED
    _start(visit, rank + arrival.place, arrival.happened_at)
    visit.last_at = max(visit.last_at, arrival.happened_at)
    visit.received_at = max(visit.received_at, arrival.received_at)
    _of_whom(visit, arrival.place, arrival.user_agent, arrival.global_visit_id)


def visit_store(visit: Visit, *, begun: int) -> None:
    """Write the visit; and its start, where it is not ``begun`` any more, where its identities' lists go by it."""
    visit.save(force_update=True)
    if visit.started_at != begun:
        visit.recognitions.update(started_at=visit.started_at)


def _room_require(visit: Visit, told: int) -> None:
    """Raise VisitIsFull where as many of a kind were told as a visit may have events."""
    most = options.EVENTS_PER_VISIT.of(visit.application)
    if told >= most:
        raise VisitIsFull(f"A visit has at most {most} of these.")


def sessions_make(sessions: Collection[Session]) -> None:
    """Store new sessions. Raises OfAnotherVisit for an id that one has already: somebody told it, of whatever visit."""
    try:
        with transaction.atomic():
            Session.objects.bulk_create(sessions)
    except IntegrityError as rival:
        words = "The session of 'sessionId' belongs to another visit."
        raise OfAnotherVisit(words, field="sessionId") from rival


def _again_held(key: int) -> Visit:
    """A visit that was found before, locked. Raises NotFound when a purge took it meanwhile."""
    rows = Visit.objects.select_for_update(of=("self",), no_key=True).select_related("application")
    visit = rows.filter(pk=key).first()
    if visit is None:
        raise NotFound("There is no such visit.")
    return visit


def _held(application_id: int, visit_id: UUID) -> tuple[Visit, bool]:
    rows = Visit.objects.select_for_update(no_key=True).filter(application_id=application_id, visit_id=visit_id)
    visit = rows.first()
    if visit is not None:
        return visit, False
    new = Visit(
        application_id=application_id,
        visit_id=visit_id,
        started_at=0,
        started_key=BEYOND,
        last_at=0,
        received_at=0,
        global_visit_key=BEYOND,
        user_agent_key=BEYOND,
    )
    Visit.objects.bulk_create([new], ignore_conflicts=True)
    visit = rows.get()
    return visit, visit.started_key == BEYOND


def _start(visit: Visit, key: str, at: int) -> None:
    visit.last_at = max(visit.last_at, at)
    if key < visit.started_key:
        visit.started_key, visit.started_at = key, at


def _of_whom(visit: Visit, place: str, user_agent: str, global_visit_id: UUID | None) -> None:
    if user_agent and place < visit.user_agent_key:
        visit.user_agent, visit.user_agent_key = user_agent, place
        visit.user_agent_id = derived_id("user agent", user_agent)
    if global_visit_id and place < visit.global_visit_key:
        visit.global_visit_id, visit.global_visit_key = global_visit_id, place
