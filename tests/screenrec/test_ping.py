"""GET /ping: the desktop lives; after the timer ran out it is 401 and the session is closed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import User
from environment.models import Place
from screenrec import options
from screenrec.models import HeldDevice, RecorderSession
from tests.screenrec.desktop import ME, SEAT, Desktop, put, refused

pytestmark = pytest.mark.usefixtures("places")
End = RecorderSession.End


def age(field: str, seconds: float) -> None:
    RecorderSession.objects.filter(ended_at=None).update(**{field: timezone.now() - timedelta(seconds=seconds)})


def just_pinged(user: User) -> bool:
    at = RecorderSession.objects.get(user=user).last_ping_at
    return at is not None and timezone.now() - at < timedelta(seconds=15)


@pytest.mark.parametrize("path", ["/ping", "/ping/"])
@pytest.mark.parametrize("proof", ["cookie", "pair", "both"])
def test_cookie_and_pair_both_do(logged_in: Desktop, bob: User, path: str, proof: str) -> None:
    asking = Desktop(bob) if proof == "pair" else logged_in
    age("last_ping_at", 30)
    answer = asking.ask("GET", path, pair=proof != "cookie")
    assert (answer.status_code, answer.json()) == (200, {"statusCode": 0})
    assert answer["Cache-Control"] == "no-store"
    assert just_pinged(bob)


def test_each_ping_restarts_the_timer(logged_in: Desktop) -> None:
    for _ in range(3):
        assert logged_in.ping().status_code == 200
        age("last_ping_at", 55)
    assert logged_in.ping().status_code == 200


@pytest.mark.parametrize("proof", ["cookie", "pair"])
def test_a_ping_after_the_timer_is_401_and_closes_the_session(desktop: Desktop, proof: str) -> None:
    desktop.log_in(SEAT)
    desktop.ping()
    age("last_ping_at", 61)
    refused(desktop.ask("GET", "/ping", pair=True) if proof == "pair" else desktop.ping(), 401, 20)
    session = RecorderSession.objects.get()
    assert session.ended_because == End.TIMEOUT
    assert not HeldDevice.objects.exists()
    refused(desktop.ping(), 401, 20)
    assert desktop.log_in(SEAT).status_code == 200
    assert desktop.ping().status_code == 200


def test_the_first_ping_is_late_a_minute_after_the_login(desktop: Desktop) -> None:
    desktop.log_in(SEAT)
    age("last_ping_at", 61)
    refused(desktop.ping(), 401, 20)
    assert RecorderSession.objects.get().ended_because == End.TIMEOUT
    assert not HeldDevice.objects.exists()


def test_a_desktop_that_does_not_ping_is_gone_a_minute_after_its_login(logged_in: Desktop) -> None:
    age("last_ping_at", 61)
    refused(logged_in.log_out(), 401, 20)
    assert RecorderSession.objects.get().ended_because == End.TIMEOUT


def test_a_session_of_recording_web_services_has_no_timer_until_it_pings(logged_in: Desktop) -> None:
    started = logged_in.ask("POST", ME, {"operationName": "StartContactCenterSession", "channels": ["voice"]})
    assert started.status_code == 200
    age("logged_in_at", 3600)
    assert logged_in.ping().status_code == 200
    age("last_ping_at", 61)
    refused(logged_in.ping(), 401, 20)


def test_the_timer_is_an_option_that_counts_at_once(logged_in: Desktop) -> None:
    logged_in.ping()
    age("last_ping_at", 100)
    put(options.PING_TIMEOUT, "120")
    assert logged_in.ping().status_code == 200
    age("last_ping_at", 100)
    put(options.PING_TIMEOUT, "30")
    refused(logged_in.ping(), 401, 20)


def test_a_ping_without_a_session_is_401_and_makes_none(desktop: Desktop) -> None:
    refused(desktop.ask("GET", "/ping", pair=True), 401, 20)
    refused(desktop.ping(), 401, 20)
    assert not RecorderSession.objects.exists()


@pytest.mark.parametrize("key", ["", "x", "x" * 43, "é" * 43, "\x01" * 43, "x" * 5000, "'; DROP TABLE--" + "x" * 28])
def test_an_invented_cookie_is_401(bob: User, key: str) -> None:
    desktop = Desktop(bob)
    desktop.http.cookies["deskgate_recorder"] = key
    refused(desktop.ping(), 401, 20)


def test_a_cookie_that_another_agent_left_gives_way_to_the_pair(logged_in: Desktop, bob: User, carl: User) -> None:
    carls = Desktop(carl)
    carls.http.cookies = logged_in.http.cookies
    age("last_ping_at", 30)
    refused(carls.ask("GET", "/ping", pair=True), 401, 20)
    assert not just_pinged(bob)
    Desktop(carl).log_in()
    age("last_ping_at", 30)
    assert carls.ask("GET", "/ping", pair=True).status_code == 200
    assert not just_pinged(bob)
    assert just_pinged(carl)


def test_the_agents_own_pair_beside_a_dead_cookie_is_enough(bob: User, places: dict[str, Place]) -> None:
    old, new = Desktop(bob), Desktop(bob)
    old.log_in()
    new.log_in()
    refused(old.ping(), 401, 20)
    assert old.ask("GET", "/ping", pair=True).status_code == 200
