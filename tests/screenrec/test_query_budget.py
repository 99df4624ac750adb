"""How many statements each call takes, kept as a table: whoever raises a number does it knowingly."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import User
from environment.models import Place
from screenrec import options
from screenrec.models import RecorderSession
from tests.cast import PASSWORD, basic
from tests.oauthapi.test_query_budget import statements
from tests.screenrec.desktop import ME, SEAT, Desktop, put

BUDGET = {
    "version": 2,
    "preflight": 2,
    "version, origin of a contact center": 3,
    "preflight, origin of a contact center": 3,
    "ping, origin of a contact center": 5,
    "ping": 4,
    "ping with the pair beside": 4,
    "ping with the bare name beside": 4,
    "ping by pair": 8,
    "who": 3,
    "login": 9,
    "login with a seat": 15,
    "logout": 9,
}
"""Of the second call, caches warm; transactions' own words are not counted."""


@pytest.fixture
def calls(bob: User, carl: User, places: dict[str, Place]) -> dict[str, Callable[[], Any]]:
    desktop, seated, fresh = Desktop(bob), Desktop(bob), Desktop(bob)
    theirs = Desktop(carl, origin="https://one.example.com")
    put(options.ALLOWED_ORIGINS, theirs.origin, carl.contact_center)

    def prepared(call: Callable[[], Any], *before: Callable[[], Any]) -> Callable[[], Any]:
        for each in before:
            assert each().status_code == 200
        return call

    return {
        "version": lambda: desktop.ask("GET", "/version"),
        "preflight": lambda: desktop.ask("OPTIONS", ME),
        "login": lambda: desktop.log_in(),
        "login with a seat": lambda: seated.log_in(SEAT),
        "version, origin of a contact center": lambda: theirs.ask("GET", "/version"),
        "preflight, origin of a contact center": lambda: theirs.ask("OPTIONS", ME),
        "ping, origin of a contact center": prepared(lambda: theirs.ping(), theirs.log_in),
        "ping": prepared(lambda: desktop.ping(), desktop.log_in),
        "ping with the pair beside": lambda: desktop.ping(Authorization=desktop.pair),
        "ping with the bare name beside": lambda: desktop.ping(Authorization=basic("bob", PASSWORD)),
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
    assert RecorderSession.objects.count() == 7
    assert len(statements(calls["ping"])) == BUDGET["ping"]
