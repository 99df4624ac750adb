"""How many statements each call takes, kept as a table: whoever raises a number does it knowingly."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import User
from environment.models import Place
from screenrec.models import RecorderSession
from tests.oauthapi.test_query_budget import statements
from tests.screenrec.desktop import ME, SEAT, Desktop

BUDGET = {
    "version": 2,
    "preflight": 2,
    "ping": 4,
    "ping by pair": 8,
    "who": 3,
    "login": 9,
    "login with a seat": 15,
    "logout": 9,
}
"""Of the second call, caches warm; transactions' own words are not counted."""


@pytest.fixture
def calls(bob: User, places: dict[str, Place]) -> dict[str, Callable[[], Any]]:
    desktop, seated, fresh = Desktop(bob), Desktop(bob), Desktop(bob)

    def prepared(call: Callable[[], Any], *before: Callable[[], Any]) -> Callable[[], Any]:
        for each in before:
            assert each().status_code == 200
        return call

    return {
        "version": lambda: desktop.ask("GET", "/version"),
        "preflight": lambda: desktop.ask("OPTIONS", ME),
        "login": lambda: desktop.log_in(),
        "login with a seat": lambda: seated.log_in(SEAT),
        "ping": prepared(lambda: desktop.ping(), desktop.log_in),
        "ping by pair": lambda: fresh.ask("GET", "/ping", pair=True),
        "who": lambda: desktop.ask("GET", ME),
        "logout": lambda: desktop.log_out(),
    }


@pytest.mark.parametrize("name", [name for name in BUDGET if name != "logout"])
def test_a_call_keeps_to_its_budget(calls: dict[str, Callable[[], Any]], name: str) -> None:
    calls[name]()
    taken = statements(calls[name])
    assert len(taken) == BUDGET[name], "\n".join(taken)


def test_a_logout_keeps_to_its_budget(bob: User, places: dict[str, Place]) -> None:
    desktop = Desktop(bob)
    for _ in range(2):
        desktop.log_in(SEAT)
        taken = statements(desktop.log_out)
    assert len(taken) == BUDGET["logout"], "\n".join(taken)


def test_it_does_not_grow_with_what_others_do(
    calls: dict[str, Callable[[], Any]], make_user: Any, t100: Any, bob: User
) -> None:
    calls["ping"]()
    for number in range(5):
        Desktop(make_user(f"other{number}", t100)).log_in()
    assert RecorderSession.objects.count() == 6
    assert len(statements(calls["ping"])) == BUDGET["ping"]
