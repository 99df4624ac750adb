"""The sign-in page: forged, foreign, old and used forms."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import FailureCounter
from activity.models import SecurityEvent
from oauthapi.models import AuthorizationRequest
from tests.cast import PASSWORD, alter
from tests.oauthapi.browser import SIGN_IN, Browser, members_of, words_of

FAILED = "The user name or password is wrong, or the account cannot be used now."
PING = "/auth/v3/ping"


@pytest.fixture
def browser(db):
    return Browser()


@pytest.fixture
def page(browser, desk):
    """The form that an authorize call led to."""
    return browser.follow(browser.authorize(desk))


def test_a_form_without_the_token_signs_nobody_in(browser, page, bob):
    for token in (None, "", "x" * 64):
        answer = browser.send(page, username="t100\\bob", password=PASSWORD, csrfmiddlewaretoken=token)
        assert answer.status_code == 403
        assert "out of date" in words_of(answer)
    assert (browser.session_key, SecurityEvent.objects.count(), FailureCounter.objects.count()) == ("", 0, 0)


def test_a_form_of_another_origin_signs_nobody_in(browser, page, bob):
    from tests.flows.people import form_of

    action, fields = form_of(page.content.decode())
    answer = browser.http.post(
        action, fields | {"username": "t100\\bob", "password": PASSWORD}, headers={"Origin": "https://evil.example"}
    )
    assert (answer.status_code, browser.session_key) == (403, "")


def test_another_browser_cannot_use_the_request(page, bob):
    thief = Browser()
    thief.follow(thief.open(SIGN_IN))
    answer = thief.sign_in(page, bob)
    assert answer.status_code == 400
    assert "has expired or was already used" in words_of(answer)
    assert thief.session_key == ""


def test_a_request_without_its_cookie_is_refused_as_json_for_programs(page, db):
    answer = Client().get(SIGN_IN, {"request": AuthorizationRequest.objects.get().request_hash})
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")


def test_a_stored_request_is_answered_once(browser, page, bob):
    answer = browser.sign_in(page, bob)
    assert "code" in members_of(browser.follow(answer))
    assert browser.open(answer.headers["Location"]).status_code == 400
    assert browser.sign_in(page, bob).status_code == 400


def test_a_stored_request_ends_after_ten_minutes(browser, page, bob):
    row = AuthorizationRequest.objects.get()
    assert timedelta(minutes=9) < row.expires_at - timezone.now() <= timedelta(minutes=10)
    alter(row, expires_at=timezone.now() - timedelta(seconds=1))
    assert browser.sign_in(page, bob).status_code == 400


def test_the_stored_request_cannot_be_read_from_the_database(browser, page):
    row = AuthorizationRequest.objects.get()
    assert browser.http.cookies["deskgate_browser"].value not in (row.browser_hash, row.request_hash)
    assert len(row.browser_hash) == len(row.request_hash) == 64


def test_two_tabs_each_end_where_they_began(browser, desk, spa, bob):
    one = browser.follow(browser.authorize(desk, state="one"))
    two = browser.follow(browser.authorize(spa, state="two"))
    first = browser.follow(browser.sign_in(one, bob))
    assert members_of(first)["state"] == "one"
    renewed = browser.sign_in(two, bob)
    assert renewed.status_code == 403
    assert b'value="t100\\bob"' in renewed.content
    assert members_of(browser.follow(browser.sign_in(renewed, bob)))["state"] == "two"


@pytest.mark.parametrize("name", ["next", "redirect_uri", "redirectUri", "return_to", "continue"])
def test_no_parameter_leads_away(browser, desk, bob, name):
    page = browser.follow(browser.authorize(desk))
    answer = browser.send(page, username="t100\\bob", password=PASSWORD, **{name: "https://evil.example/"})
    assert answer.headers["Location"].startswith("/auth/v3/oauth/authorize/continue?")
    fresh = Browser()
    answer = fresh.open(f"{SIGN_IN}?{name}=https://evil.example/")
    assert answer.headers["Location"].startswith(f"{SIGN_IN}?request=")
    answer = fresh.send(fresh.follow(answer), username="t100\\bob", password=PASSWORD, **{name: "//evil.example"})
    assert answer.headers["Location"] == "/auth/v3/signed-in"
