"""The sessions that the sign-in page begins."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Session
from accounts.services.sessions import sign_out_everywhere
from accounts.session_store import key_hash
from tests.cast import alter, asking_from
from tests.oauthapi.browser import Browser, is_sign_in_page, lives, set_option

FAILED = "The user name or password is wrong, or the account cannot be used now."
PING = "/auth/v3/ping"


@pytest.fixture
def browser(db):
    return Browser()


def test_a_planted_session_is_not_signed_in(browser, desk, bob):
    """Session fixation: whatever key the attacker left in the browser, another one is signed in."""
    planted = "attackers-session-key-attackers-1"
    browser.http.cookies["deskgate_session"] = planted
    browser.sign_in(browser.follow(browser.authorize(desk)), bob)
    assert browser.session_key not in ("", planted)
    thief = Browser()
    thief.http.cookies["deskgate_session"] = planted
    assert not lives(thief)


def test_the_key_changes_at_every_sign_in_and_the_old_one_is_dead(browser, desk, bob):
    browser.signed_in(bob)
    old = browser.session_key
    page = browser.follow(browser.authorize(desk, prompt="login"))
    browser.sign_in(page, bob)
    assert browser.session_key != old
    thief = Browser()
    thief.http.cookies["deskgate_session"] = old
    assert (lives(browser), lives(thief)) == (True, False)
    assert Session.objects.count() == 1


def test_somebody_else_signing_in_takes_nothing_of_the_first_over(browser, desk, bob, alice):
    browser.signed_in(bob)
    old = browser.session_key
    browser.sign_in(browser.follow(browser.authorize(desk, prompt="login")), alice)
    assert Session.objects.get().user == alice
    assert not Session.objects.filter(pk=key_hash(old)).exists()


def test_only_a_hash_of_the_key_is_kept(browser, bob):
    browser.signed_in(bob)
    row = Session.objects.get()
    assert row.key_hash == key_hash(browser.session_key)
    assert browser.session_key not in str(vars(row))


def test_the_cookie_is_for_this_host_and_out_of_reach_of_scripts(browser, bob):
    morsel = browser.signed_in(bob).http.cookies["deskgate_session"]
    assert (morsel["httponly"], morsel["samesite"], morsel["path"], morsel["domain"]) == (True, "Lax", "/", "")


def test_a_session_ends_after_thirty_idle_minutes_and_ping_keeps_it(browser, bob):
    browser.signed_in(bob)
    Session.objects.update(last_seen_at=timezone.now() - timedelta(minutes=29))
    assert lives(browser)
    assert timezone.now() - Session.objects.get().last_seen_at < timedelta(minutes=1)
    Session.objects.update(last_seen_at=timezone.now() - timedelta(minutes=31))
    assert not lives(browser)


def test_a_session_ends_after_twelve_hours_whatever_happens(browser, bob):
    browser.signed_in(bob)
    row = Session.objects.get()
    assert timedelta(hours=11, minutes=59) < row.ends_at - timezone.now() <= timedelta(hours=12)
    alter(row, ends_at=timezone.now() - timedelta(seconds=1))
    assert not lives(browser)


def test_both_ends_are_the_contact_centers_own(browser, bob, eve, t100):
    set_option("sessions", "idle-minutes", "5", t100)
    set_option("sessions", "absolute-hours", "2", t100)
    browser.signed_in(bob)
    assert Session.objects.get().ends_at - timezone.now() <= timedelta(hours=2)
    other = Browser().signed_in(eve)
    Session.objects.update(last_seen_at=timezone.now() - timedelta(minutes=6))
    assert (lives(browser), lives(other)) == (False, True)


def test_a_desktops_session_opens_no_admin(browser, root):
    browser.signed_in(root)
    assert "deskgate_admin" not in browser.http.cookies
    key = browser.session_key
    answer = browser.open("/admin/")
    assert (answer.status_code, "/admin/login" in answer.headers["Location"]) == (302, True)
    browser.http.cookies["deskgate_admin"] = key
    assert browser.open("/admin/").status_code == 302


def test_a_session_dies_with_the_epochs_it_was_proven_under(browser, bob, t100):
    browser.signed_in(bob)
    with asking_from("127.0.0.1"):
        sign_out_everywhere(bob)
    assert not lives(browser)
    browser.signed_in(bob)
    alter(t100, enabled=False)
    assert not lives(browser)


def test_a_reenabled_user_must_sign_in_again(browser, desk, bob):
    from accounts.services.users import user_update

    browser.signed_in(bob)
    for enabled in (False, True):
        bob.enabled = enabled
        with asking_from("127.0.0.1"):
            user_update(bob)
    assert not lives(browser)
    assert is_sign_in_page(browser.follow(browser.authorize(desk)))
