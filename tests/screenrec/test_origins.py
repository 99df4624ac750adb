"""Which pages are let in: tricks with the header Origin, lists of contact centers, and answers without it."""

from __future__ import annotations

import pytest

from accounts.models import User
from environment.errors import OptionRefused
from environment.models import ContactCenter
from environment.services import contact_center_update
from screenrec import options
from screenrec.models import RecorderSession
from tests.screenrec.desktop import LOGOUT, ME, ORIGIN, Desktop, put, refused

ALLOWED = "https://*.wild.example.com, http://127.0.0.1:8080, https://desk.example.com"

LET_IN = [
    "https://desk.example.com",
    "https://desk.example.com:443",
    "HTTPS://Desk.Example.COM",
    "https://a.wild.example.com",
    "http://127.0.0.1:8080",
]
TRICKS = [
    "null",
    "NULL",
    "*",
    "https://*",
    "https://*.wild.example.com",
    "https://wild.example.com",
    "https://a.b.wild.example.com",
    "https://.wild.example.com",
    "https://xwild.example.com",
    "https://a.wild.example.com.evil.com",
    "https://desk.example.com.",
    "https://desk.example.com.evil.com",
    "https://evil.com/desk.example.com",
    "https://evil.com#https://desk.example.com",
    "https://evil.com?https://desk.example.com",
    "https://desk.example.com@evil.com",
    "https://user@desk.example.com",
    "https://user:x@desk.example.com",
    "https://desk.example.com:8443",
    "https://desk.example.com:80",
    "https://desk.example.com:99999",
    "https://desk.example.com:x",
    "https://desk.example.com/path",
    "https://desk.example.com\\@evil.com",
    "https://desk.example.com https://evil.com",
    "https://desk.example.com, https://evil.com",
    "http://desk.example.com",
    "ws://desk.example.com",
    "file://",
    "chrome-extension://abcdef",
    "desk.example.com",
    "//desk.example.com",
    "https://dësk.example.com",
    "https://[::1",
    "http://127.0.0.1",
    "http://127.1:8080",
    "http://localhost:8080",
    "https://" + "a" * 5000,
]


@pytest.mark.parametrize("origin", LET_IN)
def test_these_are_let_in(origin: str, bob: User) -> None:
    put(options.ALLOWED_ORIGINS, ALLOWED)
    answer = Desktop(bob, origin=origin).log_in()
    assert answer.status_code == 200
    assert answer["Access-Control-Allow-Origin"] == origin


@pytest.mark.parametrize("path", [ME, "/ping", "/version"])
def test_a_trick_is_403_before_any_proof_is_looked_at(path: str, bob: User) -> None:
    put(options.ALLOWED_ORIGINS, ALLOWED)
    for origin in TRICKS:
        answer = Desktop(bob, origin=origin).ask("GET", path, pair=True)
        refused(answer, 403, 5)
        assert not [name for name in answer.headers if name.startswith("Access-Control-")], origin
        assert answer["Vary"] == "Origin"
    assert not RecorderSession.objects.exists()


@pytest.mark.parametrize("value", ["*", "https://*", "https://*.com", "null", "https://*.*.a.com", "https://a.*.com"])
def test_an_option_takes_no_wider_wildcard_than_one_label(value: str, db: None) -> None:
    with pytest.raises(OptionRefused):
        put(options.ALLOWED_ORIGINS, value)


def test_without_origin_a_call_is_400_unless_the_switch_says_so(bob: User) -> None:
    desktop = Desktop(bob, origin="")
    for method, path, body in (("GET", ME, None), ("POST", ME, []), ("POST", ME, LOGOUT), ("GET", "/ping", None)):
        refused(desktop.ask(method, path, body, pair=True), 400, 1, "Origin")
    put(options.REQUIRE_ORIGIN, "false")
    answer = desktop.log_in()
    assert answer.status_code == 200
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert "Origin" in answer["Vary"]


def test_a_page_of_one_contact_center_lets_no_agent_of_another_in(
    bob: User, eve: User, t100: ContactCenter, t200: ContactCenter
) -> None:
    put(options.ALLOWED_ORIGINS, "https://two.example.com", t200)
    answer = Desktop(bob, origin="https://two.example.com").log_in()
    refused(answer, 403, 5)
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert not RecorderSession.objects.exists()
    assert Desktop(eve, origin="https://two.example.com").log_in().status_code == 200


def test_a_page_of_another_contact_center_cannot_use_the_cookie_either(
    logged_in: Desktop, t100: ContactCenter, t200: ContactCenter
) -> None:
    put(options.ALLOWED_ORIGINS, "https://two.example.com", t200)
    for method, path, body in (("GET", ME, None), ("GET", "/ping", None), ("POST", ME, LOGOUT)):
        answer = logged_in.ask(method, path, body, Origin="https://two.example.com")
        refused(answer, 403, 5)
        assert "Access-Control-Allow-Origin" not in answer.headers
    assert RecorderSession.objects.filter(ended_at=None).exists()


def test_the_list_of_a_disabled_contact_center_lets_nobody_in(t100: ContactCenter) -> None:
    put(options.ALLOWED_ORIGINS, "https://one.example.com", t100)
    page = Desktop(origin="https://one.example.com")
    assert page.ask("GET", "/version").status_code == 200
    contact_center_update(t100, enabled=False)
    refused(page.ask("GET", "/version"), 403, 5)


def test_an_origin_taken_off_the_list_is_refused_on_the_next_call(logged_in: Desktop) -> None:
    assert logged_in.ping().status_code == 200
    put(options.ALLOWED_ORIGINS, "https://elsewhere.example.com")
    refused(logged_in.ping(), 403, 5)


def test_a_page_reads_its_own_refusals(bob: User) -> None:
    for answer in (Desktop(bob, password="wrong").log_in(), Desktop(bob).ask("POST", ME, b"{"), Desktop().ping()):
        assert answer.status_code in (400, 401)
        assert answer["Access-Control-Allow-Origin"] == ORIGIN
        assert answer["Access-Control-Allow-Credentials"] == "true"
