"""Desktops that keep no cookie: the pair is proven by the other server, as rarely as may be."""

from __future__ import annotations

import pytest

from screenrec.models import RecorderSession
from tests.cast import PASSWORD, basic
from tests.screenrec.central import COOKIE, Central, Said
from tests.screenrec.desktop import Desktop
from tests.screenrec.elsewhere.machine import (
    BOB,
    LOGIN,
    LOGOUT,
    PING,
    config,
    forgotten,
    logged_in,
    told,
)


def test_a_pair_alone_pings_and_logs_out(first: Central) -> None:
    Desktop(BOB).log_in(config(first))
    fresh = Desktop(BOB)
    assert fresh.ask("GET", "/ping", pair=True).status_code == 200
    assert first.whats == [LOGIN, PING]
    assert fresh.ask("POST", "/api/v2/me", {"operationName": "EndContactCenterSession"}, pair=True).status_code == 200
    assert first.whats == [LOGIN, PING, LOGOUT]


def test_after_the_minute_or_a_restart_the_pair_is_proven_anew_without_a_second_login(first: Central) -> None:
    Desktop(BOB).log_in(config(first))
    forgotten()
    fresh = Desktop(BOB)
    assert fresh.ask("GET", "/ping", pair=True).status_code == 200
    assert first.whats == [LOGIN, PING]  # one call proves the pair and keeps the session there
    assert first.asked[1].headers["authorization"] == basic(BOB, PASSWORD)
    forgotten()
    assert fresh.log_out(Authorization=fresh.pair).status_code == 200
    assert first.whats[2:] == [PING, LOGOUT]


def test_a_wrong_pair_is_refused_by_the_server_and_never_tried_at_the_peer(first: Central, peer: Central) -> None:
    logged_in(first, peer)
    first.ping = Said(401)
    assert told(Desktop(BOB, password="wrong").ask("GET", "/ping", pair=True)) == (401, 20)
    assert peer.asked == []
    assert RecorderSession.objects.get().ended_at is None


@pytest.mark.parametrize("status", [400, 403, 404, 409, 429])
def test_a_pair_is_not_carried_to_the_peer_after_any_answer(first: Central, peer: Central, status: int) -> None:
    logged_in(first, peer)
    forgotten()
    first.ping = Said(status)
    assert told(Desktop(BOB).ask("GET", "/ping", pair=True)) == ((403, 5) if status == 403 else (503, 4))
    assert peer.asked == []


def test_a_pair_that_nobody_can_prove_now_is_503_and_the_session_stays(first: Central) -> None:
    logged_in(first)
    forgotten()
    first.fails(status=503)
    assert told(Desktop(BOB).ask("GET", "/ping", pair=True)) == (503, 4)
    assert RecorderSession.objects.get().ended_at is None


def test_a_peer_that_proves_the_pair_must_know_the_session_too_to_get_it(first: Central, peer: Central) -> None:
    logged_in(first, peer)
    forgotten()
    first.fails(status=503)
    assert Desktop(BOB).ask("GET", "/ping", pair=True).status_code == 200
    assert peer.whats == [PING, PING]
    assert peer.asked[1].headers["cookie"] == COOKIE
    assert "authorization" not in peer.asked[1].headers
    assert RecorderSession.objects.get().server == peer.url
