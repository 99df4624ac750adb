"""Whatever order and however often a visit's events come, its rows end the same; property-based."""

from __future__ import annotations

import random
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from environment.models import Application, ContactCenter
from history.arrivals import arrival_of
from history.models import Event, Identity, Page, Recognition, Session, Visit
from history.records import NewPage, NewSession, NewVisit
from history.services.events import events_take
from history.services.visits import page_create, session_create, visit_create
from tests.history.asking import server

pytestmark = pytest.mark.django_db
VISITS = [UUID(int=n) for n in (1, 2)]
NOW = 1_700_000_000_000
NAMES = ["VisitStarted", "PageEntered", "PageExited", "SignIn", "SignOut", "UserInfo", "AddToCart"]
USERS = ["ada", "bob", "eve"]


@pytest.fixture
def door(t100: ContactCenter) -> Application:
    return server("GWE", t100)


@st.composite
def event(draw: st.DrawFn, number: int) -> dict[str, Any]:
    name = draw(st.sampled_from(NAMES))
    body: dict[str, Any] = {
        "eventID": str(UUID(int=1_000 + number)),
        "eventName": name,
        # Few different times, so that equal ones are common.
        "timestamp": 1_000 * draw(st.integers(1, 6)),
        "visitID": str(draw(st.sampled_from(VISITS))),
        "url": f"https://shop.example.com/{number}",
        "category": draw(st.sampled_from(["", "shoes"])),
        "userAgent": draw(st.sampled_from(["", "Firefox", "Chrome"])),
    }
    if name in ("PageEntered", "PageExited", "AddToCart"):
        # Pages of one visit each.
        body["browserPageID"] = f"P{draw(st.integers(1, 3))}"
    if name == "SignIn" or (name == "UserInfo" and draw(st.booleans())):
        body["data"] = {"userID": draw(st.sampled_from(USERS)), "name": f"Name {number}"}
    if draw(st.booleans()):
        body["globalVisitID"] = str(UUID(int=draw(st.integers(50, 52))))
    return body


@st.composite
def events(draw: st.DrawFn) -> list[dict[str, Any]]:
    return [draw(event(number)) for number in range(draw(st.integers(1, 12)))]


def take(door: Application, bodies: list[dict[str, Any]]) -> None:
    by_visit: dict[UUID, list[Any]] = {}
    for body in bodies:
        visit_id, arrival = arrival_of(body, visit_id=None, now=NOW)
        by_visit.setdefault(visit_id, []).append(arrival)
    for visit_id, arrivals in by_visit.items():
        events_take(application=door, visit_id=visit_id, arrivals=arrivals)


def state(door: Application) -> dict[str, Any]:
    """Everything that is stored, by ids that a caller knows, but for the server's own times."""

    def rows(model: Any, key: str, *columns: str) -> list[Any]:
        return sorted(model.objects.values_list(key, *columns), key=repr)

    of_identity, of_session = "identity__identity_id", "session__session_id"
    return {
        "visits": rows(
            Visit, "visit_id", "started_at", "last_at", "global_visit_id", "user_agent", "active_session_id",
            "event_count", "has_turns",
        ),
        "events": rows(
            Event, "event_id", "visit__visit_id", "page_id", of_identity, of_session, "event_name", "happened_at"
        ),
        "pages": rows(
            Page, "page_id", "visit__visit_id", "url", "category", "started_at", "ended_at", of_identity, of_session
        ),
        "sessions": rows(Session, "session_id", "visit__visit_id", of_identity, "started_at", "ended_at"),
        "recognitions": rows(Recognition, "visit__visit_id", of_identity, "scope", "last_key", "started_at"),
        "identities": rows(Identity, "identity_id", "name", "visit_scope"),
    }  # fmt: skip


def undone(door: Application, *bodies_in_turn: list[dict[str, Any]]) -> dict[str, Any]:
    """What is stored after these calls; then nothing."""
    with transaction.atomic():
        for bodies in bodies_in_turn:
            take(door, bodies)
        found = state(door)
        transaction.set_rollback(True)
    return found


@settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
@given(bodies=events(), seed=st.integers(0, 2**32))
def test_any_order_and_duplication_ends_alike(door: Application, bodies: list[dict[str, Any]], seed: int) -> None:
    chance = random.Random(seed)
    in_order = sorted(bodies, key=lambda body: (body["timestamp"], body["eventID"]))
    wanted = undone(door, in_order)
    shuffled = chance.sample(bodies, len(bodies))
    assert undone(door, *([one] for one in shuffled)) == wanted, "one at a time"
    twice = chance.sample(bodies * 2, len(bodies) * 2)
    cut = chance.randrange(len(twice))
    assert undone(door, twice[:cut], twice[cut:]) == wanted, "in two batches, each event twice"


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(bodies=events(), seed=st.integers(0, 2**32))
def test_what_is_told_without_events_ends_alike_too(door: Application, bodies: list[dict[str, Any]], seed: int) -> None:
    chance = random.Random(seed)
    visit_id = VISITS[0]

    def told(name: str) -> None:
        visit = Visit.objects.get(visit_id=visit_id)
        if name == "visit":
            visit_create(application=door, told=NewVisit(visit_id, 500, "Opera", None), now=NOW)
        elif name == "session":
            session_create(visit=visit, told=NewSession(UUID(int=77), "bob", 3_500), now=NOW)
        else:
            session = Session.objects.get(session_id=UUID(int=77))
            page = NewPage(UUID(int=88), "", "https://shop.example.com/told", "Told", "", 3_600)
            page_create(session=session, told=page, now=NOW)

    def run(steps: list[Any]) -> dict[str, Any]:
        with transaction.atomic():
            visit_create(application=door, told=NewVisit(visit_id, None, "", None), now=NOW)
            for step in steps:
                told(step) if isinstance(step, str) else take(door, [step])
            found = state(door)
            transaction.set_rollback(True)
        return found

    wanted = run([*bodies, "visit", "session", "page"])
    steps: list[Any] = chance.sample([*bodies, "visit", "session"], len(bodies) + 2)
    steps.insert(chance.randrange(steps.index("session") + 1, len(steps) + 1), "page")
    assert run(steps) == wanted
