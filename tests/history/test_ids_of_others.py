"""Ids that are taken, told twice or by another: answered, never a fault of ours."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import pytest

from environment.models import ContactCenter
from history.arrivals import derived_id
from history.models import Session, Visit
from history.records import NewVisit
from history.services.retention import visits_erase
from history.services.visits import visit_create
from tests.history.asking import PAIR, ask, put, server

pytestmark = pytest.mark.django_db
ONE, TWO, EVENT, TOLD = (str(UUID(int=number)) for number in (1, 2, 3, 4))


@pytest.fixture(autouse=True)
def gwe(t100: ContactCenter) -> Any:
    return server("GWE", t100, PAIR)


def post(path: str, body: Any) -> Any:
    words = {"data": json.dumps(body), "content_type": "application/json"}
    return ask(f"/server/data/{path}", PAIR, method="post", **words)


def sign_in(visit: str, **words: Any) -> Any:
    return post(f"visits/{visit}/events", {"eventName": "SignIn", "data": {"userID": "ada"}} | words)


def test_a_session_that_another_visit_has_is_a_conflict() -> None:
    for visit in (ONE, TWO):
        post("visits", {"visitId": visit})
    told = {"sessionId": TOLD, "identityId": "ada"}
    answers = [post(f"visits/{visit}/sessions", told).status_code for visit in (ONE, ONE, TWO)]
    assert answers == [201, 200, 409]


def test_a_sign_in_whose_session_somebody_told_is_a_conflict() -> None:
    post("visits", {"visitId": TWO})
    taken = str(derived_id(UUID(ONE), "session", UUID(EVENT)))
    assert post(f"visits/{TWO}/sessions", {"sessionId": taken, "identityId": "eve"}).status_code == 201
    answer = sign_in(ONE, eventID=EVENT)
    assert answer.status_code == 409
    assert not Visit.objects.filter(visit_id=ONE).exists()
    assert Session.objects.count() == 1


def test_a_visit_holds_no_more_told_sessions_and_pages_than_events(gwe: Any) -> None:
    put(gwe, "events-per-visit", "2", section="history")
    post("visits", {"visitId": ONE})
    sessions = [post(f"visits/{ONE}/sessions", {"identityId": "ada"}) for _ in range(3)]
    assert [answer.status_code for answer in sessions] == [201, 201, 409]
    pages = [post(f"sessions/{sessions[0].json()['sessionId']}/pages", {}).status_code for _ in range(3)]
    assert pages == [201, 201, 409]


def test_a_batch_without_ids_and_times_keeps_its_order() -> None:
    for number in range(10, 22):
        visit = str(UUID(int=number))
        batch = [{"eventName": "SignIn", "data": {"userID": "ada"}}, {"eventName": "AddToCart"}]
        post(f"visits/{visit}/events", batch)
    identity = ask("/server/data/identities/ada/events", PAIR).json()
    assert sorted(event["eventName"] for event in identity) == ["AddToCart"] * 12 + ["SignIn"] * 12


def test_a_told_page_stays_with_its_session_whoever_signs_in() -> None:
    post("visits", {"visitId": ONE})
    session = post(f"visits/{ONE}/sessions", {"identityId": "ada", "startDate": 1_000}).json()["sessionId"]
    page = post(f"sessions/{session}/pages", {"pageId": TOLD, "startDate": 1_100}).json()["pageId"]
    post(f"visits/{ONE}/events", {"eventName": "click", "pageID": page, "timestamp": 1_200})
    sign_in(ONE, timestamp=1_150, data={"userID": "eve"})
    told = ask(f"/server/data/pages/{page}", PAIR).json()
    assert (told["identityId"], told["sessionId"]) == ("ada", session)


def test_two_starts_in_either_order_end_alike(gwe: Any) -> None:
    ends = []
    for visit, starts in ((ONE, (100, 200)), (TWO, (200, 100))):
        for start in starts:
            visit_create(application=gwe, told=NewVisit(UUID(visit), start, "", None), now=300)
        ends.append(Visit.objects.values_list("started_at", "last_at").get(visit_id=visit))
    assert ends == [(100, 200), (100, 200)]


def test_a_visit_that_a_purge_began_to_take_says_nothing_of_what_is_gone() -> None:
    for _ in range(20):
        sign_in(ONE)
    assert ask(f"/server/data/visits/{ONE}", PAIR).json()["activeSessionId"]
    visits_erase(due=Visit.objects.all(), limit=30)
    left = Visit.objects.get(visit_id=ONE)
    assert (left.event_count, left.has_turns, left.active_session_id) == (0, False, None)
    assert post(f"visits/{ONE}/events", {"eventName": "click"}).status_code == 201
    assert ask(f"/server/data/visits/{ONE}", PAIR).json()["activeSessionId"] is None
