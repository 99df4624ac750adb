"""How many statements the hot calls take, kept as a table: whoever raises a number does it knowingly."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import connection

from tests.history.visiting import ADA, CHECKOUT, VISIT, event, get, guid, send, visitor
from tests.oauthapi.test_query_budget import statements as of_200

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world")]
ON_SQLITE = connection.vendor == "sqlite"
BUDGET = {
    "events of an identity, a page of 1": 7,
    "events of an identity, a page of 100": 7,
    "a visit with ids and details of three lists": 17,
    "identities with four lists": 20,
    "one event on a known page": 11,
    "a known event": 6,
}
"""Caches warm; transactions' own words (BEGIN, SAVEPOINT, …) are not counted. Each included list is counted first."""
ROWS = 58
"""SQLite takes 999 values a statement, which are so many events."""


def statements(call: Callable[[], Any]) -> list[str]:
    """Those of a call that answers 200 or 201."""

    def called() -> Any:
        answer = call()
        answer.status_code = 200 if answer.status_code == 201 else answer.status_code
        return answer

    return of_200(called)


def look(number: int, **more: Any) -> dict[str, Any]:
    return event("Look", guid(10_000 + number), 100 + number, pageID=CHECKOUT, **more)


def inserts(taken: list[str]) -> int:
    return sum('INSERT INTO "history_event"' in each for each in taken)


@pytest.fixture
def calls() -> dict[str, Callable[[], Any]]:
    assert send(VISIT, *[look(number) for number in range(150)]).status_code == 201
    lists = {f"include_{name}{rest}": "true" for name in ("events", "pages", "sessions") for rest in ("", "_detail")}
    numbers = iter(range(200, 300))
    return {
        "events of an identity, a page of 1": lambda: get(visitor(ADA, "/events"), page_size=1),
        "events of an identity, a page of 100": lambda: get(visitor(ADA, "/events"), page_size=100),
        "a visit with ids and details of three lists": lambda: get(f"/visits/{VISIT}", **lists),
        "identities with four lists": lambda: get("/identities", include_visits="true", **lists),
        "one event on a known page": lambda: send(VISIT, look(next(numbers))),
        "a known event": lambda: send(VISIT, look(3)),
    }


@pytest.mark.parametrize("name", BUDGET)
def test_a_call_keeps_to_its_budget(calls: dict[str, Callable[[], Any]], name: str) -> None:
    calls[name]()
    taken = statements(calls[name])
    assert len(taken) == BUDGET[name], "\n".join(taken)


def test_a_batch_takes_as_many_statements_as_one_event() -> None:
    sent = iter(range(1_000, 9_000))
    taken = {
        size: statements(partial(send, VISIT, *[look(next(sent)) for _ in range(size)])) for size in (2, 2, 100, 1_000)
    }
    for size, each in taken.items():
        assert inserts(each) == (-(-size // ROWS) if ON_SQLITE else 1)
    rests = {size: len(each) - inserts(each) for size, each in taken.items()}
    assert set(rests.values()) == {BUDGET["one event on a known page"] - 1}, rests


def test_a_batch_of_turns_takes_no_more_for_more_identities_and_pages() -> None:
    def bodies(begin: int, count: int) -> list[dict[str, Any]]:
        return [
            event(name, guid(20_000 + begin + 2 * n + place), 200 + n, data={"userID": f"user{begin}-{n}"}, pageID=guid(
                90_000 + begin + n))
            for n in range(count)
            for place, name in enumerate(("SignIn", "Look"))
        ]  # fmt: skip

    few = statements(lambda: send(VISIT, *bodies(0, 2)))
    many = statements(lambda: send(VISIT, *bodies(1_000, 20)))
    assert len(many) == len(few), "\n".join(many)


def test_it_does_not_grow_with_what_the_visit_or_others_did(calls: dict[str, Callable[[], Any]]) -> None:
    call = calls["one event on a known page"]
    call()
    for number in range(10):
        send(guid(300 + number), event("SignIn", None, number, data={"userID": ADA}))
        send(VISIT, event("SignIn", None, 50 + number, data={"userID": f"user{number}"}))
    assert len(statements(call)) == BUDGET["one event on a known page"]
