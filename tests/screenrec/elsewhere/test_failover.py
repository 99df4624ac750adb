"""Which of two servers is asked, and when the peer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from screenrec import options
from screenrec.models import RecorderSession
from tests.cast import PASSWORD, basic
from tests.config.listening import Listening, answer, certificate, listening
from tests.config.test_outgoing import trusted  # noqa: F401 - a fixture
from tests.screenrec.central import COOKIE, Central, Said, nobody
from tests.screenrec.desktop import Desktop, put
from tests.screenrec.elsewhere.machine import (
    BOB,
    LOGIN,
    LOGOUT,
    PING,
    address_of,
    config,
    logged_in,
    told,
)

Believe = Callable[[Path], None]


@pytest.mark.parametrize(
    "away",
    [
        Said(500),
        Said(502, b"<h1>Bad gateway</h1>"),
        Said(503),
        Said(late=3),
    ],
    ids=["500", "502", "503", "late"],
)
def test_the_peer_is_asked_when_the_first_fails_or_is_late(first: Central, peer: Central, away: Said) -> None:
    first.login = away
    desktop = logged_in(first, peer)
    session = RecorderSession.objects.get()
    assert (session.server, session.peer_server) == (peer.url, first.url)
    assert desktop.ping().status_code == 200
    assert first.whats == [LOGIN]
    assert peer.whats == [LOGIN, PING]


@pytest.mark.parametrize("address", [nobody(), "http://nowhere.invalid:8080"], ids=["refused", "unresolvable"])
def test_the_peer_is_asked_when_nobody_is_at_the_first(peer: Central, address: str) -> None:
    put(options.ALLOWED_SERVERS, "127.0.0.1,nowhere.invalid")
    logged_in(address, peer)
    assert RecorderSession.objects.get().server == peer.url


def test_the_peer_is_asked_when_the_first_speaks_no_http(peer: Central, listener: Listening) -> None:
    logged_in(address_of(listener), peer)
    assert RecorderSession.objects.get().server == peer.url


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 429])
def test_a_refusal_is_not_carried_to_the_peer(first: Central, peer: Central, status: int) -> None:
    first.login = Said(status, {"statusCode": 2, "statusMessage": "No."})
    assert Desktop(BOB).log_in(config(first, peer)).status_code == status
    assert (first.whats, peer.whats) == ([LOGIN], [])
    assert not RecorderSession.objects.exists()


@pytest.mark.parametrize(
    ("status", "code", "words"),
    [
        (404, 6, "There is no place 'Place_9'."),
        (409, 19, "The device 7001@SIP_Switch is in use."),
        (400, 10, "The place is not valid."),
        (403, 5, "Requests of this origin are not allowed."),
    ],
)
def test_a_refusal_is_passed_on_in_its_own_words(first: Central, status: int, code: int, words: str) -> None:
    first.login = Said(status, {"statusCode": code, "statusMessage": words})
    answer = Desktop(BOB).log_in(config(first))
    assert answer.status_code == status
    assert answer.json() == {"statusCode": code, "statusMessage": words}


@pytest.mark.parametrize("code", [0, -1, 21, True, "19", None, 10**30])
def test_a_code_that_is_none_of_the_vendors_is_not_passed_on(first: Central, code: Any) -> None:
    first.login = Said(409, {"statusCode": code, "statusMessage": "in\x01use"})
    assert Desktop(BOB).log_in(config(first)).json() == {"statusCode": 19, "statusMessage": "This is in use."}


def test_bad_credentials_are_the_same_401_as_here(first: Central) -> None:
    first.login = Said(401, {"statusCode": 20, "statusMessage": "Locked until noon."})
    answer = Desktop(BOB).log_in(config(first))
    assert told(answer) == (401, 20)
    assert "noon" not in answer.json()["statusMessage"]
    assert answer["WWW-Authenticate"].startswith("xBasic")


def test_both_away_is_503_with_retry_after_and_nothing_changed() -> None:
    answer = Desktop(BOB).log_in(config(nobody(), nobody()))
    assert told(answer) == (503, 4)
    assert answer["Retry-After"]
    assert not RecorderSession.objects.exists()


def test_a_peer_that_is_the_first_is_not_asked_twice(first: Central) -> None:
    first.login = Said(503)
    assert Desktop(BOB).log_in(config(first, first)).status_code == 503
    assert first.whats == [LOGIN]


def test_the_next_login_begins_at_the_first_again_and_leaves_nothing_at_the_peer(first: Central, peer: Central) -> None:
    first.login = Said(503)
    desktop = logged_in(first, peer)
    first.login = peer.login
    assert desktop.log_in(config(first, peer)).status_code == 200
    assert RecorderSession.objects.get().server == first.url
    assert first.whats == [LOGIN, LOGIN]
    assert peer.whats == [LOGIN, LOGOUT]
    assert peer.asked[1].headers["cookie"] == COOKIE


def test_a_login_that_fails_over_does_not_wait_for_the_first_a_second_time(first: Central, peer: Central) -> None:
    desktop = logged_in(first, peer)
    first.fails(status=503)
    assert desktop.log_in(config(first, peer)).status_code == 200
    assert first.whats == [LOGIN, LOGIN]


def test_over_https_the_first_is_asked_and_nobody_else(first: Central, tmp_path: Path, trusted: Believe) -> None:  # noqa: F811
    file, tls = certificate(tmp_path, "127.0.0.1")
    trusted(file)
    put(options.ALLOW_HTTP, "false")
    told_there = answer(first.login.bytes, *(f"{name}: {value}" for name, value in first.login.headers.items()))
    with listening(told_there, tls=tls) as secure:
        logged_in(address_of(secure, "https"), address_of(secure, "https"))
        assert basic(BOB, PASSWORD) in secure.request
        assert RecorderSession.objects.get().server == address_of(secure, "https")


def test_a_certificate_that_nobody_vouches_for_is_as_good_as_away(
    peer: Central,
    tmp_path: Path,
    trusted: Believe,  # noqa: F811
) -> None:
    good, _ = certificate(tmp_path, "127.0.0.1")
    (tmp_path / "other").mkdir()
    _, unknown = certificate(tmp_path / "other", "127.0.0.1")
    trusted(good)
    with listening(answer(peer.login.bytes), tls=unknown) as impostor:
        logged_in(address_of(impostor, "https"), peer)
        assert impostor.requests == []
    assert RecorderSession.objects.get().server == peer.url
