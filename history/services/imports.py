"""Imports: lines of a file and how far it came, written together or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from config.http.errors import Conflict
from config.policy import require
from environment.models import Application
from history.arrivals import Arrival
from history.errors import ImportOvertaken
from history.lines import Told
from history.models import HistoryImport, Identity, Recognition, Visit
from history.places import BEYOND
from history.services.events import events_take
from history.services.identities import identities_held
from history.services.retrying import again
from history.services.visits import visit_create, visit_held

_Numbered = Sequence[tuple[int, Arrival]]
"""Events with the numbers of their lines."""


@dataclass(slots=True)
class Counted:
    """What some lines came to; ``refused`` are line numbers with their reasons."""

    stored: int = 0
    duplicates: int = 0
    refused: dict[int, str] = field(default_factory=dict)


def import_begin(*, application: Application, fingerprint: str, file_name: str, restart: bool = False) -> HistoryImport:
    """The import of this file: as far as it came, or from its beginning. Raises Forbidden."""
    now = timezone.now()
    anew = {"lines_done": 0, "stored": 0, "duplicates": 0, "refused": 0, "started_at": now, "finished_at": None}
    row = HistoryImport(
        application=application, fingerprint=fingerprint, file_name=file_name[:255], last_at=now, **anew
    )
    require("administer", row)
    with transaction.atomic():
        HistoryImport.objects.bulk_create([row], ignore_conflicts=True)
        rows = HistoryImport.objects.filter(application=application, fingerprint=fingerprint)
        if restart:
            rows.update(last_at=now, **anew)
        return rows.get()


def import_take(
    row: HistoryImport,
    *,
    upto: int,
    lines: Sequence[Told],
    keep: Callable[[Counted], None] = lambda _counted: None,
    trial: bool = False,
) -> Counted:
    """Store the lines, and that the import came to line ``upto``, in one transaction; ``row`` is brought up to date.

    ``keep`` hears of the outcome before it is certain, once in each try. ``trial``: nothing is kept. Raises Forbidden,
    ImportOvertaken when another process imports the same file at the same time.
    """
    require("administer", row)

    def take() -> Counted:
        with transaction.atomic():
            counted = _lines_take(row.application, lines)
            keep(counted)
            if trial:
                transaction.set_rollback(True)
            else:
                _note(row, upto, counted)
        return counted

    counted = again(take)
    row.lines_done = upto
    return counted


def import_finish(row: HistoryImport) -> None:
    """Note that the file was read to its end. Raises Forbidden."""
    require("administer", row)
    row.finished_at = timezone.now()
    row.save(update_fields=["finished_at"])


def _note(row: HistoryImport, upto: int, counted: Counted) -> None:
    moved = HistoryImport.objects.filter(pk=row.pk, lines_done=row.lines_done).update(
        lines_done=upto,
        stored=F("stored") + counted.stored,
        duplicates=F("duplicates") + counted.duplicates,
        refused=F("refused") + len(counted.refused),
        last_at=timezone.now(),
    )
    if not moved:
        raise ImportOvertaken(reason=f"{row} is no longer at line {row.lines_done}")


def _lines_take(application: Application, lines: Iterable[Told]) -> Counted:
    """Visits are locked before identities, as by a sender, and all of each in one order: nobody waits in a circle."""
    by_visit: dict[UUID, list[Told]] = {}
    for told in lines:
        by_visit.setdefault(told.visit_id, []).append(told)
    counted = Counted()
    visits = {key: _visit_take(application, key, of_visit, counted) for key, of_visit in sorted(by_visit.items())}
    arrivals = {
        key: [(told.number, told.arrival) for told in of_visit if told.arrival is not None]
        for key, of_visit in sorted(by_visit.items())
    }
    new = _identities_hold(application, visits, arrivals)
    for key, events in arrivals.items():
        _events_take(application, key, events, counted)
    if counted.refused:
        _unnamed_drop(visits, arrivals, new, counted)
    return counted


def _visit_take(application: Application, visit_id: UUID, lines: Iterable[Told], counted: Counted) -> Visit:
    """The visit, locked; made and told as the lines say."""
    for told in lines:
        if told.visit is not None:
            is_new = visit_create(application=application, told=told.visit, now=told.at)[1]
            counted.stored += is_new
            counted.duplicates += not is_new
    return visit_held(application, visit_id)


def _identities_hold(
    application: Application, visits: Mapping[UUID, Visit], arrivals: Mapping[UUID, _Numbered]
) -> dict[str, Identity]:
    """Lock everybody whom the events of these locked visits may change; return whom nobody had named before."""
    turning = {key for key, events in arrivals.items() if any(one.is_turn for _number, one in events)}
    if not turning:
        return {}
    names = {one.user_id for key in turning for _number, one in arrivals[key] if one.is_turn and one.user_id}
    there = Identity.objects.filter(application=application, identity_id__in=names)
    known = set(there.values_list("identity_id", flat=True))
    recognised = Recognition.objects.filter(visit__in=[visits[key].pk for key in turning])
    held = identities_held(application.pk, names, recognised.values_list("identity_id", flat=True))
    return {name: held[name] for name in names - known}


def _unnamed_drop(
    visits: Mapping[UUID, Visit], arrivals: Mapping[UUID, _Numbered], new: Mapping[str, Identity], counted: Counted
) -> None:
    """Take away what was made to be locked and then named by refused events only."""
    untold = [visit.pk for visit in visits.values() if visit.started_key == BEYOND]
    Visit.objects.filter(pk__in=untold, started_key=BEYOND, event_count=0).delete()
    taken = {one.user_id for events in arrivals.values() for number, one in events if number not in counted.refused}
    unnamed = [identity.pk for name, identity in new.items() if name not in taken]
    Identity.objects.filter(pk__in=unnamed, recognitions__isnull=True, told_keys={}).delete()


def _events_take(application: Application, visit_id: UUID, events: _Numbered, counted: Counted) -> None:
    """All at once; where one of them is in conflict, each by itself."""
    try:
        taken = events_take(application=application, visit_id=visit_id, arrivals=[one for _number, one in events])
    except Conflict as conflict:
        if len(events) == 1:
            counted.refused[events[0][0]] = conflict.message
            return
        for event in events:
            _events_take(application, visit_id, [event], counted)
    else:
        counted.stored += taken.new
        counted.duplicates += len(events) - taken.new
