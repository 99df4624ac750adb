"""GET and POST /auth/v3/oauth/authorize."""

from urllib.parse import urlencode, urlsplit

import pytest
from django.test import Client

from accounts.models import Session
from accounts.services.users import user_update
from environment.services import contact_center_update
from oauthapi.id_tokens import issuer
from oauthapi.models import AccessToken, AuthorizationCode, AuthorizationRequest, RefreshToken
from tests.cast import CALLBACK, CHALLENGE, PASSWORD, VERIFIER, alter, asking_from, basic, by_code, get, is_alive
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


def test_a_missing_response_type_is_told_to_the_client(browser, desk, bob):
    assert members_of(browser.signed_in(bob).authorize(desk, response_type=""))["error"] == "invalid_request"


def test_errors_of_the_implicit_flow_come_in_the_fragment(browser, desk, bob):
    answer = browser.signed_in(bob).authorize(desk, response_type="token", scope="nonsense")
    parts = urlsplit(answer.headers["Location"])
    assert (parts.query, "error=invalid_scope" in parts.fragment) == ("", True)


def test_a_client_without_the_grant_is_told_so(browser, partner, bob):
    given = members_of(browser.signed_in(bob).authorize(partner, response_type="token"))
    assert given["error"] == "unauthorized_client"


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


# --- Basic: the user's own pair ---------------------------------------------------------------------------------


@pytest.fixture
def sample(desk):
    """A client whose switch is on."""
    alter(desk, basic_on_authorize=True)
    return desk


def by_basic(client, name="t100\\bob", password=PASSWORD, **headers):
    words = {"Authorization": basic(name, password), "Accept": "application/json"} | headers
    return Client(raise_request_exception=False).get(AUTHORIZE, parameters(client), headers=words)


def test_the_users_pair_gives_the_code_at_once_and_no_session(sample, bob):
    answer = by_basic(sample)
    assert (answer.status_code, "code" in members_of(answer)) == (302, True)
    assert not answer.cookies
    assert Session.objects.count() == 0
    assert by_code(sample, members_of(answer)["code"], code_verifier="").status_code == 200


def test_a_new_client_does_not_take_the_users_pair(make_client, bob):
    client = make_client("fresh", trusted=True)
    assert client.basic_on_authorize is False
    assert leads_to_sign_in(by_basic(client))


def test_the_switch_of_the_installation_and_the_strict_profile_end_it_everywhere(sample, bob):
    assert "code" in members_of(by_basic(sample))
    set_option("oauth", "basic-on-authorize", "false")
    assert leads_to_sign_in(by_basic(sample))
    set_option("oauth", "basic-on-authorize", "true")
    assert "code" in members_of(by_basic(sample))
    set_option("oauth", "strict", "true")
    alter(sample)
    answer = Client().get(
        AUTHORIZE,
        parameters(sample, code_challenge=CHALLENGE, code_challenge_method="S256"),
        headers={"Authorization": basic("t100\\bob", PASSWORD)},
    )
    assert leads_to_sign_in(answer)


@pytest.mark.parametrize("name", ["t100\\bob", "t100\\nobody", "elsewhere\\bob", ""])
def test_a_bad_pair_is_challenged_in_the_same_words(sample, bob, name):
    answer = by_basic(sample, name, "wrong")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith('Basic realm="')
    assert answer.json()["status"] == {
        "code": 20,
        "message": "User name or password is wrong, or the account cannot be used now.",
        "detail": {},
    }


@pytest.mark.parametrize("header", ["Basic", "Basic !!!", "Basic bm9jb2xvbg==", "basic %%%"])
def test_an_unreadable_pair_is_challenged(sample, header):
    answer = Client().get(AUTHORIZE, parameters(sample), headers={"Authorization": header})
    assert (answer.status_code, answer.headers["WWW-Authenticate"].split()[0]) == (401, "Basic")


def test_a_person_gets_the_refusal_as_a_page(sample, bob):
    answer = by_basic(sample, password="wrong", Accept="text/html")
    assert (answer.status_code, answer.headers["Content-Type"].split(";")[0]) == (401, "text/html")
    assert answer.headers["WWW-Authenticate"].startswith("Basic")


def test_no_challenge_is_sent_to_who_sent_no_pair(sample):
    answer = Client().get(AUTHORIZE, parameters(sample))
    assert (answer.status_code, "WWW-Authenticate" in answer.headers) == (302, False)


def test_a_browsers_navigation_never_counts_as_the_users_pair(sample, bob):
    """A browser that once saw a challenge would send the pair by itself, for every application."""
    assert leads_to_sign_in(by_basic(sample, **{"Sec-Fetch-Mode": "navigate"}))
    assert leads_to_sign_in(by_basic(sample, password="wrong", **{"Sec-Fetch-Mode": "navigate"}))


def test_the_client_and_its_uri_come_before_the_password(sample, bob, monkeypatch):
    def never(**words):
        raise AssertionError("the password was looked at")

    monkeypatch.setattr("oauthapi.views.authorize.password_prove_basic", never)
    answer = Client().get(
        AUTHORIZE,
        parameters(sample, redirect_uri="https://evil.example/"),
        headers={"Authorization": basic("t100\\bob", PASSWORD)},
    )
    assert answer.status_code == 400


def test_lockout_holds_for_the_users_pair(sample, bob, t100):
    set_option("security-authentication-rules", "account-lockout-threshold", "3", t100)
    for _ in range(3):
        assert by_basic(sample, password="wrong").status_code == 401
    assert by_basic(sample).status_code == 401


def test_the_users_pair_does_not_skip_consent(partner, bob):
    alter(partner, basic_on_authorize=True)
    assert members_of(by_basic(partner))["error"] == "consent_required"
    assert AuthorizationCode.objects.count() == 0


def test_a_password_that_must_be_changed_gives_no_code(sample, bob):
    alter(bob, must_change_password=True)
    answer = by_basic(sample)
    assert (answer.status_code, answer.json()["status"]["code"]) == (403, 8)
    assert by_basic(sample, password="wrong").status_code == 401
    assert AuthorizationCode.objects.count() == 0


def test_the_pair_of_another_contact_centers_user_is_refused(sample, eve, t100):
    sample.contact_centers.add(t100)
    alter(sample)
    assert members_of(by_basic(sample, "t200\\eve"))["error"] == "access_denied"


def test_a_remembered_pair_is_refused_at_once_when_the_user_is_disabled_or_changes_it(sample, bob, t100):
    assert by_basic(sample).status_code == 302
    with asking_from("127.0.0.1"):
        contact_center_update(alter(t100, enabled=False) or t100)
    assert by_basic(sample).status_code == 401
    alter(t100, enabled=True)
    assert by_basic(sample).status_code == 302
    alter(bob, enabled=False)
    assert by_basic(sample).status_code == 401


def test_implicit_tokens_by_the_users_pair_are_as_short(sample, bob):
    answer = Client().get(
        AUTHORIZE, parameters(sample, response_type="token"), headers={"Authorization": basic("t100\\bob", PASSWORD)}
    )
    assert members_of(answer)["expires_in"] == "3600"
    assert AccessToken.objects.count() == 1
