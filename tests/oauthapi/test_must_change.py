"""GET and POST /auth/v3/sign-in/change-password: the step where a password must be changed first."""

from datetime import timedelta

import pytest
from django.utils import timezone

from oauthapi.models import AuthorizationRequest
from tests.cast import PASSWORD, alter
from tests.oauthapi.browser import SIGN_IN, Browser, lives, members_of, set_option, words_of

FAILED = "The user name or password is wrong, or the account cannot be used now."
PING = "/auth/v3/ping"


@pytest.fixture
def browser(db):
    return Browser()


@pytest.fixture
def page(browser, desk):
    """The form that an authorize call led to."""
    return browser.follow(browser.authorize(desk))


NEW = "brand-new-words-7"


@pytest.fixture
def step(browser, page, bob):
    """The change-password page that the right password led to."""
    alter(bob, must_change_password=True)
    answer = browser.sign_in(page, bob)
    assert answer.headers["Location"].startswith(f"{SIGN_IN}/change-password?request=")
    return browser.follow(answer)


def change(browser, step, old=PASSWORD, new=NEW, again=None):
    return browser.send(step, old_password=old, new_password=new, again=new if again is None else again)


def test_a_demanded_change_comes_before_the_session(browser, step, bob):
    assert "must be changed" in words_of(step)
    assert not lives(browser)
    done = browser.follow(change(browser, step))
    assert "code" in members_of(done)
    assert lives(browser)
    bob.refresh_from_db()
    assert not bob.must_change_password


def test_an_expired_password_leads_to_the_same_step(browser, page, bob, t100):
    set_option("security-authentication-rules", "password-expiration", "30", t100)
    alter(bob, password_changed_at=timezone.now() - timedelta(days=31))
    assert "change-password" in browser.sign_in(page, bob).headers["Location"]


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"old": "wrong"}, "current password is wrong"),
        ({"again": "another-text-9"}, "differ"),
        ({"new": "short"}, "at least 8"),
        ({"new": "password"}, "common"),
        ({"new": PASSWORD}, "Do not repeat"),
    ],
)
def test_a_refused_change_says_why_and_signs_nobody_in(browser, step, bob, typed, words):
    answer = change(browser, step, **typed)
    assert (answer.status_code, words in words_of(answer)) == (400, True)
    assert b'role="alert"' in answer.content
    assert not lives(browser)
    assert change(browser, answer).status_code == 303


def test_the_step_is_open_only_to_who_just_gave_the_right_password(browser, page, bob):
    alter(bob, must_change_password=True)
    browser.sign_in(page, bob, "wrong")
    row = AuthorizationRequest.objects.get()
    assert row.pending_user is None
    from tests.flows.people import form_of

    stored = form_of(page.content.decode())[1]["request"]
    assert browser.open(f"{SIGN_IN}/change-password?request={stored}").status_code == 400


@pytest.mark.parametrize("what", ["time", "epoch", "disabled"])
def test_the_step_closes_when_time_passes_or_the_user_changes(browser, step, bob, what):
    row = AuthorizationRequest.objects.get()
    if what == "time":
        alter(row, pending_until=timezone.now() - timedelta(seconds=1))
    else:
        alter(bob, **({"epoch": 5} if what == "epoch" else {"enabled": False}))
    assert change(browser, step).status_code == 400


def test_the_step_counts_wrong_passwords_as_the_form_does(browser, step, bob):
    for _ in range(10):
        change(browser, step, old="wrong")
    assert change(browser, step).status_code == 400


def test_the_step_needs_the_token_of_the_form_too(browser, step, bob):
    answer = browser.send(step, old_password=PASSWORD, new_password=NEW, again=NEW, csrfmiddlewaretoken=None)
    assert answer.status_code == 403
    bob.refresh_from_db()
    assert bob.must_change_password
