"""The sign-in page: GET and POST /auth/v3/sign-in, its sessions, and POST /auth/v3/auth-scheme."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import FailureCounter
from activity.models import SecurityEvent
from environment.services import contact_center_create
from tests.cast import PASSWORD, alter, asking_from, counted_hashes
from tests.oauthapi.browser import SIGN_IN, Browser, lives, members_of, words_of

FAILED = "The user name or password is wrong, or the account cannot be used now."
PING = "/auth/v3/ping"


@pytest.fixture
def browser(db):
    return Browser()


@pytest.fixture
def page(browser, desk):
    """The form that an authorize call led to."""
    return browser.follow(browser.authorize(desk))


# --- the form ---------------------------------------------------------------------------------------------------


def test_the_right_pair_goes_back_to_the_stored_request_by_303(browser, page, bob):
    answer = browser.sign_in(page, bob)
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith("/auth/v3/oauth/authorize/continue?request=")
    assert set(members_of(browser.follow(answer))) == {"code", "state", "iss"}


@pytest.mark.parametrize(
    ("tenant", "name"),
    [
        ("t100", "bob"),
        ("", "t100\\bob"),
        ("T100", "BOB"),
        ("one.example.com", "bob"),
        ("t100", "\\bob"),
        ("wrong", "t100\\bob"),
        ("", "bob"),
        (" t100 ", " bob "),
    ],
)
def test_the_tenant_stands_in_its_field_or_in_the_name(browser, page, bob, tenant, name):
    assert browser.send(page, tenant=tenant, username=name, password=PASSWORD).status_code == 303


def test_a_bare_name_fails_like_a_wrong_password_where_two_contact_centers_are(browser, page, bob, t200):
    assert FAILED in words_of(browser.sign_in(page, "bob"))


def test_a_bare_name_is_enough_for_a_client_of_one_contact_center(browser, desk, bob, t100, t200):
    desk.contact_centers.add(t100)
    alter(desk)
    assert browser.sign_in(browser.follow(browser.authorize(desk)), "bob").status_code == 303


def test_without_an_application_the_page_ends_on_our_own(browser, bob):
    browser.signed_in(bob)
    assert "You are signed in as t100\\bob" in words_of(browser.open("/auth/v3/signed-in"))


def test_nobody_signed_in_is_sent_to_the_sign_in_page(browser):
    assert browser.open("/auth/v3/signed-in").headers["Location"] == SIGN_IN


def test_typed_names_stay_and_the_password_does_not(browser, page, bob):
    answer = browser.send(page, tenant='t1"><b>', username="bob & co", password="a-wrong-secret")
    shown = answer.content.decode()
    assert answer.status_code == 400
    assert 'value="t1&quot;&gt;&lt;b&gt;"' in shown
    assert 'value="bob &amp; co"' in shown
    assert "a-wrong-secret" not in shown


def test_nothing_of_a_page_is_stored_framed_or_sniffed(browser, page, desk, bob):
    for answer in (page, browser.sign_in(page, bob, "wrong"), browser.open("/auth/v3/signed-out")):
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert "<script" not in answer.content.decode()
        assert " style=" not in answer.content.decode()


def test_the_form_may_end_at_the_validated_redirect_uri_and_nowhere_else(browser, page, spa):
    def form_action(answer):
        policy = answer.headers["Content-Security-Policy"]
        return next(part for part in policy.split("; ") if part.startswith("form-action"))

    assert form_action(page) == "form-action 'self' https://desk.example.com"
    native = browser.follow(browser.authorize(spa, redirect_uri="http://127.0.0.1:5000/callback"))
    assert form_action(native) == "form-action 'self' http://127.0.0.1:*"
    assert form_action(browser.follow(browser.open(SIGN_IN))) == "form-action 'self'"


@pytest.mark.parametrize(
    "path",
    [
        SIGN_IN,
        f"{SIGN_IN}/change-password",
        "/auth/v3/consent",
        "/auth/v3/oauth/authorize/continue",
        "/auth/v3/signed-in",
    ],
)
def test_other_methods_are_answered_in_the_dialect(path, db):
    answer = Client(raise_request_exception=False).put(path)
    assert (answer.status_code, answer.json()["status"]["code"]) == (405, 3)
    assert "GET" in answer.headers["Allow"]


@pytest.mark.parametrize("typed", [b"+2AA-", b"a\x00b"])
@pytest.mark.parametrize("name", ["username", "password", "tenant", "next"])
def test_a_form_of_what_no_store_keeps_is_refused_before_it_is_read(browser, page, name, typed):
    part = b'--XX\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n--XX--\r\n' % (name.encode(), typed)
    media = "multipart/form-data; charset=utf-7; boundary=XX"
    where = f"{page.request['PATH_INFO']}?{page.request['QUERY_STRING']}"
    assert browser.http.generic("POST", where, part, content_type=media).status_code == 400


# --- one wording for every failure --------------------------------------------------------------------------------


def attempts(make_user, t100):
    make_user("gone", t100, enabled=False)
    make_user("bare", t100, encoded_password=None)
    closed = contact_center_create(number=300, name="Closed", domains=["t300"])
    make_user("shut", closed)
    alter(closed, enabled=False)
    return {
        "wrong password": ("t100\\bob", "wrong"),
        "unknown name": ("t100\\nobody", PASSWORD),
        "unknown tenant": ("elsewhere\\bob", PASSWORD),
        "disabled": ("t100\\gone", PASSWORD),
        "without a password": ("t100\\bare", PASSWORD),
        "contact center disabled": ("t300\\shut", PASSWORD),
        "empty": ("", ""),
        "very long": ("t100\\" + "b" * 3000, PASSWORD),
        "very long password": ("t100\\bob", "p" * 3000),
        "must change, wrong password": ("t100\\new", "wrong"),
    }


CASES = [
    "wrong password",
    "unknown name",
    "unknown tenant",
    "disabled",
    "without a password",
    "contact center disabled",
    "empty",
    "very long",
    "very long password",
    "must change, wrong password",
]


@pytest.mark.parametrize("case", CASES)
def test_no_wording_tells_who_exists(browser, page, bob, make_user, t100, case):
    make_user("new", t100, must_change_password=True)
    name, password = attempts(make_user, t100)[case]
    answer = browser.sign_in(page, name, password)
    assert (answer.status_code, browser.session_key) == (400, "")
    shown = words_of(answer)
    assert FAILED in shown
    reference = words_of(browser.sign_in(page, "t100\\bob", "wrong"))
    assert shown == reference


@pytest.mark.parametrize("case", ["wrong password", "unknown name", "unknown tenant", "disabled", "without a password"])
def test_no_time_tells_who_exists(browser, page, bob, make_user, t100, monkeypatch, case):
    name, password = attempts(make_user, t100)[case]
    with counted_hashes(monkeypatch) as counts:
        browser.sign_in(page, name, password)
    assert counts.passwords == 1


def test_the_reason_is_kept_for_the_administrator(browser, page, bob):
    browser.sign_in(page, bob, "wrong")
    event = SecurityEvent.objects.get(name="sign-in")
    assert (event.outcome, event.refusal, event.user_name, event.detail) == (
        "refused",
        "wrong password",
        "t100\\bob",
        {"via": "sign-in page"},
    )


# --- lockout and the remembered device ------------------------------------------------------------------------------


def test_ten_failures_lock_the_account_for_this_address(browser, page, bob):
    for _ in range(10):
        browser.sign_in(page, bob, "wrong")
    answer = browser.sign_in(page, bob)
    assert (answer.status_code, FAILED in words_of(answer)) == (400, True)
    assert FailureCounter.objects.get(kind="pair").failures == 10
    FailureCounter.objects.all().update(
        locked_until=timezone.now() - timedelta(seconds=1), window_ends_at=timezone.now() - timedelta(seconds=1)
    )
    assert browser.sign_in(page, bob).status_code == 303


def test_a_lock_of_sign_ins_ends_no_session(browser, page, bob):
    inside = Browser().signed_in(bob)
    for _ in range(11):
        browser.sign_in(page, bob, "wrong")
    assert lives(inside)


def test_a_device_that_signed_in_before_passes_the_lock_of_the_whole_account(page, browser, bob, desk):
    """A flood from elsewhere must not keep the owner out; the cookie that says so is signed."""
    known = Browser().signed_in(bob)
    known.http.cookies.pop("deskgate_session")
    for address in range(5):
        for _ in range(10):
            browser.http.post(SIGN_IN, {}, REMOTE_ADDR="127.0.0.1")
            with asking_from(f"10.0.0.{address}"):
                _fail(bob, f"10.0.0.{address}")
    fresh = Browser()
    assert FAILED in words_of(fresh.sign_in(fresh.follow(fresh.authorize(desk)), bob))
    forger = Browser()
    forger.http.cookies["deskgate_device"] = known.http.cookies["deskgate_device"].value[:-3] + "AAA"
    assert FAILED in words_of(forger.sign_in(forger.follow(forger.authorize(desk)), bob))
    assert known.sign_in(known.follow(known.authorize(desk)), bob).status_code == 303


def _fail(user, address):
    from accounts.errors import ProofRefused
    from accounts.selectors import Login
    from accounts.services.proofs import password_prove

    with pytest.raises(ProofRefused):
        password_prove(login=Login.parse(str(user)), password="wrong", via="test")


def test_the_device_cookie_is_out_of_reach_of_scripts(browser, bob):
    morsel = browser.signed_in(bob).http.cookies["deskgate_device"]
    assert (morsel["httponly"], morsel["samesite"], morsel["path"]) == (True, "Lax", "/")
