"""The page /configuration/token: who gets a temporary authorization token there, and that it is shown once."""

import json
import re
import shlex
from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Role, Session, TemporaryToken
from accounts.services.sessions import sign_out_everywhere
from accounts.services.temporary_tokens import temporary_token_prove
from accounts.session_store import SessionStore
from activity.models import Change, SecurityEvent
from tests.accounts.token_pages import PAGE, choices_of, csrf_of, field_of, post
from tests.cast import alter, asking_from
from tests.oauthapi.browser import Browser, set_option, words_of

ISSUE, REVOKE = f"{PAGE}/issue", f"{PAGE}/revoke"
TO_SIGN_IN = "/auth/v3/sign-in?next=/configuration/token"

pytestmark = pytest.mark.usefixtures("configuration_keys")


@pytest.fixture
def browser(db):
    return Browser()


@pytest.fixture
def hers(browser, alice):
    """The browser of contact center one's administrator."""
    return browser.signed_in(alice)


def body_of(line):
    """What a curl line sends."""
    words = shlex.split(line)
    return words[words.index("-d") + 1]


def proves(text):
    with asking_from("192.0.2.1"):
        try:
            return temporary_token_prove(text)[0]
        except Exception:  # noqa: BLE001 - any refusal
            return None


# --- who ------------------------------------------------------------------------------------------------------------


def test_nobody_signed_in_is_sent_to_the_sign_in_page_and_comes_back(browser, alice):
    answer = browser.open(PAGE)
    assert (answer.status_code, answer.headers["Location"]) == (302, TO_SIGN_IN)
    assert answer.headers["Cache-Control"] == "no-store"
    done = browser.sign_in(browser.follow(answer), alice)
    assert done.headers["Location"] == PAGE
    assert "Get a token" in words_of(browser.follow(done))


@pytest.mark.parametrize("path", [ISSUE, REVOKE, f"{PAGE}/register"])
def test_a_form_sent_after_the_session_ended_gives_nothing(hers, alice, path):
    token = csrf_of(hers.open(PAGE))
    sign_out_everywhere(alice, by_himself=True)
    answer = hers.http.post(path, {"csrfmiddlewaretoken": token})
    assert (answer.status_code, answer.headers["Location"]) == (302, TO_SIGN_IN)
    assert not TemporaryToken.objects.exists()


def test_whoever_administers_nothing_is_told_so_and_may_be_somebody_else(browser, bob):
    answer = browser.signed_in(bob).open(PAGE)
    assert answer.status_code == 403
    assert "You are signed in as t100\\bob , who may register Basic credentials in no contact center." in words_of(
        answer
    )
    assert 'href="/auth/v3/sign-in?next=%2Fconfiguration%2Ftoken"' in answer.content.decode()
    assert browser.http.post(ISSUE).status_code == 403
    assert not TemporaryToken.objects.exists()


def test_the_right_is_that_to_administer_basic_credentials(browser, bob, t100):
    role = Role.objects.create(name="SCRIPTS", contact_center=t100, privileges=["basic-credentials:write"])
    bob.roles.add(role)
    assert browser.signed_in(bob).open(PAGE).status_code == 403
    alter(role, privileges=["basic-credentials:administer"])
    alter(bob)
    assert browser.open(PAGE).status_code == 200
    assert post(browser, ISSUE).status_code == 200


def test_an_administrator_of_one_contact_center_has_nothing_to_choose(hers, t200):
    page = hers.open(PAGE)
    assert choices_of(page, "contact-center") == []
    assert "For One (contact center 100)" in words_of(page)


def test_an_administrator_of_several_chooses_an_enabled_one(browser, root, t100, t200):
    alter(t200, enabled=False)
    third = _third()
    page = browser.signed_in(root).open(PAGE)
    assert choices_of(page, "contact-center") == ["Choose one", "100 · One", "300 · Three"]
    assert "Get a token" not in words_of(page)
    assert "For Three (contact center 300)" in words_of(browser.open(f"{PAGE}?contactCenter={third.pk}"))
    shown = post(browser, ISSUE, contactCenter=str(third.pk), csrfmiddlewaretoken=csrf_of(_chosen(browser, third)))
    assert TemporaryToken.objects.get().contact_center == third
    assert proves(field_of(shown, "token")) == root


@pytest.mark.parametrize("sent", ["", "x", "9350e2fc-a1dd-4c65-8d40-1f75a2e080dd"])
def test_without_a_good_choice_no_token_is_made(browser, root, t100, t200, sent):
    browser.signed_in(root)
    token = csrf_of(_chosen(browser, t100))
    answer = browser.http.post(ISSUE, {"csrfmiddlewaretoken": token, "contactCenter": sent})
    assert answer.status_code == 400
    assert "Choose one of these contact centers." in words_of(answer)
    assert not TemporaryToken.objects.exists()


def test_another_contact_center_is_never_given(hers, t200):
    answer = post(hers, ISSUE, contactCenter=str(t200.pk))
    assert (answer.status_code, TemporaryToken.objects.count()) == (400, 0)
    assert "Choose one of these contact centers." in words_of(hers.open(f"{PAGE}?contactCenter={t200.pk}"))


def test_the_choice_survives_the_sign_in(browser, root, t100, t200):
    wanted = f"{PAGE}?contactCenter={t200.pk}"
    done = browser.sign_in(browser.follow(browser.open(wanted)), root)
    assert done.headers["Location"] == wanted


def _third():
    from environment.services import contact_center_create

    with asking_from("127.0.0.1"):
        return contact_center_create(number=300, name="Three", domains=["t300"])


def _chosen(browser, contact_center):
    return browser.open(f"{PAGE}?contactCenter={contact_center.pk}")


# --- the token ------------------------------------------------------------------------------------------------------


def test_the_token_is_shown_with_its_end_and_opens_for_this_administrator(hers, alice, t100):
    page = post(hers, ISSUE)
    row = TemporaryToken.objects.get()
    text = field_of(page, "token")
    assert page.status_code == 200
    assert proves(text) == alice
    assert (row.user, row.contact_center) == (alice, t100)
    assert f"It expires at {row.expires_at:%H:%M} UTC" in words_of(page)
    assert timedelta(minutes=14) < row.expires_at - timezone.now() <= timedelta(minutes=15)


def test_the_curl_line_is_one_word_for_each_argument_with_straight_quotes(hers, settings):
    settings.DESKGATE_PUBLIC_URL = "https://desk.example.com"
    page = post(hers, ISSUE)
    line = field_of(page, "line")
    words = shlex.split(line)
    assert words[:2] == ["curl", "https://desk.example.com/configuration/basicauth"]
    assert f"Authorization: Bearer {field_of(page, 'token')}" in words
    assert "\n" not in line
    assert line.isascii()
    body = json.loads(body_of(line))
    assert body == {
        "username": "my_script",
        "password": body["password"],
        "context": "ContactCenter",
        "contextId": "100",
        "userRole": "Administrator",
    }
    assert len(body["password"]) >= 24


def test_the_curl_line_names_a_role_that_may_be_handed_on(browser, make_user, t100):
    few = Role.objects.create(name="FEW", contact_center=t100, privileges=["basic-credentials:administer"])
    carol = make_user("carol", t100, roles=[few])
    page = post(browser.signed_in(carol), ISSUE)
    told = json.loads(body_of(field_of(page, "line")))["userRole"]
    assert told == next(role for role in choices_of(page, "role") if role != "Choose one") != "Administrator"


def test_the_token_is_under_the_epochs_that_the_session_proved(hers, alice):
    text = field_of(post(hers, ISSUE), "token")
    sign_out_everywhere(alice, by_himself=True)
    assert proves(text) is None


def test_what_is_shown_is_kept_nowhere(hers, caplog):
    caplog.set_level("DEBUG")
    page = post(hers, ISSUE)
    secrets = [field_of(page, "token"), json.loads(body_of(field_of(page, "line")))["password"]]
    again = hers.open(PAGE)
    kept = [
        again.content.decode(),
        caplog.text,
        *(f"{row.detail} {row.refusal}" for row in SecurityEvent.objects.all()),
        *(f"{row.before} {row.after}" for row in Change.objects.all()),
        *(str(SessionStore().decode(row.data)) for row in Session.objects.all()),
        *(str(vars(row)) for row in TemporaryToken.objects.all()),
    ]
    for secret in secrets:
        assert len(secret) > 20
        assert not any(secret in text for text in kept)


@pytest.mark.parametrize("how", ["page", "issued", "nobody"])
def test_the_page_is_stored_nowhere_and_names_itself_to_nobody_else(browser, alice, bob, how):
    answer = browser.signed_in(bob if how == "nobody" else alice).open(PAGE)
    if how == "issued":
        answer = post(browser, ISSUE)
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["X-Frame-Options"] == "DENY"
    shown = answer.content.decode()
    assert " style=" not in shown
    assert not re.search(r"<script(?! src=)", shown)
    assert not re.search(r"\son[a-z]+=", shown)


def test_a_forged_form_makes_no_token(hers):
    for token in (None, "", "x" * 64):
        fields = {} if token is None else {"csrfmiddlewaretoken": token}
        answer = hers.http.post(ISSUE, fields)
        assert answer.status_code == 403
        assert "out of date" in words_of(answer)
    elsewhere = hers.http.post(
        ISSUE, {"csrfmiddlewaretoken": csrf_of(hers.open(PAGE))}, headers={"Origin": "https://evil.example"}
    )
    assert elsewhere.status_code == 403
    assert not TemporaryToken.objects.exists()


def test_the_option_tells_how_long_it_lives(hers, t100):
    set_option("basic-credentials", "temporary-token-minutes", "1", t100)
    assert "good for 1 minute." in words_of(hers.open(PAGE))
    post(hers, ISSUE)
    row = TemporaryToken.objects.get()
    assert row.expires_at - row.issued_at == timedelta(minutes=1)


@pytest.mark.parametrize("path", [ISSUE, REVOKE, f"{PAGE}/register"])
def test_the_forms_are_posted_only(hers, path):
    answer = hers.http.get(path)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "POST")


# --- revoking -------------------------------------------------------------------------------------------------------


def test_a_token_is_revoked_on_the_page_at_once(hers):
    text = field_of(post(hers, ISSUE), "token")
    row = TemporaryToken.objects.get()
    assert "not used yet" in words_of(hers.open(PAGE))
    answer = post(hers, REVOKE, token=row.pk)
    assert (answer.status_code, answer.headers["Location"].partition("?")[0]) == (303, PAGE)
    page = hers.follow(answer)
    assert "The token was revoked: it is refused from now on." in words_of(page)
    assert "Your active tokens" not in words_of(page)
    assert proves(text) is None
    assert post(hers, REVOKE, token=row.pk).status_code == 303


def test_only_ones_own_live_tokens_are_listed_and_revoked(hers, root, t100):
    other = Browser().signed_in(root)
    post(other, ISSUE)
    row = TemporaryToken.objects.get()
    assert "Your active tokens" not in words_of(hers.open(PAGE))
    post(hers, REVOKE, token=row.pk)
    row.refresh_from_db()
    assert row.revoked_at is None
    alter(row, expires_at=timezone.now())
    assert "Your active tokens" not in words_of(other.open(PAGE))


def test_ones_own_token_is_revoked_without_the_right_to_write_those_of_others(hers, alice, administrators):
    post(hers, ISSUE)
    alter(administrators, privileges=["basic-credentials:administer"])
    row = TemporaryToken.objects.get()
    assert "The token was revoked" in words_of(hers.follow(post(hers, REVOKE, token=row.pk)))
    row.refresh_from_db()
    assert row.revoked_at


def test_a_forged_form_revokes_nothing(hers):
    post(hers, ISSUE)
    row = TemporaryToken.objects.get()
    assert hers.http.post(REVOKE, {"token": row.pk}).status_code == 403
    row.refresh_from_db()
    assert row.revoked_at is None


def test_forms_of_the_page_are_counted_as_calls_are(hers, monkeypatch):
    set_option("basic-credentials", "requests-per-minute", "2")
    monkeypatch.setattr("config.rates.time", lambda: 1_800_000_000.0)
    assert [post(hers, ISSUE).status_code for _ in range(3)] == [200, 200, 429]
