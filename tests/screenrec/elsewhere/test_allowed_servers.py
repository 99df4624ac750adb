"""Where credentials may go: nothing is sent to anybody who is not listed."""

from __future__ import annotations

import pytest

from screenrec import options
from screenrec.models import RecorderSession
from tests.config.listening import Listening
from tests.screenrec.central import Central
from tests.screenrec.desktop import Desktop, put
from tests.screenrec.elsewhere.machine import (
    BOB,
    LOGIN,
    address_of,
    config,
    logged_in,
    told,
)


@pytest.mark.parametrize("place", ["server", "peer_server"])
def test_an_unlisted_server_is_400_naming_the_field_and_nothing_is_sent_to_anybody(
    first: Central, listener: Listening, place: str
) -> None:
    put(options.ALLOWED_SERVERS, first.url.removeprefix("http://"))
    where = (address_of(listener), first) if place == "server" else (first, address_of(listener))
    answer = Desktop(BOB).log_in(config(*where))
    assert told(answer) == (400, 2)
    assert f"'{place}'" in answer.json()["statusMessage"]
    assert (listener.connections, first.asked) == (0, [])
    assert not RecorderSession.objects.exists()


def test_an_empty_list_allows_nothing(first: Central) -> None:
    put(options.ALLOWED_SERVERS, "")
    assert told(Desktop(BOB).log_in(config(first))) == (400, 2)
    assert first.asked == []


def test_a_listed_name_that_leads_to_an_unlisted_address_of_this_network_is_refused(first: Central) -> None:
    put(options.ALLOWED_SERVERS, "localhost")
    answer = Desktop(BOB).log_in(config(first.url.replace("127.0.0.1", "localhost")))
    assert told(answer) == (400, 2)
    assert "its private address is not in option" in answer.json()["statusMessage"]
    assert first.asked == []


def test_http_needs_its_switch(first: Central, peer: Central) -> None:
    put(options.ALLOW_HTTP, "false")
    answer = Desktop(BOB).log_in(config(first, peer))
    assert told(answer) == (400, 2)
    assert "screenrec/allow-http-servers is off" in answer.json()["statusMessage"]
    assert (first.asked, peer.asked) == ([], [])


def test_http_of_the_peer_is_told_before_the_first_is_asked(first: Central, listener: Listening) -> None:
    put(options.ALLOW_HTTP, "false")
    answer = Desktop(BOB).log_in(config(address_of(listener, "https"), first))
    assert told(answer) == (400, 2)
    assert "'peer_server'" in answer.json()["statusMessage"]
    assert (listener.connections, first.asked) == (0, [])


def test_a_central_server_asks_no_other(first: Central) -> None:
    put(options.ROLE, "rws")
    assert told(Desktop(BOB).log_in(config(first))) == (400, 2)
    assert first.asked == []


def test_a_server_taken_off_the_list_gets_no_ping_and_no_logout(first: Central) -> None:
    desktop = logged_in(first)
    put(options.ALLOWED_SERVERS, "")
    assert desktop.ping().status_code == 200
    assert desktop.log_out().status_code == 200
    assert first.whats == [LOGIN]
