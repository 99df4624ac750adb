"""GET /auth/v3/sign-in?next=…: where a sign-in without an application ends."""

from urllib.parse import quote

import pytest

from config.http.browsing import own_path
from oauthapi.models import AuthorizationRequest
from tests.cast import PASSWORD, alter
from tests.oauthapi.browser import SIGN_IN, Browser, lives, words_of

SIGNED_IN = "/auth/v3/signed-in"
WANTED = "/configuration/token?contactCenter=1"

ELSEWHERE = [
    "https://evil.example/",
    "http:/evil.example",
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "/\\/evil.example",
    "/%5Cevil.example",
    "/%2Fevil.example",
    "/x//evil.example",
    "/.//evil.example",
    "/..//evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "/\r\nLocation: https://evil.example",
    "/%0d%0aSet-Cookie:x=y",
    "\t//evil.example",
    " //evil.example",
    " /configuration/token",
    "/configuration/token\x00",
    "/configuration/tok\u0435n",
    "javascript:alert(1)",
    "data:text/html,x",
    "configuration/token",
    "?x",
    "",
    "//[",
    "/" + "x" * 2000,
    "https:evil.example",
    "@evil.example",
]
ADMIN = [
    "/admin",
    "/admin/",
    "/admin/accounts/user/",
    "/%61dmin/",
    "/%61%64min",
    "/./admin/",
    "/x/../admin/",
    "/x/%2e%2e/admin/",
    "/%2e/admin",
    "/admin?x",
    "/admin#x",
]


@pytest.fixture
def browser(db):
    return Browser()


def page_for(browser, wanted):
    return browser.follow(browser.open(f"{SIGN_IN}?next={quote(wanted, safe='')}"))


def test_a_sign_in_ends_at_the_page_it_was_for(browser, bob):
    answer = browser.sign_in(page_for(browser, WANTED), bob)
    assert (answer.status_code, answer.headers["Location"]) == (303, WANTED)
    assert lives(browser)


def test_a_wrong_password_forgets_the_page_not(browser, bob):
    wrong = browser.sign_in(page_for(browser, WANTED), bob, "wrong")
    assert wrong.status_code == 400
    assert browser.sign_in(wrong, bob).headers["Location"] == WANTED


def test_a_demanded_change_of_password_ends_there_too(browser, bob):
    alter(bob, must_change_password=True)
    step = browser.follow(browser.sign_in(page_for(browser, WANTED), bob))
    new = "brand-new-words-7"
    done = browser.send(step, old_password=PASSWORD, new_password=new, again=new)
    assert (done.status_code, done.headers["Location"]) == (303, WANTED)


@pytest.mark.parametrize("wanted", ELSEWHERE + ADMIN, ids=ascii)
def test_what_is_no_path_of_ours_is_forgotten(browser, bob, wanted):
    assert own_path(wanted) == ""
    if "\x00" in wanted:
        return  # refused before any view
    answer = browser.sign_in(page_for(browser, wanted), bob)
    assert answer.headers["Location"] == SIGNED_IN
    assert AuthorizationRequest.objects.latest("id").params == {}


@pytest.mark.parametrize(
    "wanted", ["/", "/configuration/token", "/administration", "/x?next=a%2Fb&c=/admin", "/docs#x"]
)
def test_paths_of_ours_are_kept_as_they_are(wanted):
    assert own_path(wanted) == wanted


def test_an_altered_row_leads_nowhere_else(browser, bob):
    """What is stored is judged again before the browser is sent there."""
    shown = page_for(browser, WANTED)
    AuthorizationRequest.objects.update(params={"next": "//evil.example"})
    assert browser.sign_in(shown, bob).headers["Location"] == SIGNED_IN


def test_an_applications_parameter_of_this_name_leads_nowhere(browser, desk, bob):
    answer = browser.sign_in(browser.follow(browser.authorize(desk, next=WANTED)), bob)
    assert answer.headers["Location"].startswith("/auth/v3/oauth/authorize/continue?")


def test_somebody_signed_in_may_go_on_or_be_somebody_else(browser, alice, bob):
    browser.signed_in(bob)
    shown = page_for(browser, WANTED)
    assert "You are signed in as t100\\bob . Go on , or sign in as somebody else." in words_of(shown)
    assert f'href="{WANTED}"' in shown.content.decode()
    assert browser.sign_in(shown, alice).headers["Location"] == WANTED
    assert "You are signed in as t100\\alice" in words_of(browser.open(SIGNED_IN))


def test_without_a_page_nothing_is_said_of_who_is_signed_in(browser, bob):
    browser.signed_in(bob)
    assert "You are signed in" not in words_of(browser.follow(browser.open(SIGN_IN)))
