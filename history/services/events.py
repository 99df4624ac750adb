"""Taking events in: in any order, any number of times, a visit's rows end the same.

One transaction for one visit, whose row is locked first: rivals wait there. Nothing is derived by counting up what was
there before, only from the set of events: registers keep the value of the first (or last) place, and turns are told
over again (``history.turns``).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID

from django.db import IntegrityError, transaction

from environment.models import Application
from history import options
from history.arrivals import Arrival, derived_id
from history.errors import OfAnotherVisit, VisitIsFull
from history.models import Event, Identity, Session, Visit
from history.services.identities import identities_held, profiles_take
from history.services.pages import pages_take
from history.services.stories import story_write, turns_of
from history.services.visits import sessions_make, visit_held, visit_note, visit_store
from history.turns import SIGN_IN, Standing, Story, Turn


class Taken(NamedTuple):
    """The stored events in the order of their arrival, and how many of them are new."""

    events: list[Event]
    new: int

    @property
    def is_new(self) -> bool:
        """Whether any of them is."""
        return self.new > 0


def events_take(*, application: Application, visit_id: UUID, arrivals: Sequence[Arrival]) -> Taken:
    """Store the events of one visit, which is made when it is not there; all or none.

    An event whose id is known changes nothing. Raises OfAnotherVisit for an id that another visit of the application
    has, VisitIsFull. Two that name the same ids in another order may meet: callers try again (``services.retrying``).
    """
    if not arrivals:
        return Taken([], new=0)
    with transaction.atomic():
        visit = visit_held(application, visit_id)
        known = _known(visit, [arrival.event_id for arrival in arrivals])
        fresh: dict[UUID, Arrival] = {}
        for one in arrivals:
            if one.event_id not in known:
                fresh.setdefault(one.event_id, one)
        if fresh:
            most = options.EVENTS_PER_VISIT.of(application)
            if visit.event_count + len(fresh) > most:
                raise VisitIsFull(f"A visit has at most {most} events.")
            known |= _store(visit, list(fresh.values()))
        return Taken([known[one.event_id] for one in arrivals], new=len(fresh))


def _known(visit: Visit, keys: list[UUID]) -> dict[UUID, Event]:
    rows = Event.objects.filter(application_id=visit.application_id, event_id__in=keys)
    known = {row.event_id: row for row in rows}
    for row in known.values():
        if row.visit_id != visit.pk:
            raise OfAnotherVisit("The event of 'eventID' belongs to another visit.", field="eventID")
        row.visit = visit
    return known


def _store(visit: Visit, fresh: list[Arrival]) -> dict[UUID, Event]:
    turning = [one for one in fresh if one.is_turn]
    before = turns_of(visit)
    old = new = Story(before)
    identities: dict[str, Identity] = {}
    if turning:
        identities = _identities(visit, turning)
        sessions = _sessions(visit, turning, identities)
        new = Story([*before, *(_turn(one, identities, sessions) for one in turning)])
    noted = [(one, new.standing_of(one.place)) for one in fresh]
    events = [_event(visit, one, standing, identities) for one, standing in noted]
    try:
        with transaction.atomic():
            Event.objects.bulk_create(events)
    except IntegrityError as rival:
        # Another visit took the id at this moment.
        raise OfAnotherVisit("The event of 'eventID' belongs to another visit.", field="eventID") from rival
    begun = visit.started_at
    for one in fresh:
        visit_note(visit, one)
    visit.event_count += len(fresh)
    visit.has_turns = visit.has_turns or bool(turning)
    moved = story_write(visit, old, new) if turning else set()
    pages_take(visit, noted, moved=moved)
    profiles_take(identities, turning)
    visit_store(visit, begun=begun)
    return {event.event_id: event for event in events}


def _identities(visit: Visit, turning: list[Arrival]) -> dict[str, Identity]:
    also = visit.recognitions.values_list("identity_id", flat=True)
    return identities_held(visit.application_id, (one.user_id for one in turning if one.user_id), also)


def _sessions(visit: Visit, turning: list[Arrival], identities: dict[str, Identity]) -> dict[UUID, Session]:
    """The session of each new SignIn, by the event's id."""
    made = {
        one.event_id: Session(
            application_id=visit.application_id,
            visit=visit,
            identity=identities[one.user_id],
            session_id=derived_id(visit.visit_id, "session", one.event_id),
            started_at=one.happened_at,
        )
        for one in turning
        if one.event_name == SIGN_IN
    }
    sessions_make(made.values())
    return made


def _turn(one: Arrival, identities: dict[str, Identity], sessions: dict[UUID, Session]) -> Turn:
    identity, session = identities.get(one.user_id), sessions.get(one.event_id)
    return Turn(one.place, one.event_name, identity.pk if identity else None, session.pk if session else None)


def _event(visit: Visit, one: Arrival, standing: Standing, identities: dict[str, Identity]) -> Event:
    subject = identities.get(one.user_id) if one.is_turn else None
    return Event(
        application_id=visit.application_id,
        visit=visit,
        event_id=one.event_id,
        event_type=one.event_type,
        event_name=one.event_name,
        category=one.category,
        received_at=one.received_at,
        happened_at=one.happened_at,
        browser_page_id=one.browser_page_id,
        global_visit_id=one.global_visit_id,
        page_id=one.page_id,
        url=one.url,
        data_text=one.data_text,
        identity_id=standing.identity,
        session_id=standing.session,
        is_turn=one.is_turn,
        subject_id=subject.pk if subject else None,
    )
