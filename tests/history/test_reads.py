"""Every documented GET (reference A.8): exact bodies, every filter, every include, by a table that misses none."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.urls import reverse

from history.models import Event, Page, Recognition, Session
from history.views.lists import ResourceView
from tests.history.asking import PAIR, ask
from tests.history.visiting import (
    ADA,
    AGENT,
    BASE,
    CART,
    CHECKOUT,
    ENTERED,
    FIREFOX,
    GLOBAL,
    HOME,
    INFO,
    LEFT,
    LONE,
    NEXT,
    OTHER,
    SESSION,
    SHOP,
    SIGNED,
    START,
    STARTED,
    VISIT,
    below,
    event,
    get,
    guid,
    keys_of,
    post,
    send,
    visitor,
)  # fmt: skip

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world")]
ALL = [STARTED, ENTERED, CART, SIGNED, LEFT, NEXT, INFO]
ADAS = [SIGNED, LEFT, NEXT, INFO]
BASES = (BASE, "/backend/data", "/history/GWE/server/data", "/history/GWE/backend/data")

VISIT_TOLD = {
    "eventIds": None, "events": None, "pageIds": None, "pages": None, "sessionIds": None, "sessions": None,
    "visitId": VISIT, "startDate": START, "endDate": 0, "activeSessionId": SESSION, "globalVisitID": GLOBAL,
    "userAgentId": AGENT,
}  # fmt: skip
OTHER_TOLD = VISIT_TOLD | {
    "visitId": OTHER, "startDate": START + 7_000, "activeSessionId": None, "globalVisitID": None, "userAgentId": None,
}  # fmt: skip
SESSION_TOLD = {
    "eventIds": None, "events": None, "pageIds": None, "pages": None, "sessionId": SESSION,
    "startDate": START + 3_000, "endDate": 0, "duration": 0, "identityId": ADA,
}  # fmt: skip
HOME_TOLD = {
    "eventIds": None, "events": None, "pageId": HOME, "startDate": START + 1_000, "endDate": START + 4_000,
    "duration": 3, "visitId": VISIT, "sessionId": SESSION, "identityId": ADA, "browserPageID": "P1",
    "url": f"{SHOP}/", "title": "Shop", "category": "",
}  # fmt: skip
CHECKOUT_TOLD = HOME_TOLD | {
    "pageId": CHECKOUT, "startDate": START + 5_000, "endDate": 0, "duration": 0, "browserPageID": None,
    "url": f"{SHOP}/pay", "title": "Pay", "category": "pay",
}  # fmt: skip
ADA_TOLD = {
    "eventIds": None, "events": None, "pageIds": None, "pages": None, "visitIds": None, "visits": None,
    "sessionIds": None, "sessions": None, "identityId": ADA, "name": "Ada", "location": "Paris", "entityInCS": "CS1",
    "visitScope": "Authenticated",
}  # fmt: skip
CART_TOLD = {
    "eventID": CART, "category": "shoes", "eventType": "BUSINESS", "eventName": "AddToCart", "serverTimestamp": ...,
    "timestamp": START + 2_000, "browserPageID": "P1", "globalVisitID": None, "visitID": VISIT, "pageID": HOME,
    "url": f"{SHOP}/", "data": {"price": 9.5, "a": [1]},
}  # fmt: skip


def assert_told(told: Any, wanted: dict[str, Any]) -> None:
    """Members, their values and their order; ``serverTimestamp`` is about now."""
    assert list(told) == list(wanted)
    if "serverTimestamp" in wanted:
        assert abs(told["serverTimestamp"] - time.time() * 1_000) < 60_000
        wanted = wanted | {"serverTimestamp": told["serverTimestamp"]}
    assert told == wanted


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        (f"/visits/{VISIT}", VISIT_TOLD),
        (f"/visits/{OTHER}", OTHER_TOLD),
        (f"/sessions/{SESSION}", SESSION_TOLD),
        (f"/pages/{HOME}", HOME_TOLD),
        (f"/pages/{CHECKOUT}", CHECKOUT_TOLD),
        (visitor(ADA), ADA_TOLD),
        (f"/events/{CART}", CART_TOLD),
        ("/identities", [ADA_TOLD]),
        (f"/visits/{VISIT}/identities", [ADA_TOLD]),
        (f"/visits/{VISIT}/sessions", [SESSION_TOLD]),
        (f"/visits/{VISIT}/pages", [HOME_TOLD, CHECKOUT_TOLD]),
        (f"/sessions/{SESSION}/pages", [HOME_TOLD, CHECKOUT_TOLD]),
        (visitor(ADA, "/visits"), [VISIT_TOLD]),
        (visitor(ADA, "/sessions"), [SESSION_TOLD]),
        (visitor(ADA, "/pages"), [HOME_TOLD, CHECKOUT_TOLD]),
        (f"/pages/{HOME}/events?eventName=AddToCart", [CART_TOLD]),
    ],
)
def test_a_resource_is_told_exactly(path: str, wanted: Any) -> None:
    slashed = path.replace("?", "/?") if "?" in path else f"{path}/"
    for written in (*(base + path for base in BASES), BASE + slashed):
        answer = ask(written, PAIR)
        assert (answer.status_code, answer["Content-Type"]) == (200, "application/json; charset=UTF-8")
        assert "Paging-Next" not in answer
        told = answer.json()
        assert isinstance(told, list) is isinstance(wanted, list)
        many: Any = (told, wanted) if isinstance(wanted, list) else ([told], [wanted])
        for one, expected in zip(*many, strict=True):
            assert_told(one, expected)


NEAR = 3_600
FILTERS: dict[str, tuple[str, dict[str, list[tuple[Any, list[str]]]]]] = {
    "history-identities": ("identityId", {
        "location": [("Paris", [ADA]), ("paris", []), ("Rome", [])],
        "userAgent": [(FIREFOX, [ADA]), ("Firefox", []), (FIREFOX.upper(), [])],
    }),
    "history-visit-identities": ("identityId", {
        "association": [("Authenticated", [ADA]), ("Recognized", [])],
    }),
    "history-identity-visits": ("visitId", {
        "age": [(NEAR, []), (10**9, [VISIT])],
        "globalVisitID": [(GLOBAL, [VISIT]), (GLOBAL.upper(), [VISIT]), (guid(7), [])],
        "userAgent": [(FIREFOX, [VISIT]), ("Opera", [])],
    }),
    "history-visit-sessions": ("sessionId", {
        "age": [(NEAR, []), (10**9, [SESSION])],
        "identityId": [(ADA, [SESSION]), ("nobody", [])],
    }),
    "history-identity-sessions": ("sessionId", {"age": [(NEAR, []), (10**9, [SESSION])]}),
    **dict.fromkeys(("history-visit-pages", "history-session-pages", "history-identity-pages"), ("pageId", {
        "age": [(NEAR, []), (10**9, [HOME, CHECKOUT])],
        "url": [(f"{SHOP}/", [HOME]), (f"{SHOP}/p", [])],
        "title": [("Pay", [CHECKOUT]), ("pay", [])],
        "category": [("pay", [CHECKOUT]), ("all categories", [CHECKOUT]), ("shoes", [])],
    })),
    "history-visit-events": ("eventID", {
        "age": [(NEAR, ALL), (0, []), (10**11, ALL)],
        "eventName": [("PageEntered", [ENTERED, NEXT]), ("pageentered", [])],
        "eventType": [("BUSINESS", [CART]), ("SYSTEM", [each for each in ALL if each != CART])],
        "category": [("shoes", [CART]), ("all categories", [CART, NEXT])],
        "url": [(f"{SHOP}/", [ENTERED, CART]), (SHOP, [])],
        "browserPageID": [("P1", [ENTERED, CART, SIGNED, LEFT]), ("P", [])],
    }),
    "history-session-events": ("eventID", {
        "age": [(NEAR, ADAS), (0, [])],
        "eventName": [("SignIn", [SIGNED])],
        "eventType": [("BUSINESS", []), ("SYSTEM", ADAS)],
        "category": [("pay", [NEXT]), ("all categories", [NEXT])],
        "url": [(f"{SHOP}/pay", [NEXT])],
    }),
    "history-page-events": ("eventID", {
        "age": [(NEAR, [ENTERED, CART, SIGNED, LEFT]), (0, [])],
        "eventName": [("PageExited", [LEFT])],
        "eventType": [("BUSINESS", [CART]), ("SYSTEM", [ENTERED, SIGNED, LEFT])],
        "category": [("shoes", [CART]), ("all categories", [CART]), ("pay", [])],
    }),
    "history-identity-events": ("eventID", {
        "age": [(NEAR, ADAS), (0, [])],
        "eventName": [("UserInfo", [INFO])],
        "eventType": [("BUSINESS", []), ("SYSTEM", ADAS)],
        "category": [("pay", [NEXT]), ("all categories", [NEXT])],
        "url": [(f"{SHOP}/pay", [NEXT])],
        "globalVisitID": [(GLOBAL, [SIGNED])],
    }),
}  # fmt: skip
"""By the name of the path: what a row is called by, and for each filter values and the rows that pass it."""
_OF_ADA = {"pages": [HOME, CHECKOUT], "events": ADAS}
_OF_VISIT = {"pages": [HOME, CHECKOUT], "events": ALL, "sessions": [SESSION]}
_OF_HOME = {"events": [ENTERED, CART, SIGNED, LEFT]}
INCLUDES: dict[str, dict[str, list[str]]] = {
    "history-identities": _OF_ADA | {"visits": [VISIT], "sessions": [SESSION]},
    "history-identity": _OF_ADA | {"visits": [VISIT], "sessions": [SESSION]},
    "history-visit-identities": _OF_ADA | {"visits": [VISIT]},
    "history-identity-visits": _OF_VISIT,
    "history-visit": _OF_VISIT,
    "history-visit-sessions": _OF_ADA,
    "history-identity-sessions": _OF_ADA,
    "history-session": _OF_ADA,
    "history-visit-pages": _OF_HOME,
    "history-session-pages": _OF_HOME,
    "history-identity-pages": _OF_HOME,
    "history-page": _OF_HOME,
}
"""Likewise: for each list that may be included the ids that the first resource has in it."""
NAMES = {"visits": "visitId", "sessions": "sessionId", "pages": "pageId", "events": "eventID"}
WHOLE: dict[str, dict[str, Any]] = {
    "visits": VISIT_TOLD,
    "sessions": SESSION_TOLD,
    "pages": HOME_TOLD,
    "events": CART_TOLD,
}
KNOWN = {"visit_id": VISIT, "session_id": SESSION, "page_id": HOME, "event_id": CART, "identity_id": ADA}


def resources() -> Iterator[tuple[str, type[ResourceView], str]]:
    """(name, view, path below a door with what the world holds) of every resource."""
    for pattern in below():
        words = {name: KNOWN[name] for name in pattern.pattern.regex.groupindex}
        yield pattern.name, pattern.callback.cls, reverse(pattern.name, kwargs=words).removeprefix(BASE)


PATHS = {name: path for name, view, path in resources() if hasattr(view, "get")}


def test_the_tables_miss_no_filter_and_no_list() -> None:
    for name, view, _path in resources():
        assert sorted(view.filters) == sorted(FILTERS.get(name, ("", {}))[1]), name
        assert sorted(view.lists) == sorted(INCLUDES.get(name, {})), name


@pytest.mark.parametrize("name", FILTERS)
def test_a_filter_keeps_what_it_names(name: str) -> None:
    time.sleep(0.002)
    key, filters = FILTERS[name]
    for filtered, values in filters.items():
        for value, wanted in values:
            assert keys_of(get(PATHS[name], **{filtered: value}), key) == wanted, (filtered, value)


@pytest.mark.parametrize("name", INCLUDES)
def test_a_list_is_told_when_asked_for(name: str) -> None:
    def first(**query: str) -> dict[str, Any]:
        told = get(PATHS[name], **query).json()
        return told[0] if isinstance(told, list) else told

    bare = first()
    for listed, wanted in INCLUDES[name].items():
        ids = f"{listed[:-1]}Ids"
        assert (bare[ids], bare[listed]) == (None, None)
        assert first(**{f"include_{listed}": "false", f"include_{listed}_detail": "false"}) == bare
        with_ids = first(**{f"include_{listed}": "true"})
        assert list(with_ids) == list(bare)
        assert with_ids == bare | {ids: wanted}
        detailed = first(**{f"include_{listed}": "TRUE", f"include_{listed}_detail": "true"})
        assert detailed == bare | {ids: wanted, listed: detailed[listed]}
        assert [each[NAMES[listed]] for each in detailed[listed]] == wanted
        for each in detailed[listed]:
            assert list(each) == list(WHOLE[listed])
            if each[NAMES[listed]] == WHOLE[listed][NAMES[listed]]:
                assert_told(each, WHOLE[listed])


def test_all_lists_at_once_and_the_empty_ones_are_empty() -> None:
    told = get(f"/visits/{OTHER}", include_pages="true", include_sessions="true", include_sessions_detail="true",
               include_events="true").json()  # fmt: skip
    assert told == OTHER_TOLD | {"pageIds": [], "sessionIds": [], "sessions": [], "eventIds": [LONE]}
    assert list(told) == list(OTHER_TOLD)


def test_each_parent_gets_its_own_lists() -> None:
    send(OTHER, event("SignIn", guid(1), 8, data={"userID": ADA}), event("Look", guid(2), 9, browserPageID="P1"))
    first, second = get(visitor(ADA, "/visits"), include_events="true", include_pages="true").json()
    assert (first["visitId"], first["eventIds"], first["pageIds"]) == (VISIT, ALL, [HOME, CHECKOUT])
    assert (second["visitId"], second["eventIds"]) == (OTHER, [LONE, guid(1), guid(2)])
    assert len(second["pageIds"]) == 1


EMPTY = [
    (f"/visits/{OTHER}/identities", {}), (f"/visits/{OTHER}/sessions", {}), (f"/visits/{OTHER}/pages", {}),
    (f"/visits/{OTHER}/events", {"eventName": "No"}), (f"/pages/{HOME}/events", {"eventName": "No"}),
]  # fmt: skip


@pytest.mark.parametrize(("path", "query"), EMPTY)
def test_an_empty_list_is_204_without_a_body(path: str, query: dict[str, str]) -> None:
    answer = get(path, **query)
    assert (answer.status_code, answer.content) == (204, b"")
    assert "Content-Type" not in answer
    assert "Paging-Next" not in answer
    assert ask(f"{BASE}{path}", PAIR, method="head").status_code in (200, 204)


def test_an_empty_door_knows_no_identities(t200: Any) -> None:
    from tests.history.asking import server

    server("Two", t200, PAIR)
    assert get("/identities", base="/history/Two/server/data").status_code == 204


def test_several_filters_must_all_pass() -> None:
    path = f"/visits/{VISIT}/events"
    assert keys_of(get(path, eventType="SYSTEM", url=f"{SHOP}/", age=NEAR), "eventID") == [ENTERED]
    assert keys_of(get(path, eventName="AddToCart", eventType="SYSTEM"), "eventID") == []


@pytest.mark.parametrize(
    ("path", "key", "row", "column"),
    [
        (f"/visits/{VISIT}/events", LEFT, lambda: Event.objects.exclude(event_id=LEFT), "received_at"),
        (visitor(ADA, "/events"), INFO, lambda: Event.objects.exclude(event_id=INFO), "received_at"),
        (visitor(ADA, "/pages"), HOME, lambda: Page.objects.exclude(page_id=HOME), "started_at"),
        (visitor(ADA, "/sessions"), SESSION, lambda: Session.objects.exclude(session_id=SESSION), "started_at"),
        (visitor(ADA, "/visits"), VISIT, lambda: Recognition.objects.exclude(visit__visit_id=VISIT), "started_at"),
    ],
)
def test_age_leaves_out_what_is_older(path: str, key: str, row: Callable[[], Any], column: str) -> None:
    now = int(time.time() * 1_000)
    rows = row()
    rows.model.objects.update(**{column: now - 30_000})
    rows.update(**{column: now - 300_000})
    name = NAMES[path.rpartition("/")[2]]
    assert keys_of(get(path, age=100), name) == [key]
    assert keys_of(get(path, age=10), name) == []


def test_head_answers_as_get_without_a_body() -> None:
    for name, path in PATHS.items():
        head = ask(BASE + path, PAIR, method="head")
        assert (name, head.status_code, head.content) == (name, 200, b"")
        assert head["Content-Type"] == "application/json; charset=UTF-8"


def test_what_a_sender_makes_without_events() -> None:
    made = post("/visits", {"visitId": guid(1), "startDate": START, "userAgent": FIREFOX, "globalVisitID": GLOBAL})
    assert made.status_code == 201
    assert_told(made.json(), VISIT_TOLD | {"visitId": guid(1), "activeSessionId": None})
    again = post("/visits", {"visitId": guid(1), "startDate": START + 9})
    assert (again.status_code, again.json()) == (200, made.json())
    opened = post(f"/visits/{guid(1)}/sessions", {"sessionId": guid(2), "identityId": "bob", "startDate": START + 1})
    assert opened.status_code == 201
    bobs = SESSION_TOLD | {"sessionId": guid(2), "identityId": "bob", "startDate": START + 1}
    assert_told(opened.json(), bobs)
    assert post(f"/visits/{guid(1)}/sessions", {"sessionId": guid(2), "identityId": "eve"}).json() == opened.json()
    page = {"pageId": guid(3), "url": SHOP, "title": "T", "category": "c", "browserPageID": "B", "startDate": START + 2}
    seen = post(f"/sessions/{guid(2)}/pages", page)
    assert seen.status_code == 201
    shown = {"visitId": guid(1), "sessionId": guid(2), "identityId": "bob", "endDate": 0, "duration": 0}
    assert_told(seen.json(), HOME_TOLD | page | shown)
    again = post(f"/sessions/{guid(2)}/pages", page | {"url": "other"})
    assert (again.status_code, again.json()) == (200, seen.json())
    assert get(f"/visits/{guid(1)}").json()["activeSessionId"] == guid(2)
    assert get(f"/visits/{guid(1)}/events").status_code == 204
    assert get(f"/visits/{guid(1)}", include_pages="true").json()["pageIds"] == [guid(3)]
    assert get(visitor("bob")).json()["visitScope"] == "Authenticated"
    assert [post("/visits", body).status_code for body in ("{}", "", " ")] == [201, 201, 201]


def test_a_door_is_one_under_each_of_its_names() -> None:
    for number, base in enumerate(BASES):
        sent = event("Late", guid(90 + number), 60)
        assert send(VISIT, sent, base=base).status_code == 201
        assert send(VISIT, sent, base=BASES[-1 - number]).status_code == 200
    for base in BASES:
        late = get(f"/visits/{VISIT}/events", base=base, eventName="Late")
        assert keys_of(late, "eventID") == [guid(90 + number) for number in range(4)]
