"""Login, ping and logout at Recording Web Services of another machine: which one is asked, and what of it is kept.

The other machines are real HTTP servers on this one (``central``); they know nothing of Deskgate.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import User
from accounts.services import verified
from environment.models import ContactCenter
from environment.services import option_set
from screenrec import options
from screenrec.models import RecorderSession
from tests.admin_client import admin_of
from tests.cast import PASSWORD, alter, basic
from tests.screenrec.central import COOKIE, SEATED, USER, Central, Said, central, nobody
from tests.screenrec.desktop import ORIGIN, SEAT, Desktop, put

BOB = "t100\\bob"
END = {"operationName": "EndContactCenterSession"}
LOGIN, PING, LOGOUT = "GET /api/v2/me", "GET /ping", "POST /api/v2/me"


def let(option: Any, value: str) -> None:
    option_set(holder=None, section=option.section, name=option.name, value=value)


@pytest.fixture(autouse=True)
def service(db: None) -> None:
    """On an agent's machine: no directory of its own, and this machine's addresses are listed, over http too."""
    let(options.ROLE, "srs")
    let(options.ALLOWED_SERVERS, "127.0.0.1")
    let(options.ALLOW_HTTP, "true")
    let(options.RWS_TIMEOUT, "1")


@pytest.fixture
def first() -> Iterator[Central]:
    with central() as made:
        yield made


@pytest.fixture
def peer() -> Iterator[Central]:
    with central() as made:
        yield made


def config(server: str | Central = "", peer_server: str | Central = "", *more: Any) -> list[Any]:
    """The array of a login with configuration."""
    named = {"server": server, "peer_server": peer_server}
    urls = {name: each.url if isinstance(each, Central) else each for name, each in named.items()}
    return [{"name": name, "value": url} for name, url in urls.items() if url] + list(more)


def logged_in(*where: Any) -> Desktop:
    desktop = Desktop(BOB)
    answer = desktop.log_in(config(*where))
    assert answer.status_code == 200, answer.content
    return desktop


def told(answer: Any) -> tuple[int, int]:
    """Status and ``statusCode``; nothing but the two members is in a refusal."""
    body = answer.json()
    assert answer.status_code == 200 or set(body) == {"statusCode", "statusMessage"}
    return answer.status_code, body["statusCode"]


def forgotten() -> None:
    """The minute is over, or the process was started anew."""
    verified._known.clear()


# --- what a login takes over ------------------------------------------------------------------------------------


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
    let(options.SERVER, first.url)
    let(options.PEER_SERVER, peer.url)
    assert Desktop(BOB).log_in().status_code == 200
    session = RecorderSession.objects.get()
    assert (session.server, session.peer_server) == (first.url, peer.url)


def test_without_any_server_the_parameter_is_missing() -> None:
    answer = Desktop(BOB).log_in()
    assert told(answer) == (400, 1)
    assert "'server'" in answer.json()["statusMessage"]


def test_a_bare_name_goes_with_the_tenant_of_this_service(first: Central) -> None:
    let(options.TENANT, "t100")
    assert Desktop("bob").log_in(config(first)).status_code == 200
    assert first.asked[0].headers["authorization"] == basic(BOB, PASSWORD)


# --- fail-over --------------------------------------------------------------------------------------------------


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
    let(options.ALLOWED_SERVERS, "127.0.0.1,nowhere.invalid")
    logged_in(address, peer)
    assert RecorderSession.objects.get().server == peer.url


def test_the_peer_is_asked_when_the_first_speaks_no_http(peer: Central, listener: tuple[str, list[bytes]]) -> None:
    logged_in(listener[0], peer)
    assert RecorderSession.objects.get().server == peer.url


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 429])
def test_a_refusal_is_not_carried_to_the_peer(first: Central, peer: Central, status: int) -> None:
    first.login = Said(status, {"statusCode": 2, "statusMessage": "No."})
    assert Desktop(BOB).log_in(config(first, peer)).status_code == (503 if status == 429 else status)
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


# --- answers that are none --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>maintenance</html>", b"[]", {"statusCode": 0}, {"statusCode": 4, "user": USER}, {"user": USER},
     {"statusCode": 0, "user": "bob"}, b'{"statusCode":0,"user":{"a":"\\u0000"}}', b"[" * 1000, b"\xff" * 100],
)  # fmt: skip
def test_an_answer_that_is_no_login_is_503(first: Central, peer: Central, body: Any) -> None:
    first.login.body = body
    assert told(Desktop(BOB).log_in(config(first, peer))) == (503, 4)
    assert not RecorderSession.objects.exists()
    assert peer.asked == []


def test_a_login_without_a_cookie_is_503(first: Central) -> None:
    first.login.headers = {}
    assert told(Desktop(BOB).log_in(config(first))) == (503, 4)


@pytest.mark.parametrize("changed", [{"body": b" " * 70_000}, {"headers": {"Content-Encoding": "gzip"}}])
def test_a_huge_or_compressed_answer_is_503(first: Central, changed: dict[str, Any]) -> None:
    vars(first.login).update(changed)
    assert told(Desktop(BOB).log_in(config(first))) == (503, 4)


@pytest.mark.parametrize(
    "odd",
    [
        {"place": "Place_1", "devices": "7001"},
        {"place": {"name": 7}, "devices": [7001, {"dn": 7001, "switch": "x"}, {}]},
        {"place": {"name": "x" * 1000}, "devices": None},
    ],
)
def test_a_seat_of_another_shape_is_left_out(first: Central, odd: dict[str, Any]) -> None:
    first.login.body = {"statusCode": 0, "user": USER | odd}
    logged_in(first)
    session = RecorderSession.objects.get()
    assert session.devices == []
    assert len(session.place_name) <= 255


def test_a_redirect_is_refused_naming_the_server_and_never_followed(first: Central, peer: Central) -> None:
    first.login = Said(307, b"", {"Location": f"{peer.url}/api/v2/me"})
    answer = Desktop(BOB).log_in(config(first, peer))
    assert told(answer) == (400, 2)
    assert "'server'" in answer.json()["statusMessage"]
    assert "redirect" in answer.json()["statusMessage"]
    assert peer.asked == []


def test_a_redirect_of_the_peer_names_the_peer(peer: Central) -> None:
    peer.login = Said(302, b"", {"Location": "https://elsewhere.example.com/"})
    assert "'peer_server'" in Desktop(BOB).log_in(config(nobody(), peer)).json()["statusMessage"]


# --- where credentials may go -----------------------------------------------------------------------------------


@pytest.fixture
def listener() -> Iterator[tuple[str, list[bytes]]]:
    """Something that listens without speaking HTTP: its address, and every byte that came."""
    import socket
    import threading

    came: list[bytes] = []
    listening = socket.create_server(("127.0.0.1", 0))

    def take() -> None:
        while True:
            try:
                caller, _ = listening.accept()
            except OSError:
                return
            with caller:
                came.append(caller.recv(65_536))
                caller.sendall(b"220 mail.example.com ESMTP\r\n")

    threading.Thread(target=take, daemon=True).start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}", came
    listening.shutdown(socket.SHUT_RDWR)
    listening.close()


@pytest.mark.parametrize("place", ["server", "peer_server"])
def test_an_unlisted_server_is_400_naming_the_field_and_nothing_is_sent_to_anybody(
    first: Central, listener: tuple[str, list[bytes]], place: str
) -> None:
    let(options.ALLOWED_SERVERS, first.url.removeprefix("http://"))
    where = (listener[0], first) if place == "server" else (first, listener[0])
    answer = Desktop(BOB).log_in(config(*where))
    assert told(answer) == (400, 2)
    assert f"'{place}'" in answer.json()["statusMessage"]
    assert (listener[1], first.asked) == ([], [])
    assert not RecorderSession.objects.exists()


def test_an_empty_list_allows_nothing(first: Central) -> None:
    let(options.ALLOWED_SERVERS, "")
    assert told(Desktop(BOB).log_in(config(first))) == (400, 2)
    assert first.asked == []


def test_a_listed_name_that_leads_to_an_unlisted_address_of_this_network_is_refused(first: Central) -> None:
    let(options.ALLOWED_SERVERS, "localhost")
    answer = Desktop(BOB).log_in(config(first.url.replace("127.0.0.1", "localhost")))
    assert told(answer) == (400, 2)
    assert "private-address" in answer.json()["statusMessage"]
    assert first.asked == []


def test_http_needs_its_switch(first: Central, peer: Central) -> None:
    let(options.ALLOW_HTTP, "false")
    answer = Desktop(BOB).log_in(config(first, peer))
    assert told(answer) == (400, 2)
    assert "not-https" in answer.json()["statusMessage"]
    assert (first.asked, peer.asked) == ([], [])


def test_http_of_the_peer_is_told_before_the_first_is_asked(first: Central, listener: tuple[str, list[bytes]]) -> None:
    let(options.ALLOW_HTTP, "false")
    answer = Desktop(BOB).log_in(config(listener[0].replace("http:", "https:"), first))
    assert told(answer) == (400, 2)
    assert "'peer_server'" in answer.json()["statusMessage"]
    assert (listener[1], first.asked) == ([], [])


def test_a_central_server_asks_no_other(first: Central) -> None:
    let(options.ROLE, "rws")
    assert told(Desktop(BOB).log_in(config(first))) == (400, 2)
    assert first.asked == []


def test_a_server_taken_off_the_list_gets_no_ping_and_no_logout(first: Central) -> None:
    desktop = logged_in(first)
    let(options.ALLOWED_SERVERS, "")
    assert desktop.ping().status_code == 200
    assert desktop.log_out().status_code == 200
    assert first.whats == [LOGIN]


# --- ping and logout --------------------------------------------------------------------------------------------


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
    [Said(500), Said(302, b"", {"Location": "/"}), Said(body=b" " * 70_000), Said(403), Said(404), Said(late=3)],
    ids=["500", "redirect", "huge", "403", "404", "late"],
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


# --- desktops that keep no cookie -------------------------------------------------------------------------------


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
    assert told(Desktop(BOB).ask("GET", "/ping", pair=True)) == (503, 4)
    assert peer.asked == []


def test_a_pair_that_nobody_can_prove_now_is_503_and_the_session_stays(first: Central) -> None:
    logged_in(first)
    forgotten()
    first.fails(status=503)
    assert told(Desktop(BOB).ask("GET", "/ping", pair=True)) == (503, 4)
    assert RecorderSession.objects.get().ended_at is None


def test_a_late_first_ping_ends_the_session_there_too(first: Central) -> None:
    desktop = logged_in(first)
    alter(RecorderSession.objects.get(), logged_in_at=timezone.now() - timedelta(seconds=61))
    assert told(desktop.ping()) == (401, 20)
    assert first.whats == [LOGIN, LOGOUT]
    assert RecorderSession.objects.get().ended_because == "timeout"


def test_an_end_by_the_administrator_ends_it_there_too(first: Central, root: User) -> None:
    logged_in(first)
    page = f"/admin/screenrec/recordersession/{RecorderSession.objects.get().pk}/do/end/"
    assert admin_of(root).post(page, {"confirmed": "yes", "reason": "left"}).status_code == 302
    assert first.whats == [LOGIN, LOGOUT]
    assert first.asked[1].headers["cookie"] == COOKIE


def test_a_start_is_not_for_a_session_that_was_proven_elsewhere(first: Central) -> None:
    desktop = logged_in(first)
    let(options.ROLE, "both")
    answer = desktop.ask("POST", "/api/v2/me", {"operationName": "StartContactCenterSession", "channels": ["voice"]})
    assert told(answer) == (400, 2)
    assert RecorderSession.objects.get().channels == []


def test_a_service_without_a_directory_proves_no_pair_itself(bob: User) -> None:
    desktop = Desktop(bob)
    let(options.ROLE, "both")
    assert desktop.log_in().status_code == 200
    let(options.ROLE, "srs")
    assert told(Desktop(bob).ask("GET", "/ping", pair=True)) == (401, 20)
    assert RecorderSession.objects.get().last_ping_at is None


def test_another_page_with_the_cookie_is_judged_by_this_services_list(first: Central, t100: ContactCenter) -> None:
    let(options.ALLOWED_ORIGINS, ORIGIN)
    put(options.ALLOWED_ORIGINS, "https://two.example.com", t100)
    desktop = logged_in(first)
    for method, path, body in (("GET", "/ping", None), ("GET", "/api/v2/me", None), ("POST", "/api/v2/me", END)):
        answer = desktop.ask(method, path, body, Origin="https://two.example.com")
        assert told(answer) == (403, 5)
        assert "Access-Control-Allow-Origin" not in answer.headers
    assert first.whats == [LOGIN]
    let(options.ALLOWED_ORIGINS, f"{ORIGIN},https://two.example.com")
    assert desktop.ask("GET", "/ping", Origin="https://two.example.com").status_code == 200


# --- secrets ----------------------------------------------------------------------------------------------------


def test_neither_password_nor_cookie_is_in_database_or_log(
    first: Central, peer: Central, caplog: pytest.LogCaptureFixture, every_column: Callable[[], str]
) -> None:
    caplog.set_level(0)
    desktop = logged_in(first, peer)
    desktop.ping()
    kept = every_column()
    assert RecorderSession.objects.get().rws_cookie_sealed
    first.fails(status=500)
    desktop.ping()
    forgotten()
    Desktop(BOB).ask("GET", "/ping", pair=True)
    Desktop(BOB).log_in(config(first, "https://unlisted.example.com"))
    desktop.log_out()
    kept += every_column() + "\n".join(str(vars(record)) for record in caplog.records)
    for secret in (PASSWORD, basic(BOB, PASSWORD).removeprefix("Basic "), COOKIE.partition("=")[2]):
        assert secret not in kept
    assert first.url.removeprefix("http://") in kept  # so the search would have found one


@pytest.fixture
def every_column(db: None) -> Callable[[], str]:
    """All rows of all tables as one text."""

    def read() -> str:
        found = []
        with connection.cursor() as cursor:
            for table in connection.introspection.table_names():
                cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
                found.append(repr(cursor.fetchall()))
        return "\n".join(found)

    return read


def test_the_sealed_cookie_opens_at_its_own_row_only(first: Central) -> None:
    desktop = logged_in(first)
    sealed = RecorderSession.objects.get().rws_cookie_sealed
    assert desktop.log_in(config(first)).status_code == 200
    alter(RecorderSession.objects.get(), rws_cookie_sealed=sealed)
    assert told(desktop.ping()) == (401, 20)
    assert PING not in first.whats
