"""GET and POST /auth/v3/oauth/authorize."""

from urllib.parse import urlencode, urlsplit

import pytest
from django.test import Client

from activity.models import SecurityEvent
from oauthapi.id_tokens import issuer
from oauthapi.models import AuthorizationCode, RefreshToken
from tests.cast import CALLBACK, CHALLENGE, VERIFIER, alter, by_code, get, is_alive
from tests.oauthapi.browser import (
    AUTHORIZE,
    Browser,
    is_sign_in_page,
    leads_to_sign_in,
    members_of,
    parameters,
    set_option,
    words_of,
)


@pytest.fixture
def browser(db):
    return Browser()


def test_with_a_session_the_code_comes_at_once(browser, desk, bob):
    answer = browser.signed_in(bob).authorize(desk)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith(f"{CALLBACK}?")
    assert set(members_of(answer)) == {"code", "state", "iss"}
    assert answer.headers["Cache-Control"] == "no-store"


def test_without_one_the_sign_in_page_is_one_hop_away_and_the_code_comes_afterwards(browser, desk, bob):
    answer = browser.authorize(desk)
    assert leads_to_sign_in(answer)
    page = browser.follow(answer)
    assert is_sign_in_page(page)
    done = browser.follow(browser.sign_in(page, bob))
    assert done.status_code == 303
    token = by_code(desk, members_of(done)["code"], code_verifier="")
    assert token.status_code == 200
    assert get("/auth/v3/userinfo", token.json()["access_token"]).json()["loginName"] == "bob"


@pytest.mark.parametrize("state", ["a\\b", "a b", "%zz", "ü€", "a&b=c#d", "x" * 500])
def test_state_comes_back_as_it_was_sent(browser, desk, bob, state):
    assert members_of(browser.signed_in(bob).authorize(desk, state=state))["state"] == state


def test_an_unencoded_state_of_a_careless_client_is_echoed(browser, desk, bob):
    browser.signed_in(bob)
    answer = browser.open(f"{AUTHORIZE}?response_type=code&client_id=desk&redirect_uri={CALLBACK}&state=a\\b")
    assert members_of(answer)["state"] == "a\\b"


def test_the_issuer_is_told_against_mix_up(browser, desk, bob):
    """RFC 9207: in answers and errors, in query and fragment."""
    browser.signed_in(bob)
    for words in ({}, {"response_type": "token"}, {"scope": "nonsense"}, {"response_type": "token", "scope": "no"}):
        assert members_of(browser.authorize(desk, **words))["iss"] == issuer()


def test_the_host_header_never_makes_the_issuer(desk, bob, settings):
    settings.ALLOWED_HOSTS = ["*"]
    browser = Browser().signed_in(bob)
    answer = browser.authorize(desk, headers={"Host": "evil.example"})
    assert members_of(answer)["iss"] == issuer()
    assert "evil" not in members_of(answer)["iss"]


def test_the_implicit_answer_is_a_short_token_in_the_fragment(browser, desk, bob):
    answer = browser.signed_in(bob).authorize(desk, response_type="token", scope="*")
    given = members_of(answer)
    assert urlsplit(answer.headers["Location"]).query == ""
    assert set(given) == {"access_token", "token_type", "expires_in", "scope", "state", "iss"}
    assert (given["token_type"], given["expires_in"]) == ("bearer", "3600")
    assert is_alive(given["access_token"])
    assert RefreshToken.objects.count() == 0


def test_a_registered_query_is_kept(browser, make_client, bob):
    client = make_client("q", trusted=True, redirect_uris=["https://q.example/cb?app=1"])
    answer = browser.signed_in(bob).authorize(client, redirect_uri="https://q.example/cb?app=1")
    assert answer.headers["Location"].startswith("https://q.example/cb?app=1&code=")


def test_a_native_app_is_reached_by_its_own_scheme(browser, make_client, bob):
    client = make_client("app", trusted=True, client_type="PUBLIC", redirect_uris=["com.example.app:/cb"])
    answer = browser.signed_in(bob).authorize(client, redirect_uri="com.example.app:/cb")
    assert answer.headers["Location"].startswith("com.example.app:/cb?code=")


def test_the_port_of_a_loopback_uri_is_free(browser, spa, bob):
    answer = browser.signed_in(bob).authorize(spa, redirect_uri="http://127.0.0.1:51234/callback")
    assert answer.headers["Location"].startswith("http://127.0.0.1:51234/callback?code=")


EVIL = [
    "https://evil.example/callback",
    "https://desk.example.com/callback/",
    "https://desk.example.com/callback?x=1",
    "https://desk.example.com/callback#x",
    "https://desk.example.com/callback/../evil",
    "https://desk.example.com/Callback",
    "https://desk.example.com.evil.example/callback",
    "https://desk.example.com@evil.example/callback",
    "https://desk.example.com:8443/callback",
    "https://desk.example.com\\@evil.example/callback",
    "http://desk.example.com/callback",
    "//desk.example.com/callback",
    "/callback",
    "javascript:alert(1)//desk.example.com/callback",
    "https://desk.example.com/callback\r\nX: y",
    "https://desk.example.com/callback\x09",
    " https://desk.example.com/callback",
    "http://127.0.0.1.evil.example/callback",
    "http://127.0.0.1:1@evil.example/callback",
    "http://127.0.0.1/other",
    "x" * 3000,
]


@pytest.mark.parametrize("uri", EVIL)
@pytest.mark.parametrize("is_signed_in", [True, False])
def test_an_unregistered_redirect_uri_is_never_redirected_to(browser, spa, bob, uri, is_signed_in):
    if is_signed_in:
        browser.signed_in(bob)
    for words in ({}, {"scope": "nonsense"}, {"prompt": "none"}):
        answer = browser.authorize(spa, redirect_uri=uri, **words)
        assert answer.status_code == 400
        assert "Location" not in answer.headers
    assert AuthorizationCode.objects.count() == 0


@pytest.mark.parametrize("words", [{"client_id": "nobody"}, {"client_id": ""}, {"redirect_uri": ""}])
def test_an_unknown_client_or_a_missing_uri_is_told_to_the_user(browser, desk, bob, words):
    answer = browser.signed_in(bob).authorize(desk, **words)
    assert answer.status_code == 400
    assert "Location" not in answer.headers
    assert answer.headers["Content-Type"].startswith("text/html")


def test_a_disabled_client_is_an_unknown_one(browser, desk, bob):
    alter(desk, enabled=False)
    answer = browser.signed_in(bob).authorize(desk)
    assert (answer.status_code, "not known here" in words_of(answer)) == (400, True)


def test_programs_hear_fatal_errors_as_json(desk):
    for accept in ("application/json", "*/*", ""):
        answer = Client().get(AUTHORIZE, parameters(desk, client_id="nobody"), headers={"Accept": accept})
        body = answer.json()
        assert (answer.status_code, body["error"], body["status"]["code"]) == (400, "invalid_request", 2)
    missing = Client().get(AUTHORIZE, parameters(desk, redirect_uri="")).json()
    assert (missing["status"]["code"], missing["status"]["detail"]) == (1, {"field": "redirect_uri"})


@pytest.mark.parametrize("name", ["client_id", "redirect_uri", "state", "scope", "response_type", "prompt"])
def test_a_repeated_parameter_is_refused_without_a_redirect(browser, desk, name):
    asked = [*parameters(desk, scope="*", prompt="login").items()]
    answer = browser.open(f"{AUTHORIZE}?{urlencode([*asked, (name, dict(asked)[name])])}")
    assert answer.status_code == 400
    assert "Location" not in answer.headers


def test_unknown_parameters_are_ignored_and_empty_ones_absent(browser, desk, bob):
    answer = browser.signed_in(bob).open(
        f"{AUTHORIZE}?{urlencode(parameters(desk))}&type=workspace&type=x&scope=&nonce="
    )
    assert "code" in members_of(answer)


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ({"scope": "nonsense"}, "invalid_scope"),
        ({"scope": "configuration"}, "invalid_scope"),
        ({"scope": "* configuration"}, "invalid_scope"),
        ({"response_type": "id_token"}, "unsupported_response_type"),
        ({"response_type": "code token"}, "unsupported_response_type"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"prompt": "nonsense"}, "invalid_request"),
        ({"max_age": "-1"}, "invalid_request"),
        ({"max_age": "x"}, "invalid_request"),
        ({"code_challenge": CHALLENGE, "code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge": CHALLENGE}, "invalid_request"),
        ({"code_challenge": "short", "code_challenge_method": "S256"}, "invalid_request"),
        ({"nonce": "n" * 600}, "invalid_request"),
    ],
)
def test_other_errors_go_to_the_client_with_its_state(browser, desk, bob, words, error):
    answer = browser.signed_in(bob).authorize(desk, **words)
    assert answer.status_code == 302
    given = members_of(answer)
    assert (given["error"], given["state"], "code" in given) == (error, "st", False)
    assert given["error_description"] != "The request is malformed."


def test_a_missing_response_type_is_told_to_the_client(browser, desk, bob):
    assert members_of(browser.signed_in(bob).authorize(desk, response_type=""))["error"] == "invalid_request"


def test_errors_of_the_implicit_flow_come_in_the_fragment(browser, desk, bob):
    answer = browser.signed_in(bob).authorize(desk, response_type="token", scope="nonsense")
    parts = urlsplit(answer.headers["Location"])
    assert (parts.query, "error=invalid_scope" in parts.fragment) == ("", True)


def test_a_client_without_the_grant_is_told_so(browser, partner, bob):
    given = members_of(browser.signed_in(bob).authorize(partner, response_type="token"))
    assert given["error"] == "unauthorized_client"
    assert given["error_description"] == "The client may not use this grant."


def test_the_strict_profile_ends_the_implicit_flow_and_demands_pkce(browser, desk, bob):
    browser.signed_in(bob)
    set_option("oauth", "strict", "true")
    assert members_of(browser.authorize(desk, response_type="token"))["error"] == "unauthorized_client"
    assert members_of(browser.authorize(desk))["error"] == "invalid_request"
    assert "code" in members_of(browser.authorize(desk, code_challenge=CHALLENGE, code_challenge_method="S256"))


def test_a_public_client_must_use_pkce(browser, spa, bob):
    browser.signed_in(bob)
    assert members_of(browser.authorize(spa, code_challenge="", code_challenge_method=""))["error"] == "invalid_request"
    assert by_code(spa, members_of(browser.authorize(spa))["code"]).status_code == 200


def test_the_challenge_sent_is_the_one_the_code_is_bound_to(browser, desk, bob):
    browser.signed_in(bob)
    words = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}
    assert (
        by_code(desk, members_of(browser.authorize(desk, **words))["code"], code_verifier=VERIFIER).status_code == 200
    )
    wrong = by_code(desk, members_of(browser.authorize(desk, **words))["code"], code_verifier="w" * 43)
    assert wrong.json()["error"] == "invalid_grant"


# --- methods and headers ----------------------------------------------------------------------------------------


def test_post_takes_a_form(browser, desk, bob):
    browser.signed_in(bob)
    answer = browser.http.post(AUTHORIZE, urlencode(parameters(desk)), content_type="application/x-www-form-urlencoded")
    assert "code" in members_of(answer)


def test_a_post_from_another_site_comes_again_by_get_with_its_cookies(browser, desk, bob):
    answer = browser.http.post(
        AUTHORIZE,
        urlencode(parameters(desk, redirect_uri="https://evil.example/") | {"x": "y"}),
        content_type="application/x-www-form-urlencoded",
        headers={"Sec-Fetch-Site": "cross-site"},
    )
    assert answer.status_code == 303
    assert answer.headers["Location"].startswith(f"{AUTHORIZE}?client_id=desk&")
    assert "x=y" not in answer.headers["Location"]
    assert browser.open(answer.headers["Location"]).status_code == 400


@pytest.mark.parametrize("method", ["head", "put", "delete", "patch"])
def test_other_methods_are_told_what_is_allowed_and_make_no_code(browser, desk, bob, method):
    browser.signed_in(bob)
    answer = getattr(browser.http, method)(f"{AUTHORIZE}?{urlencode(parameters(desk))}")
    assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, POST, OPTIONS")
    assert AuthorizationCode.objects.count() == 0


def test_no_origin_is_let_in_here(browser, desk, bob, t100):
    set_option("settings", "cors-origins", "https://desk.example.com", t100)
    browser.signed_in(bob)
    origin = {"Origin": "https://desk.example.com"}
    preflight = browser.http.options(AUTHORIZE, headers=origin | {"Access-Control-Request-Method": "GET"})
    for answer in (browser.authorize(desk, headers=origin), preflight):
        assert not [name for name in answer.headers if name.lower().startswith("access-control-")]


def test_a_slash_at_the_end_is_the_same_address(browser, desk, bob):
    browser.signed_in(bob)
    assert "code" in members_of(browser.open(f"{AUTHORIZE}/?{urlencode(parameters(desk))}"))


def test_what_is_not_utf_8_or_holds_nul_is_a_400(browser, desk):
    for query in ("client_id=%ff", "state=%00&client_id=desk"):
        assert browser.open(f"{AUTHORIZE}?{query}").status_code == 400


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ({"redirect_uri": "https://evil.example/cb"}, "redirect URI is not registered"),
        ({"client_id": "nobody"}, "application is not known"),
        ({"scope": "nonsense"}, "invalid_scope"),
        ({"response_type": "id_token"}, "unsupported_response_type"),
        ({"prompt": "nonsense"}, "'prompt'"),
    ],
)
def test_why_a_request_was_refused_is_found_by_its_number(browser, desk, bob, words, told):
    answer = browser.signed_in(bob).authorize(desk, **words)
    event = SecurityEvent.objects.get(request_id=answer["X-Request-ID"])
    assert (event.name, event.outcome, event.client_id) == ("authorize", "refused", words.get("client_id", "desk"))
    assert told in event.refusal
    assert event.detail["redirect_uri"] == words.get("redirect_uri", CALLBACK)


def test_missing_pkce_is_told_too_and_a_silent_no_is_not(browser, spa, desk, bob):
    answer = browser.authorize(spa, code_challenge="", code_challenge_method="")
    assert SecurityEvent.objects.get(request_id=answer["X-Request-ID"]).client_id == "spa"
    answer = browser.authorize(desk, prompt="none")
    assert members_of(answer)["error"] == "login_required"
    assert not SecurityEvent.objects.filter(request_id=answer["X-Request-ID"]).exists()
