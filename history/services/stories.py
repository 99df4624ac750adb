"""What a visit's turns come to, written to its rows: whose its events are, its sessions' ends, who was recognised."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

from django.db.models import Q

from history.models import Event, Session, Visit
from history.places import parts_of, place_of
from history.services.identities import recognitions_write
from history.turns import SIGN_IN, Standing, Story, Turn, first_difference

_AT_ONCE = 5_000
"""Keys in one statement."""


def turns_of(visit: Visit) -> list[Turn]:
    """The turns that the visit has so far: of events, and of sessions that were told without one."""
    if not visit.has_turns:
        return []
    rows = Event.objects.filter(visit=visit, is_turn=True).order_by()
    turns = [
        Turn(place_of(at, key), name, subject, session if name == SIGN_IN else None)
        for at, key, name, subject, session in rows.values_list(
            "happened_at", "event_id", "event_name", "subject_id", "session_id"
        )
    ]
    told = Session.objects.filter(visit=visit, told=True).order_by()
    turns += [
        Turn(place_of(at, key), SIGN_IN, identity, pk)
        for at, key, identity, pk in told.values_list("started_at", "session_id", "identity_id", "pk")
    ]
    return turns


def story_write(visit: Visit, old: Story, new: Story) -> set[UUID]:
    """Make rows that are there already say what ``new`` says instead of ``old``; return the pages this moves.

    Sets ``visit.active_session_id`` without saving it.
    """
    recognitions_write(visit, new.scopes)
    sessions = list(Session.objects.filter(visit=visit))
    ended = [row for row in sessions if row.ended_at != new.ends.get(row.pk)]
    for row in ended:
        row.ended_at = new.ends.get(row.pk)
    if ended:
        Session.objects.bulk_update(ended, ["ended_at"])
    visit.active_session_id = next((row.session_id for row in sessions if row.pk == new.active), None)
    begin = first_difference(old, new)
    return set() if begin is None else set(_events_move(visit, begin, new))


def _events_move(visit: Visit, begin: str, new: Story) -> Iterator[UUID]:
    """Write whose the events from this place on are, where that changed; yield their pages.

    They are read and compared here: a statement for each stretch between two turns would be one for each turn.
    """
    at, key = parts_of(begin)
    rows = Event.objects.filter(Q(happened_at__gt=at) | Q(happened_at=at, event_id__gte=key), visit=visit).order_by()
    moved: dict[Standing, list[int]] = {}
    for pk, happened_at, event_id, page_id, *stored in rows.values_list(
        "pk", "happened_at", "event_id", "page_id", "identity_id", "session_id"
    ):
        standing = new.standing_of(place_of(happened_at, event_id))
        if standing != tuple(stored):
            moved.setdefault(standing, []).append(pk)
            if page_id is not None:
                yield page_id
    for standing, keys in moved.items():
        for start in range(0, len(keys), _AT_ONCE):
            some = Event.objects.filter(pk__in=keys[start : start + _AT_ONCE])
            some.update(identity_id=standing.identity, session_id=standing.session)
