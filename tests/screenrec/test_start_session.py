"""StartContactCenterSession, as the central server knows it: channels, place, login code and queue."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from environment.models import ContactCenter, Place
from screenrec import options
from screenrec.models import RecorderSession
from tests.cast import alter
from tests.screenrec.desktop import LOGOUT, ME, SEAT, Desktop, held, put, refused

pytestmark = pytest.mark.usefixtures("places")
START = {"operationName": "StartContactCenterSession", "channels": ["voice"]}


def start(desktop: Desktop, *, pair: bool = False, **more: Any) -> Any:
    return desktop.ask("POST", ME, START | more, pair=pair)


def test_it_seats_the_agent_and_notes_what_he_says(logged_in: Desktop) -> None:
    answer = start(logged_in, place="Place_1", loginCode="4711", queue="sales")
    assert (answer.status_code, answer.json()) == (200, {"statusCode": 0})
    session = RecorderSession.objects.get()
    assert (session.channels, session.place_name) == (["voice"], "Place_1")
    assert (session.login_code, session.queue) == ("4711", "sales")
    assert held() == ["7001", "7002"]


def test_without_a_place_his_own_counts(logged_in: Desktop, bob: User, places: dict[str, Place]) -> None:
    start(logged_in)
    assert held() == []
    alter(bob, default_place=places["Place_2"])
    assert start(logged_in).status_code == 200
    assert held() == ["7003"]


def test_the_end_gives_it_back(logged_in: Desktop) -> None:
    start(logged_in, place="Place_1")
    assert logged_in.ask("POST", ME, LOGOUT).status_code == 200
    assert held() == []


def test_a_pair_without_a_session_logs_in(desktop: Desktop) -> None:
    answer = start(desktop, pair=True, place="Place_1")
    assert (answer.status_code, answer.json()) == (200, {"statusCode": 0})
    assert answer.cookies["deskgate_recorder"]["httponly"]
    assert desktop.ping().status_code == 200
    assert RecorderSession.objects.get().channels == ["voice"]


def test_a_fresh_start_is_one_transaction_and_leaves_nothing_when_it_fails(desktop: Desktop, carl: User) -> None:
    with CaptureQueriesContext(connection) as captured:
        assert start(desktop, pair=True, place="Place_1", queue="sales").status_code == 200
    begun = [each["sql"] for each in captured if f'INTO "{RecorderSession._meta.db_table}"' in each["sql"]]
    updates = [each["sql"] for each in captured if f'UPDATE "{RecorderSession._meta.db_table}"' in each["sql"]]
    assert (len(begun), updates) == (1, [])
    assert RecorderSession.objects.get().queue == "sales"
    refused(start(Desktop(carl), pair=True, place="Place_1"), 409, 19)
    assert RecorderSession.objects.count() == 1


@pytest.mark.parametrize("fresh", [True, False])
def test_the_agent_is_named_in_the_log(
    desktop: Desktop, fresh: bool, caplog: pytest.LogCaptureFixture, bob: User
) -> None:
    if not fresh:
        desktop.log_in()
    caplog.clear()
    with caplog.at_level("INFO", "deskgate.access"):
        start(desktop, pair=fresh)
    (line,) = [record for record in caplog.records if record.name == "deskgate.access"]
    assert vars(line)["user"] == str(bob)


def test_a_pair_beside_a_session_keeps_its_cookie(logged_in: Desktop, bob: User) -> None:
    answer = start(Desktop(bob), pair=True, place="Place_1")
    assert "deskgate_recorder" not in answer.cookies
    assert logged_in.ping().status_code == 200
    assert held() == ["7001", "7002"]


def test_a_place_in_use_or_unknown_changes_nothing(logged_in: Desktop, carl: User) -> None:
    Desktop(carl).log_in(SEAT)
    refused(start(logged_in, place="Place_1", queue="new"), 409, 19, "7001@SIP_Switch")
    refused(start(logged_in, place="Nowhere", queue="new"), 404, 6, "Nowhere")
    assert RecorderSession.objects.get(user__user_name="bob").queue == ""
    fresh = Desktop(carl)
    refused(start(fresh, place="Nowhere"), 401, 20)


@pytest.mark.parametrize(
    ("more", "code", "words"),
    [
        ({"channels": None}, 1, "channels"),
        ({"channels": []}, 2, "channels"),
        ({"channels": "voice"}, 2, "channels"),
        ({"channels": {"voice": 1}}, 2, "channels"),
        ({"channels": [7]}, 2, "channels.0"),
        ({"channels": ["voice", ""]}, 1, "channels.1"),
        ({"channels": ["v"] * 51}, 2, "channels"),
        ({"place": 7}, 2, "place"),
        ({"loginCode": ["x"]}, 2, "loginCode"),
        ({"queue": "x" * 256}, 2, "queue"),
        ({"queue": "a\nb"}, 2, "queue"),
    ],
)
def test_wrong_shapes_are_400_with_the_field_named(logged_in: Desktop, more: Any, code: int, words: str) -> None:
    refused(start(logged_in, **more), 400, code, words)


def test_the_service_on_an_agents_machine_does_not_know_it(logged_in: Desktop) -> None:
    put(options.ROLE, "srs")
    refused(start(logged_in), 400, 2, "StartContactCenterSession")


@pytest.mark.parametrize("fresh", [True, False])
def test_a_page_of_another_contact_center_starts_nothing(
    desktop: Desktop, t200: ContactCenter, bob: User, fresh: bool
) -> None:
    put(options.ALLOWED_ORIGINS, "https://two.example.com", t200)
    if not fresh:
        desktop.log_in()
    page = Desktop(bob, origin="https://two.example.com")
    for asking, pair in ((page, True), *([] if fresh else [(desktop, False)])):
        asking.origin = page.origin
        answer = start(asking, pair=pair, place="Place_1")
        refused(answer, 403, 5)
        assert "Access-Control-Allow-Origin" not in answer.headers
    assert RecorderSession.objects.count() == (0 if fresh else 1)
    assert held() == []


def test_nobody_starts_nothing(desktop: Desktop) -> None:
    refused(start(Desktop()), 401, 20)
    refused(start(Desktop("t100\\bob", password="wrong"), pair=True), 401, 20)
