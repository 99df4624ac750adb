"""Ping and logout at the server that proved the agent."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from screenrec.models import RecorderSession
from tests.cast import alter
from tests.screenrec.central import COOKIE, Central, Said
from tests.screenrec.desktop import ORIGIN
from tests.screenrec.elsewhere.machine import (
    LOGIN,
    LOGOUT,
    PING,
    logged_in,
    told,
)


def test_a_ping_keeps_the_session_there_by_its_cookie_alone(first: Central) -> None:
    desktop = logged_in(first)
    assert desktop.ping().json() == {"statusCode": 0}
    asked = first.asked[1]
    assert (asked.what, asked.headers["cookie"], asked.headers["origin"]) == (PING, COOKIE, ORIGIN)
    assert "authorization" not in asked.headers
    assert RecorderSession.objects.get().last_ping_at


def test_a_401_there_ends_the_session_here(first: Central, peer: Central) -> None:
    desktop = logged_in(first, peer)
    first.ping = Said(401, {"statusCode": 20})
    assert told(desktop.ping()) == (401, 20)
    session = RecorderSession.objects.get()
    assert (session.ended_because, session.rws_cookie_sealed) == ("rws", "")
    assert peer.asked == []


@pytest.mark.parametrize(
    "answer",
    [Said(500), Said(302, b"", {"Location": "/"}), Said(body=b" " * 70_000), Said(404), Said(late=3)],
    ids=["500", "redirect", "huge", "404", "late"],
)
def test_one_that_is_away_or_astray_lets_the_session_stay(first: Central, answer: Said) -> None:
    desktop = logged_in(first)
    first.ping = answer
    assert desktop.ping().json() == {"statusCode": 0}
    session = RecorderSession.objects.get()
    assert session.ended_at is None
    assert session.last_ping_at


def test_the_peer_takes_the_ping_over_and_keeps_it(first: Central, peer: Central) -> None:
    desktop = logged_in(first, peer)
    first.fails(status=502)
    assert desktop.ping().status_code == 200
    session = RecorderSession.objects.get()
    assert (session.server, session.peer_server) == (peer.url, first.url)
    assert desktop.ping().status_code == 200
    assert (first.whats, peer.whats) == ([LOGIN, PING], [PING, PING])


def test_a_peer_that_does_not_know_the_session_does_not_end_it(first: Central, peer: Central) -> None:
    desktop = logged_in(first, peer)
    first.ping, peer.ping = Said(503), Said(401)
    assert desktop.ping().status_code == 200
    assert RecorderSession.objects.get().server == first.url


def test_a_ping_after_the_timer_ends_both(first: Central) -> None:
    desktop = logged_in(first)
    alter(RecorderSession.objects.get(), last_ping_at=timezone.now() - timedelta(seconds=61))
    assert told(desktop.ping()) == (401, 20)
    assert first.whats == [LOGIN, LOGOUT]


def test_a_logout_ends_both(first: Central) -> None:
    desktop = logged_in(first)
    assert desktop.log_out().json() == {"statusCode": 0}
    asked = first.asked[1]
    assert (asked.what, asked.headers["cookie"], asked.headers["origin"]) == (LOGOUT, COOKIE, ORIGIN)
    assert "authorization" not in asked.headers
    assert told(desktop.ping()) == (401, 20)


def test_a_logout_goes_to_the_peer_when_the_server_is_away(first: Central, peer: Central) -> None:
    desktop = logged_in(first, peer)
    first.fails(status=503)
    assert desktop.log_out().status_code == 200
    assert peer.whats == [LOGOUT]


@pytest.mark.parametrize("answer", [Said(302, b"", {"Location": "/"}), Said(401), Said(500)])
def test_a_logout_is_a_logout_whatever_the_other_server_says(first: Central, answer: Said) -> None:
    desktop = logged_in(first)
    first.logout = answer
    assert desktop.log_out().json() == {"statusCode": 0}
    assert RecorderSession.objects.get().ended_because == "logout"


def test_a_cookie_that_can_no_longer_be_opened_ends_the_session(first: Central) -> None:
    desktop = logged_in(first)
    alter(RecorderSession.objects.get(), rws_cookie_sealed="gone:AAAA")
    assert told(desktop.ping()) == (401, 20)
    again = logged_in(first)
    alter(RecorderSession.objects.get(ended_at=None), rws_cookie_sealed="gone:AAAA")
    assert again.log_out().status_code == 200
    assert first.whats == [LOGIN, LOGIN]
