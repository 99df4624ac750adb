"""Signing in to the admin, staying in, and getting out."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.errors import ProofRefused
from accounts.models import Session, User
from accounts.selectors import Login
from accounts.services.devices import COOKIE
from accounts.services.passwords import password_reset
from accounts.services.proofs import password_prove
from accounts.services.sessions import sign_out_everywhere
from accounts.services.users import user_update
from activity.models import SecurityEvent
from config.http.cookies import ADMIN_SESSION
from environment.services import option_set
from tests.admin_client import LOGIN, admin_of, sign_in
from tests.cast import PASSWORD, alter, asking_from

CHANGE = "/admin/password_change/"
NEW = "another-harbour-77"


def test_an_administrator_of_a_contact_center_signs_in_with_her_tenant(alice):
    browser, answer = sign_in("t100\\alice")
    assert (answer.status_code, answer["Location"]) == (302, "/admin/")
    page = browser.get("/admin/")
    assert page.status_code == 200
    assert "Environment" in page.content.decode()


def test_the_session_is_of_its_own_kind_and_carries_what_was_proven(alice):
    admin_of(alice)
    session = Session.objects.get(user=alice)
    assert (session.kind, session.user_epoch) == ("admin", alice.epoch)
    assert session.proved_at is not None
    assert session.ends_at - timezone.now() > timedelta(hours=11)


def test_a_bare_name_is_the_installations_administrator(root, alice):
    assert sign_in("root")[1].status_code == 302


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("t100\\alice", "wrong"),
        ("t100\\nobody", PASSWORD),
        ("t200\\alice", PASSWORD),
        ("t100\\bob", PASSWORD),
    ],
)
def test_every_refusal_has_the_same_words(alice, bob, name, password):
    _browser, answer = sign_in(name, password)
    assert answer.status_code == 200
    assert "User name or password is wrong, or the account cannot be used now." in answer.content.decode()
    assert ADMIN_SESSION not in answer.cookies or not answer.cookies[ADMIN_SESSION].value


def test_whoever_holds_no_privilege_is_refused_and_the_event_says_why(bob):
    sign_in("t100\\bob")
    assert "nothing to administer" in SecurityEvent.objects.get(outcome="refused", user_name="t100\\bob").refusal
    assert not Session.objects.filter(user=bob).exists()


def test_a_locked_account_is_refused_with_the_right_password(alice):
    for _ in range(10):
        sign_in("t100\\alice", "wrong")
    _browser, answer = sign_in("t100\\alice")
    assert answer.status_code == 200
    assert "cannot be used now" in answer.content.decode()


def locked_for_strangers(t100, name="t100\\alice"):
    """Lock the account from anywhere, as a flood of failures elsewhere does."""
    option_set(holder=t100, section="security", name="account-failures-per-hour", value="1")
    with asking_from("203.0.113.9"), pytest.raises(ProofRefused):
        password_prove(login=Login.parse(name), password="wrong", via="test")


def test_a_device_that_signed_in_before_is_not_locked_out_by_failures_elsewhere(alice, t100):
    known = admin_of(alice)
    locked_for_strangers(t100)
    known.post("/admin/logout/")
    assert sign_in("t100\\alice")[1].status_code == 200
    assert sign_in("t100\\alice", client=known)[1].status_code == 302


def test_a_remembered_device_changes_its_password_while_strangers_are_locked_out(alice, t100):
    known = admin_of(alice)
    locked_for_strangers(t100)
    form = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}
    assert known.post(CHANGE, form).status_code == 302


def test_a_device_is_not_remembered_for_whoever_may_not_administer(bob):
    _browser, answer = sign_in("t100\\bob")
    assert COOKIE not in answer.cookies


def test_a_password_that_must_change_leads_to_its_change_and_nowhere_else(alice):
    alter(alice, must_change_password=True)
    browser, answer = sign_in("t100\\alice")
    assert answer["Location"] == CHANGE
    assert browser.get("/admin/accounts/user/").status_code == 302
    assert browser.get("/admin/")["Location"].startswith(LOGIN)
    assert browser.get(LOGIN)["Location"] == CHANGE
    page = browser.get(CHANGE)
    assert "must be changed before you go on" in page.content.decode()
    assert "/admin/accounts/user/" not in page.content.decode()
    done = browser.post(CHANGE, {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW})
    assert done.status_code == 302
    assert browser.get("/admin/").status_code == 200


def test_the_session_survives_its_own_password_change_and_others_end(alice):
    browser, other = admin_of(alice), admin_of(alice)
    done = browser.post(CHANGE, {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW})
    assert done.status_code == 302
    assert browser.get("/admin/").status_code == 200
    assert other.get("/admin/").status_code == 302
    assert sign_in("t100\\alice", NEW)[1].status_code == 302


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (PASSWORD, "short", "Use at least 8 characters."),
        ("wrong", NEW, "The old password is wrong"),
        (PASSWORD, PASSWORD, "Do not repeat"),
    ],
)
def test_the_rules_of_passwords_hold_in_the_admin_too(alice, old, new, words):
    browser = admin_of(alice)
    page = browser.post(CHANGE, {"old_password": old, "new_password1": new, "new_password2": new})
    assert page.status_code == 200
    assert words in page.content.decode()


def _disable(user):
    user.enabled = False
    user_update(user)


@pytest.mark.parametrize(
    "end",
    [
        lambda user: sign_out_everywhere(user),
        lambda user: password_reset(user=user, new_password=NEW),
        _disable,
    ],
)
def test_what_ends_an_account_ends_its_admin_session_at_once(alice, root, end):
    browser = admin_of(alice)
    # Alice must not be the last of her contact center.
    User.objects.create(user_name="second", contact_center=alice.contact_center).roles.set(alice.roles.all())
    end(User.objects.get(pk=alice.pk))
    assert browser.get("/admin/").status_code == 302


def test_a_desks_session_opens_no_admin(alice):
    browser = Client(raise_request_exception=False)
    browser.force_login(alice)
    assert browser.get("/admin/")["Location"].startswith(LOGIN)


def test_signing_out_ends_the_session(alice):
    browser = admin_of(alice)
    assert browser.post("/admin/logout/").status_code == 200
    assert browser.get("/admin/").status_code == 302
    assert not Session.objects.filter(user=alice).exists()


def test_after_sign_in_nobody_is_sent_to_another_host(alice):
    browser = Client()
    answer = browser.post(LOGIN, {"username": "t100\\alice", "password": PASSWORD, "next": "https://evil.example/"})
    assert answer.status_code == 302
    assert "evil" not in answer["Location"]


def test_nothing_in_the_pages_breaks_the_content_security_policy(root):
    browser = admin_of(root)
    for path in ("", "accounts/user/", "accounts/user/add/", "environment/installation/options/"):
        page = browser.get(f"/admin/{path}")
        body = page.content.decode()
        assert "unsafe" not in page["Content-Security-Policy"]
        assert " style=" not in body
        assert "<style" not in body
        assert "onclick=" not in body


def test_a_refused_next_leads_to_the_start_page(alice):
    browser = Client()
    browser.get(LOGIN)
    answer = browser.post(LOGIN, {"username": "t100\\alice", "password": PASSWORD, "next": "https://evil.example/"})
    assert (answer.status_code, answer["Location"]) == (302, "/admin/")
