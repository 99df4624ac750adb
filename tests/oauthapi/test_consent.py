"""GET and POST /auth/v3/consent."""

import pytest

from activity.models import SecurityEvent
from oauthapi.models import AuthorizationCode, Consent
from tests.cast import alter, by_code
from tests.oauthapi.browser import Browser, is_sign_in_page, members_of, words_of


@pytest.fixture
def browser(bob):
    return Browser().signed_in(bob)


@pytest.fixture
def page(browser, partner):
    return browser.follow(browser.authorize(partner, scope="openid profile"))


def test_a_client_that_is_not_trusted_is_asked_for(page, partner):
    shown = words_of(page)
    assert "Allow partner?" in shown
    assert "You are signed in as t100\\bob" in shown
    assert "Sign you in See your name" in shown
    assert "desk.example.com" in shown
    assert AuthorizationCode.objects.count() == 0


def test_allowing_gives_the_code_and_is_remembered(browser, page, partner):
    answer = browser.send(page, decision="allow")
    assert answer.status_code == 303
    assert by_code(partner, members_of(answer)["code"], code_verifier="").status_code == 200
    assert Consent.objects.get().scope == "openid profile"
    assert "code" in members_of(browser.authorize(partner, scope="openid"))


def test_more_than_was_allowed_is_asked_for_again(browser, page, partner):
    browser.send(page, decision="allow")
    more = browser.follow(browser.authorize(partner, scope="openid email"))
    assert "See your e-mail address" in words_of(more)
    browser.send(more, decision="allow")
    assert "code" in members_of(browser.authorize(partner, scope="openid email profile"))


@pytest.mark.parametrize("decision", ["deny", "", "ALLOW", None])
def test_anything_but_allow_is_a_no(browser, page, decision):
    answer = browser.send(page, decision=decision)
    given = members_of(answer)
    assert (given["error"], given["state"], "iss" in given) == ("access_denied", "st", True)
    assert (Consent.objects.count(), AuthorizationCode.objects.count()) == (0, 0)
    assert SecurityEvent.objects.get(name="consent").outcome == "refused"


def test_after_a_no_the_page_is_used_up(browser, page):
    browser.send(page, decision="deny")
    assert browser.send(page, decision="allow").status_code == 400


def test_one_users_consent_is_not_anothers(browser, page, partner, alice):
    browser.send(page, decision="allow")
    other = Browser().signed_in(alice)
    assert "Allow partner?" in words_of(other.follow(other.authorize(partner, scope="openid")))


def test_trusted_clients_are_not_asked_for(browser, desk):
    assert "code" in members_of(browser.authorize(desk))


def test_a_form_without_the_token_allows_nothing(browser, page):
    answer = browser.send(page, decision="allow", csrfmiddlewaretoken=None)
    assert (answer.status_code, "out of date" in words_of(answer)) == (403, True)
    assert Consent.objects.count() == 0


def test_another_browser_cannot_allow(page, alice):
    thief = Browser().signed_in(alice)
    thief.follow(thief.open("/auth/v3/sign-in"))
    assert thief.send(page, decision="allow").status_code == 400
    assert Consent.objects.count() == 0


def test_a_page_shown_to_one_user_does_not_count_for_the_next(browser, page, alice, desk):
    """Another tab signed in somebody else meanwhile: he is asked himself."""
    browser.sign_in(browser.follow(browser.authorize(desk, prompt="login")), alice)
    token = browser.http.cookies["deskgate_csrf"].value
    answer = browser.send(page, decision="allow", csrfmiddlewaretoken=token)
    assert (answer.status_code, "signed in as t100\\alice" in words_of(answer)) == (403, True)
    assert Consent.objects.count() == 0
    browser.send(answer, decision="allow")
    assert Consent.objects.get().user == alice


def test_who_signed_out_meanwhile_signs_in_first(browser, page):
    browser.http.cookies.pop("deskgate_session")
    assert is_sign_in_page(browser.follow(browser.send(page, decision="allow")))
    assert Consent.objects.count() == 0


def test_who_was_deactivated_meanwhile_allows_nothing(browser, page, bob):
    alter(bob, enabled=False)
    assert is_sign_in_page(browser.follow(browser.send(page, decision="allow")))


def test_a_client_disabled_meanwhile_gets_nothing(browser, page, partner):
    alter(partner, enabled=False)
    assert browser.send(page, decision="allow").status_code == 400
    assert AuthorizationCode.objects.count() == 0


def test_the_page_is_not_framed_and_ends_at_the_redirect_uri_only(page):
    policy = page.headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert "form-action 'self' https://desk.example.com;" in policy + ";"
    assert page.headers["X-Frame-Options"] == "DENY"


def test_head_uses_nothing_up(browser, page):
    assert browser.http.head("/auth/v3/consent").status_code == 405


def test_a_name_of_a_client_is_shown_as_text(browser, make_client):
    client = make_client("x", name="<script>alert(1)</script>")
    assert b"<script>" not in browser.follow(browser.authorize(client)).content
