"""POST and GET /auth/v3/sign-out."""

import pytest
from django.test import Client

from accounts.models import Session
from tests.cast import CALLBACK, SECRET, alter, basic, by_password, get, is_alive, post_token, refreshed
from tests.oauthapi.browser import SIGN_OUT, Browser, is_sign_in_page, lives, members_of, set_option, words_of

DESKTOP = "https://desk.example.com"


def post(token, query="", **headers):
    return Client(raise_request_exception=False).post(
        SIGN_OUT + query, headers={"Authorization": f"bearer {token}"} | headers
    )


@pytest.fixture
def pair(desk, bob):
    return by_password(desk, bob)


@pytest.fixture
def browser(bob):
    return Browser().signed_in(bob)


# --- by bearer ------------------------------------------------------------------------------------------------------


def test_the_token_and_its_family_end(pair, desk):
    answer = post(pair["access_token"])
    assert (answer.status_code, answer.json()) == (200, {"status": {"code": 0}})
    assert not is_alive(pair["access_token"])
    assert refreshed(desk, pair["refresh_token"]).json()["error"] == "invalid_grant"


def test_a_second_time_is_401_with_a_challenge(pair):
    post(pair["access_token"])
    answer = post(pair["access_token"])
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")
    assert answer.headers["WWW-Authenticate"].startswith("Bearer ")


def test_other_tokens_of_the_user_live_unless_global_is_said(pair, desk, partner, bob):
    other = by_password(desk, bob)["access_token"]
    third = by_password(desk, bob)["access_token"]
    post(pair["access_token"], "?global=false")
    assert is_alive(other)
    post(other, "?global=TRUE")
    assert not is_alive(third)


def test_global_ends_sessions_and_codes_on_every_client(pair, desk, spa, bob):
    inside = Browser().signed_in(bob)
    code = members_of(inside.authorize(spa))["code"]
    assert post(pair["access_token"], "?global=true").status_code == 200
    assert not lives(inside)
    from tests.cast import by_code

    assert by_code(spa, code).json()["error"] == "invalid_grant"


def test_one_users_global_is_not_anothers(pair, desk, alice):
    hers = by_password(desk, alice)["access_token"]
    post(pair["access_token"], "?global=true")
    assert is_alive(hers)


def test_a_clients_own_token_ends_alone_or_with_its_kind(desk, pair):
    own = [post_token(desk, grant_type="client_credentials").json()["access_token"] for _ in range(3)]
    assert post(own[0]).status_code == 200
    assert [is_alive(token) for token in own] == [False, True, True]
    assert post(own[1], "?global=true").status_code == 200
    assert [is_alive(token) for token in own] == [False, False, False]
    assert is_alive(pair["access_token"])


@pytest.mark.parametrize("value", ["yes", "1", "tru", "null"])
def test_global_is_true_or_false(pair, value):
    answer = post(pair["access_token"], f"?global={value}")
    assert (answer.status_code, answer.json()["status"]["detail"]) == (400, {"field": "global"})
    assert is_alive(pair["access_token"])


def test_a_bearer_is_never_judged_by_the_cookie_beside_it(pair, browser):
    answer = browser.http.post(
        SIGN_OUT,
        headers={"Authorization": f"bearer {pair['access_token']}", "Origin": "https://evil.example", "Accept": "*/*"},
    )
    assert answer.status_code == 200
    assert not is_alive(pair["access_token"])
    assert not lives(browser)


def test_a_bad_bearer_beside_a_good_session_ends_nothing(browser):
    answer = browser.http.post(SIGN_OUT, headers={"Authorization": "bearer nonsense"})
    assert answer.status_code == 401
    assert lives(browser)


def test_nobody_is_401(db):
    for answer in (
        Client().post(SIGN_OUT),
        Client().get(SIGN_OUT),
        Client().post(SIGN_OUT, headers={"Authorization": "bearer"}),
    ):
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("method", ["head", "put", "delete"])
def test_other_methods_end_nothing(pair, browser, method):
    answer = getattr(browser.http, method)(SIGN_OUT, headers={"Authorization": f"bearer {pair['access_token']}"})
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, POST, OPTIONS")
    assert is_alive(pair["access_token"])


# --- where to go ----------------------------------------------------------------------------------------------------


def test_a_registered_destination_is_gone_to(desk, bob):
    alter(desk, post_logout_redirect_uris=["https://desk.example.com/bye"])
    for uri in (CALLBACK, "https://desk.example.com/bye"):
        token = by_password(desk, bob)["access_token"]
        answer = get(f"{SIGN_OUT}?redirectUri={uri}", token)
        assert (answer.status_code, answer.headers["Location"]) == (302, uri)


EVIL = [
    "https://evil.example/",
    "//evil.example",
    "https://desk.example.com/callback/x",
    "javascript:alert(1)",
    "https://desk.example.com@evil.example/callback",
    "/\\evil.example",
    "https:evil.example",
]


@pytest.mark.parametrize("uri", EVIL)
def test_any_other_destination_is_ignored_and_logged(pair, uri, caplog):
    answer = get(f"{SIGN_OUT}?redirectUri={uri}", pair["access_token"])
    assert (answer.status_code, answer.json()) == (200, {"status": {"code": 0}})
    assert "sign-out redirect refused" in caplog.text
    assert not is_alive(pair["access_token"])


@pytest.mark.parametrize("uri", EVIL)
def test_our_own_question_leads_nowhere_else(browser, desk, uri):
    page = browser.open(f"{SIGN_OUT}?redirectUri={uri}")
    assert "evil" not in page.headers["Content-Security-Policy"]
    answer = browser.send(page)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/auth/v3/signed-out")


def test_another_clients_destination_is_not_this_tokens(desk, make_client, bob):
    make_client("other", redirect_uris=["https://other.example/cb"])
    answer = get(f"{SIGN_OUT}?redirectUri=https://other.example/cb", by_password(desk, bob)["access_token"])
    assert answer.status_code == 200


def test_by_cookie_the_clients_of_the_users_contact_center_count(browser, make_client, bob, t100, t200):
    ours = make_client("ours", redirect_uris=["https://ours.example/cb"])
    ours.contact_centers.add(t100)
    theirs = make_client("theirs", redirect_uris=["https://theirs.example/cb"])
    theirs.contact_centers.add(t200)
    disabled = make_client("disabled", redirect_uris=["https://disabled.example/cb"])
    alter(disabled, enabled=False)
    for name, is_allowed in (("theirs", False), ("disabled", False), ("ours", True)):
        uri = f"https://{name}.example/cb"
        answer = browser.send(browser.open(f"{SIGN_OUT}?redirectUri={uri}"))
        assert (answer.headers["Location"] == uri) is is_allowed
        browser.signed_in(bob)


# --- by cookie ------------------------------------------------------------------------------------------------------


def test_a_get_by_cookie_alone_asks_first(browser):
    page = browser.open(SIGN_OUT)
    assert (page.status_code, "Sign out?" in words_of(page)) == (200, True)
    assert lives(browser)
    assert browser.send(page).headers["Location"] == "/auth/v3/signed-out"
    assert not lives(browser)
    assert Session.objects.count() == 0


@pytest.mark.parametrize(
    "referer",
    [
        "https://evil.example/",
        "https://desk.example.com.evil.example/",
        "null",
        "",
        "https://desk.example.com@evil.example/",
        "nonsense",
    ],
)
def test_a_page_nobody_registered_cannot_sign_out_by_a_link(browser, t100, referer):
    set_option("settings", "cors-origins", DESKTOP, t100)
    assert browser.open(SIGN_OUT, Referer=referer).status_code == 200
    assert lives(browser)


def test_a_registered_page_signs_out_by_a_link_and_never_everywhere(browser, desk, bob, t100):
    set_option("settings", "cors-origins", DESKTOP, t100)
    token = by_password(desk, bob)["access_token"]
    answer = browser.open(f"{SIGN_OUT}?global=true&redirectUri={CALLBACK}", Referer=f"{DESKTOP}/app")
    assert (answer.status_code, answer.headers["Location"]) == (302, CALLBACK)
    assert not lives(browser)
    assert is_alive(token)


def test_a_page_of_another_contact_center_does_not(browser, t200):
    set_option("settings", "cors-origins", DESKTOP, t200)
    browser.open(SIGN_OUT, Referer=f"{DESKTOP}/app")
    assert lives(browser)


def test_a_program_is_told_to_post_instead_of_being_shown_a_page(browser):
    answer = browser.open(SIGN_OUT, Accept="application/json")
    assert (answer.status_code, answer.json()["status"]["code"]) == (403, 5)
    assert lives(browser)


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://testserver"},
    ],
)
def test_a_post_by_cookie_from_a_foreign_page_is_refused(browser, t100, headers):
    set_option("settings", "cors-origins", DESKTOP, t100)
    answer = browser.http.post(SIGN_OUT, headers=headers | {"Accept": "*/*"})
    assert (answer.status_code, answer.json()["status"]["code"]) == (403, 5)
    assert lives(browser)


@pytest.mark.parametrize("headers", [{"Origin": "http://testserver"}, {"Sec-Fetch-Site": "same-origin"}, {}])
def test_a_post_by_cookie_from_our_own_page_or_from_no_page_signs_out(browser, headers):
    answer = browser.http.post(SIGN_OUT, headers=headers | {"Accept": "application/json"})
    assert (answer.status_code, answer.json()) == (200, {"status": {"code": 0}})
    assert not lives(browser)


def test_a_registered_origin_posts_by_cookie_and_reads_the_answer(browser, t100):
    set_option("settings", "cors-origins", DESKTOP, t100)
    asked = {"Origin": DESKTOP, "Access-Control-Request-Method": "POST"}
    preflight = browser.http.options(SIGN_OUT, headers=asked)
    answer = browser.http.post(SIGN_OUT, headers={"Origin": DESKTOP, "Accept": "*/*"})
    assert answer.status_code == 200
    for each in (preflight, answer):
        assert each.headers["Access-Control-Allow-Origin"] == DESKTOP
        assert each.headers["Access-Control-Allow-Credentials"] == "true"
    assert not lives(browser)


def test_an_origin_registered_by_another_contact_center_neither_signs_out_nor_reads(browser, t200):
    set_option("settings", "cors-origins", DESKTOP, t200)
    answer = browser.http.post(SIGN_OUT, headers={"Origin": DESKTOP, "Accept": "*/*"})
    assert answer.status_code == 403
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert lives(browser)


def test_a_get_by_cookie_is_read_by_nobody_across_origins(browser, t100):
    set_option("settings", "cors-origins", DESKTOP, t100)
    answer = browser.open(SIGN_OUT, Origin=DESKTOP)
    assert "Access-Control-Allow-Credentials" not in answer.headers


def test_who_is_signed_out_already_sees_so(db):
    answer = Browser().open(SIGN_OUT)
    assert (answer.status_code, "You are signed out" in words_of(answer)) == (200, True)


def test_after_sign_out_the_application_asks_again(browser, desk):
    browser.send(browser.open(SIGN_OUT))
    assert is_sign_in_page(browser.follow(browser.authorize(desk)))


def test_basic_signs_nobody_out(desk, db):
    assert Client().post(SIGN_OUT, headers={"Authorization": basic("desk", SECRET)}).status_code == 401
