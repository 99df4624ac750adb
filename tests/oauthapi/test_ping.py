"""GET /auth/v3/ping."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Session
from tests.cast import SECRET, alter, basic, by_password, get, post_token
from tests.oauthapi.browser import Browser, set_option

PING = "/auth/v3/ping"
DESKTOP = "https://desk.example.com"


@pytest.fixture
def browser(bob):
    return Browser().signed_in(bob)


def test_a_session_answers_200(browser):
    answer = browser.open(PING, Accept="text/html")
    assert (answer.status_code, answer.json()) == (200, {"status": {"code": 0}})


def test_a_users_and_a_clients_bearer_answer_200(desk, bob):
    assert get(PING, by_password(desk, bob)["access_token"]).status_code == 200
    own = post_token(desk, grant_type="client_credentials").json()["access_token"]
    assert get(PING, own).status_code == 200


@pytest.mark.parametrize("authorization", [None, "bearer", "bearer nonsense", "nonsense", basic("desk", SECRET)])
def test_anything_else_is_403_and_not_401(desk, authorization):
    headers = {"Authorization": authorization} if authorization else {}
    answer = Client().get(PING, headers=headers)
    body = answer.json()
    assert (answer.status_code, body["status"]["code"], body["status"]["message"]) == (403, 20, "Nobody is signed in.")
    assert "WWW-Authenticate" not in answer.headers


def test_a_bad_bearer_is_not_saved_by_the_session_beside_it(browser):
    assert browser.open(PING, Authorization="bearer nonsense").status_code == 403


def test_a_made_up_session_is_403(db):
    browser = Browser()
    browser.http.cookies["deskgate_session"] = "x" * 43
    assert browser.open(PING).status_code == 403


def test_it_restarts_the_idle_time_and_writes_at_most_once_a_minute(browser, django_assert_num_queries):
    Session.objects.update(last_seen_at=timezone.now() - timedelta(minutes=20))
    browser.open(PING)
    seen = Session.objects.get().last_seen_at
    assert timezone.now() - seen < timedelta(seconds=30)
    browser.open(PING)
    assert Session.objects.get().last_seen_at == seen


@pytest.mark.parametrize("who", ["user", "contact center"])
def test_a_deactivated_one_is_403_at_once(browser, desk, bob, t100, who):
    token = by_password(desk, bob)["access_token"]
    alter(bob if who == "user" else t100, enabled=False)
    assert browser.open(PING).status_code == 403
    assert get(PING, token).status_code == 403


@pytest.mark.parametrize("path", ["/auth/v3/ping/", "/auth/v3/ping?"])
def test_slash_and_question_mark_are_the_same(browser, path):
    assert browser.open(path).status_code == 200


def test_head_is_a_get_without_a_body_and_post_is_not(browser):
    assert browser.http.head(PING).status_code == 200
    answer = browser.http.post(PING)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")


def test_a_registered_origin_reads_the_answer_with_the_cookie(browser, t100):
    set_option("settings", "cors-origins", DESKTOP, t100)
    preflight = browser.http.options(PING, headers={"Origin": DESKTOP, "Access-Control-Request-Method": "GET"})
    for answer in (preflight, browser.open(PING, Origin=DESKTOP)):
        assert answer.headers["Access-Control-Allow-Origin"] == DESKTOP
        assert answer.headers["Access-Control-Allow-Credentials"] == "true"
        assert "origin" in answer.headers["Vary"].lower()


def test_an_origin_of_another_contact_center_passes_the_preflight_and_reads_nothing(browser, t200):
    set_option("settings", "cors-origins", DESKTOP, t200)
    preflight = browser.http.options(PING, headers={"Origin": DESKTOP, "Access-Control-Request-Method": "GET"})
    assert preflight.headers["Access-Control-Allow-Origin"] == DESKTOP
    assert "Access-Control-Allow-Origin" not in browser.open(PING, Origin=DESKTOP).headers


@pytest.mark.parametrize("origin", ["https://evil.example", "null"])
def test_an_unknown_origin_gets_nothing(browser, origin):
    answer = browser.open(PING, Origin=origin)
    assert (answer.status_code, "Access-Control-Allow-Origin" in answer.headers) == (200, False)
