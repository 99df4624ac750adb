"""The sign-in page: GET and POST /auth/v3/sign-in, its sessions, and POST /auth/v3/auth-scheme."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import FailureCounter, Session
from accounts.services.sessions import sign_out_everywhere
from accounts.session_store import key_hash
from activity.models import SecurityEvent
from environment.services import contact_center_create
from oauthapi.models import AuthorizationRequest
from tests.cast import PASSWORD, alter, asking_from, counted_hashes
from tests.oauthapi.browser import SIGN_IN, Browser, is_sign_in_page, members_of, set_option, words_of

FAILED = "The user name or password is wrong, or the account cannot be used now."
PING = "/auth/v3/ping"


@pytest.fixture
def browser(db):
    return Browser()


@pytest.fixture
def page(browser, desk):
    """The form that an authorize call led to."""
    return browser.follow(browser.authorize(desk))


def lives(browser):
    return browser.open(PING).status_code == 200


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
        "NUL": ("t100\\bo\x00b", PASSWORD),
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
    "NUL",
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


# --- forged, foreign, old and used forms ----------------------------------------------------------------------------


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


# --- sessions -----------------------------------------------------------------------------------------------------


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


# --- the password that must be changed ------------------------------------------------------------------------------

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


# --- auth-scheme ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("body", ['{"data":{"userName":"bob","tenant":"t100"}}', '{"data":{"userName":"nobody"}}', ""])
def test_everybody_signs_in_by_password(db, body):
    answer = Client().post("/auth/v3/auth-scheme", body, content_type="application/json")
    assert (answer.status_code, answer.json()) == (200, {"status": {"code": 0}, "data": {"scheme": "basic"}})


def test_a_scheme_question_that_is_no_json_is_a_400(db):
    answer = Client().post("/auth/v3/auth-scheme", "{", content_type="application/json")
    assert (answer.status_code, answer.json()["status"]["code"]) == (400, 2)
