"""GET /auth/v3/oauth/authorize: prompt, max_age, login_hint, and whose answer it is."""

import pytest

from accounts.services.users import user_update
from oauthapi.models import AuthorizationCode, AuthorizationRequest
from tests.cast import alter, asking_from, by_code
from tests.oauthapi.browser import (
    Browser,
    is_sign_in_page,
    leads_to_sign_in,
    members_of,
    words_of,
)


@pytest.fixture
def browser(db):
    return Browser()


# --- prompt, max_age, login_hint ----------------------------------------------------------------------------------


def test_prompt_none_without_a_session_is_told_to_the_client(browser, desk):
    assert members_of(browser.authorize(desk, prompt="none"))["error"] == "login_required"
    assert AuthorizationRequest.objects.count() == 0


def test_prompt_none_without_consent_is_told_to_the_client(browser, partner, bob):
    assert members_of(browser.signed_in(bob).authorize(partner, prompt="none"))["error"] == "consent_required"


def test_prompt_none_with_a_session_answers_in_silence(browser, desk, bob):
    assert "code" in members_of(browser.signed_in(bob).authorize(desk, prompt="none"))


@pytest.mark.parametrize("prompt", ["login", "select_account", "login consent"])
def test_prompt_login_asks_again_although_a_session_is_there(browser, desk, bob, prompt):
    browser.signed_in(bob)
    answer = browser.authorize(desk, prompt=prompt)
    assert leads_to_sign_in(answer)
    # The stored request cannot be finished around the page.
    assert browser.open(answer.headers["Location"].replace("sign-in", "oauth/authorize/continue")).status_code == 303
    done = browser.follow(browser.sign_in(browser.follow(answer), bob))
    if prompt == "login":
        assert "code" in members_of(done)
    elif "consent" in prompt:
        assert "Allow" in words_of(done)


def test_prompt_consent_asks_for_trusted_clients_too(browser, desk, bob):
    answer = browser.signed_in(bob).authorize(desk, prompt="consent")
    assert answer.headers["Location"].startswith("/auth/v3/consent?request=")


def test_max_age_asks_again_when_the_proof_is_old(browser, desk, bob):
    browser.signed_in(bob)
    assert "code" in members_of(browser.authorize(desk, max_age="1000"))
    answer = browser.authorize(desk, max_age="0")
    assert leads_to_sign_in(answer)
    assert "code" in members_of(browser.follow(browser.sign_in(browser.follow(answer), bob)))


def test_an_old_proof_and_prompt_none_is_login_required(browser, desk, bob):
    assert members_of(browser.signed_in(bob).authorize(desk, max_age="0", prompt="none"))["error"] == "login_required"


def test_a_login_hint_fills_the_names_in(browser, desk):
    page = browser.follow(browser.authorize(desk, login_hint="t100\\bob"))
    assert b'name="tenant" value="t100"' in page.content
    assert b'name="username" value="bob"' in page.content
    hidden = browser.follow(browser.authorize(desk, login_hint="t100\\bob", hideTenant="true"))
    assert b'name="username" value="t100\\bob"' in hidden.content


@pytest.mark.parametrize(
    ("value", "is_hidden"), [("true", True), ("TRUE", True), ("false", False), ("x", False), ("", False)]
)
def test_hide_tenant_hides_the_field(browser, desk, value, is_hidden):
    page = browser.follow(browser.authorize(desk, hideTenant=value))
    assert (b'name="tenant"' not in page.content) is is_hidden


# --- whose ------------------------------------------------------------------------------------------------------


def test_a_client_of_one_contact_center_refuses_another_ones_users(browser, desk, eve, t100):
    desk.contact_centers.add(t100)
    alter(desk)
    assert members_of(browser.signed_in(eve).authorize(desk))["error"] == "access_denied"
    fresh = Browser()
    done = fresh.follow(fresh.sign_in(fresh.follow(fresh.authorize(desk)), eve))
    assert members_of(done)["error"] == "access_denied"
    assert AuthorizationCode.objects.count() == 0


@pytest.mark.parametrize("how", ["user", "contact center"])
def test_who_is_deactivated_after_the_sign_in_gets_no_code(browser, desk, bob, t100, how):
    browser.signed_in(bob)
    with asking_from("127.0.0.1"):
        if how == "user":
            bob.enabled = False
            user_update(bob)
        else:
            t100.enabled = False
            alter(t100, enabled=False)
    assert leads_to_sign_in(browser.authorize(desk))
    assert members_of(browser.authorize(desk, prompt="none"))["error"] == "login_required"


def test_who_is_deactivated_between_the_form_and_its_next_step_gets_no_code(browser, desk, bob):
    answer = browser.sign_in(browser.follow(browser.authorize(desk)), bob)
    assert "continue" in answer.headers["Location"]
    bob.enabled = False
    with asking_from("127.0.0.1"):
        user_update(bob)
    assert is_sign_in_page(browser.follow(answer))
    assert AuthorizationCode.objects.count() == 0


def test_a_code_of_somebody_deactivated_buys_nothing(browser, desk, bob):
    code = members_of(browser.signed_in(bob).authorize(desk))["code"]
    bob.enabled = False
    with asking_from("127.0.0.1"):
        user_update(bob)
    assert by_code(desk, code, code_verifier="").json()["error"] == "invalid_grant"


def test_a_bearer_beside_the_session_is_not_asked(browser, desk, bob):
    browser.signed_in(bob)
    for token in ("bearer", "bearer nonsense"):
        assert "code" in members_of(browser.authorize(desk, headers={"Authorization": token}))


def test_a_proof_given_for_a_request_counts_for_nobody_else(browser, desk, bob, alice):
    """Bob proves himself for this request; before it goes on, alice signs in in another tab of the browser."""
    answer = browser.authorize(desk, prompt="login")
    proved = browser.sign_in(browser.follow(answer), bob)
    browser.sign_in(browser.follow(browser.open("/auth/v3/sign-in")), alice)
    assert is_sign_in_page(browser.follow(proved))
    assert AuthorizationCode.objects.count() == 0
