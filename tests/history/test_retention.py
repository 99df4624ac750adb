"""Retention: silent visits go with all they hold, a slice at a time, and nobody who still writes is harmed."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections, transaction

from activity.jobs import COUNTED
from environment.models import Application
from history import periodic
from history.models import Event, Identity, Page, Recognition, Session, Visit
from history.periodic import visits_left, visits_purge
from history.selectors import spans
from tests.history.asking import put
from tests.history.rows import (
    DAY,
    MINUTE,
    event_row,
    make_event,
    make_events,
    make_identity,
    make_page,
    make_recognition,
    make_server,
    make_session,
    make_visit,
)

ALL = (Event, Page, Session, Recognition, Identity, Visit)
on_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")


@pytest.fixture
def server(t100: Any) -> Application:
    return make_server(t100)


def full_visit(server: Application, ago: int, identity: Identity, events: int = 3) -> Visit:
    visit = make_visit(server, ago=ago, event_count=events)
    make_recognition(visit, identity)
    session = make_session(visit, identity)
    page = make_page(visit, identity=identity, session=session)
    make_events(visit, events, page=page, identity=identity, session=session, subject=identity)
    return visit


def counts() -> list[int]:
    return [model.objects.count() for model in ALL]


def purged() -> int:
    """Until nothing is left over; the rows deleted."""
    done = 0
    for _slice in range(200):
        slice_done = visits_purge()
        done += slice_done.count
        if not slice_done.left_over:
            return done
    raise AssertionError("it never ends")


def test_old_visits_go_with_all_that_they_hold_and_young_ones_stay(server: Application) -> None:
    gone, stays, both = (make_identity(server, name) for name in ("gone", "stays", "both"))
    old = full_visit(server, 91 * DAY, gone)
    make_recognition(old, both)
    young = full_visit(server, 89 * DAY, stays)
    make_recognition(young, both)
    assert purged() == 3 + 1 + 1 + 2 + 1 + 1
    assert counts() == [3, 1, 1, 2, 2, 1]
    assert set(Identity.objects.all()) == {stays, both}
    assert Visit.objects.get() == young
    assert purged() == 0


def test_each_application_has_its_own_cut_off(server: Application, t200: Any) -> None:
    other = make_server(t200, "Other")
    for application, days in ((server, "10"), (other, "100")):
        put(application, "kept-days", days, section="history")
    rows = [make_visit(one, ago=age * DAY) for one in (server, other) for age in (5, 50, 150)]
    left = visits_left()
    assert (left.rows, left.overdue and left.overdue.days) == (3, 140)
    purged()
    assert set(Visit.objects.all()) == {rows[0], rows[3], rows[4]}


def test_an_identity_that_anything_still_names_stays(server: Application) -> None:
    """A visit that is written to between two slices may have lost its recognitions, and not its events."""
    named = make_identity(server, "named")
    young = make_visit(server, ago=1 * DAY)
    make_event(young, identity=named)
    make_recognition(make_visit(server, ago=91 * DAY), named)
    purged()
    assert Identity.objects.get() == named


def test_an_application_that_is_no_server_any_more_is_purged_too(server: Application) -> None:
    make_visit(server, ago=91 * DAY)
    Application.objects.update(type=Application.Type.OTHER, enabled=False)
    purged()
    assert not Visit.objects.exists()


@pytest.mark.parametrize("limit", [2, 3, 7, 1_000])
def test_slices_are_bounded_and_the_visit_goes_last(server: Application, limit: int, monkeypatch: Any) -> None:
    monkeypatch.setattr(periodic, "SLICE", limit)
    for number in range(3):
        full_visit(server, 91 * DAY + number, make_identity(server, str(number)), events=10)
    total = sum(counts())
    while (done := visits_purge()).count:
        assert done.count <= limit
        assert sum(counts()) == total - done.count
        total -= done.count
        # Whatever is left of a visit is still found by it, and says how many events it has.
        for visit in Visit.objects.all():
            assert visit.event_count == visit.events.count()
    assert sum(counts()) == 0


def test_many_visits_are_more_than_a_slice(server: Application) -> None:
    Visit.objects.bulk_create(
        Visit(application=server, visit_id=f"{n:032x}", started_at=n, last_at=n, received_at=n) for n in range(250)
    )
    assert visits_purge().left_over
    assert purged() == 150
    assert not Visit.objects.exists()


def test_what_is_left_is_told(server: Application, monkeypatch: Any) -> None:
    assert (visits_left().rows, visits_left().overdue) == (0, None)
    make_visit(server, ago=90 * DAY + 90 * MINUTE)
    make_visit(server, ago=95 * DAY)
    make_visit(server)
    left = visits_left()
    assert left.rows == 2
    assert left.overdue is not None
    assert left.overdue // timedelta(days=1) == 5
    monkeypatch.setattr(periodic, "COUNTED", 1)
    assert visits_left().rows == 2
    assert COUNTED == 10_000


def in_thread(work: Any) -> Any:
    """What a second process would get."""
    got: list[Any] = []

    def run() -> None:
        try:
            got.append(work())
        except Exception as fault:  # noqa: BLE001 - told by the test
            got.append(fault)
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(30)
    assert not thread.is_alive(), "it waits"
    (result,) = got
    if isinstance(result, Exception):
        raise result
    return result


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_a_visit_or_an_identity_that_somebody_writes_to_is_left_for_later(t100: Any) -> None:
    server = make_server(t100)
    ann, ben = make_identity(server, "ann"), make_identity(server, "ben")
    written, spared = full_visit(server, 91 * DAY, ann), full_visit(server, 92 * DAY, ben)
    late = make_visit(server)
    with transaction.atomic():
        Visit.objects.select_for_update().get(pk=written.pk)
        make_event(written)
        # Somebody recognises ben at this moment, in another visit.
        make_recognition(late, Identity.objects.select_for_update().get(pk=ben.pk))
        in_thread(purged)
        assert Visit.objects.filter(pk=spared.pk).exists()
        assert not spared.events.exists()
        Visit.objects.filter(pk=written.pk).update(received_at=spans.now_ms())
    purged()
    assert set(Visit.objects.all()) == {written, late}
    assert written.events.count() == 4
    assert set(Identity.objects.all()) == {ann, ben}


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_two_at_once_do_not_wait_for_each_other_and_delete_everything(t100: Any) -> None:
    server = make_server(t100)
    ann = make_identity(server, "ann")
    for number in range(30):
        full_visit(server, 91 * DAY + number, ann, events=20)
    faults: list[Any] = []

    def work() -> None:
        try:
            for _slice in range(60):
                visits_purge()
        except Exception as fault:  # noqa: BLE001 - told by the test
            faults.append(fault)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not faults
    purged()
    assert sum(counts()) == 0


@on_postgresql
@pytest.mark.django_db(transaction=True)
def test_a_visit_that_gets_an_event_while_its_turn_comes_stays(t100: Any) -> None:
    """The purge read it as due; its lock shows what was written meanwhile."""
    server = make_server(t100)
    visit = full_visit(server, 91 * DAY, make_identity(server))
    due = Visit.objects.filter(received_at__lt=spans.now_ms() - 90 * DAY)
    ready = threading.Event()

    def ingest() -> None:
        with transaction.atomic():
            Visit.objects.select_for_update().get(pk=visit.pk)
            event_row(visit).save()
            Visit.objects.filter(pk=visit.pk).update(received_at=spans.now_ms())
        ready.set()

    with transaction.atomic():
        assert list(due) == [visit]
        in_thread(ingest)
        assert ready.is_set()
        assert list(due.select_for_update(skip_locked=True)) == []
    assert purged() == 0
    assert visit.events.count() == 4
