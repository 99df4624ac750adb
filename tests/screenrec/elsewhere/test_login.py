"""What a login at Recording Web Services of another machine takes over."""

from __future__ import annotations

from screenrec import options
from screenrec.models import RecorderSession
from tests.cast import PASSWORD, basic
from tests.screenrec.central import SEATED, USER, Central
from tests.screenrec.desktop import ORIGIN, SEAT, Desktop, put
from tests.screenrec.elsewhere.machine import (
    BOB,
    LOGIN,
    config,
    logged_in,
    told,
)


def test_the_agent_is_proven_there_with_the_page_that_asks_and_seated_as_he_wishes(first: Central) -> None:
    answer = Desktop(BOB).log_in(config(first, "", *SEAT))
    assert answer.json() == {"statusCode": 0, "user": USER}
    (asked,) = first.asked
    assert asked.what == "POST /api/v2/me"
    assert asked.headers["authorization"] == basic(BOB, PASSWORD)
    assert asked.headers["origin"] == ORIGIN
    assert b"7001" in asked.body
    assert b"server" not in asked.body
    session = RecorderSession.objects.get()
    assert (session.server, session.peer_server, session.user_id) == (first.url, "", None)
    assert (session.user_name, session.place_name, session.devices) == (BOB, "Place_1", SEATED["devices"])


def test_without_a_seat_the_login_there_is_a_get(first: Central) -> None:
    logged_in(first)
    assert first.whats == [LOGIN]


def test_the_options_name_the_servers_that_a_desktop_does_not(first: Central, peer: Central) -> None:
    put(options.SERVER, first.url)
    put(options.PEER_SERVER, peer.url)
    assert Desktop(BOB).log_in().status_code == 200
    session = RecorderSession.objects.get()
    assert (session.server, session.peer_server) == (first.url, peer.url)


def test_without_any_server_the_parameter_is_missing() -> None:
    answer = Desktop(BOB).log_in()
    assert told(answer) == (400, 1)
    assert "'server'" in answer.json()["statusMessage"]


def test_a_bare_name_goes_with_the_tenant_of_this_service(first: Central) -> None:
    put(options.TENANT, "t100")
    assert Desktop("bob").log_in(config(first)).status_code == 200
    assert first.asked[0].headers["authorization"] == basic(BOB, PASSWORD)
