"""RFC 6749, where a rule holds at every endpoint that takes parameters; the line stands in the docstring."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote_plus, urlencode

import pytest
from django.test import Client

from oauthapi.models import ApiClient, AuthorizationCode
from tests.cast import CALLBACK, CHALLENGE, SECRET, TOKEN, alter, basic, by_code, by_password, new_code, post_token
from tests.oauthapi.browser import Browser, members_of, parameters

AUTHORIZE = "/auth/v3/oauth/authorize"
INTROSPECT = "/auth/v3/oauth/introspect"
REVOKE = "/auth/v3/oauth/revoke"
END_SESSION = "/auth/v3/oauth/end-session"
FORM = "application/x-www-form-urlencoded"
CLIENT_FORMS = {TOKEN: "grant_type=client_credentials", INTROSPECT: "token=x", REVOKE: "token=x"}
"""The endpoints at which a client proves itself, and a form that each answers with 200."""


def send(path: str, body: str, authorization: str | None = None) -> Any:
    headers = {"Authorization": authorization} if authorization else {}
    return Client(raise_request_exception=False).post(path, body, content_type=FORM, headers=headers)


@pytest.fixture
def browser(bob) -> Browser:
    return Browser().signed_in(bob)


@pytest.mark.parametrize("name", ["client_id", "client_secret", "scope", "anything", "token_type_hint"])
@pytest.mark.parametrize("path", CLIENT_FORMS)
def test_a_repeated_parameter_is_invalid_request_at_the_clients_endpoints(desk, path, name):
    """no repeated params → invalid_request; same rules at token"""
    answer = send(path, f"{CLIENT_FORMS[path]}&{name}=&{name}=", basic("desk"))
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    assert answer.json()["status"]["detail"] == {"field": name}


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("name", ["client_id", "redirect_uri", "response_type", "scope", "state", "nonce", "prompt",
                                  "max_age", "code_challenge", "code_challenge_method", "login_hint"])  # fmt: skip
def test_a_repeated_parameter_is_invalid_request_at_authorize(browser, desk, method, name):
    """no repeated params → invalid_request"""
    query = f"{urlencode(parameters(desk))}&{name}=a&{name}=a"
    headers = {"Accept": "application/json"}
    if method == "get":
        answer = browser.http.get(f"{AUTHORIZE}?{query}", headers=headers)
    else:
        answer = browser.http.post(AUTHORIZE, query, content_type=FORM, headers=headers)
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    assert "Location" not in answer.headers


@pytest.mark.parametrize("path", CLIENT_FORMS)
def test_an_empty_parameter_is_an_absent_one_at_the_clients_endpoints(desk, path):
    """params without value = absent"""
    empty = "&".join(f"{name}=" for name in ("client_id", "client_secret", "scope", "token_type_hint", "code_verifier"))
    answer = send(path, f"{CLIENT_FORMS[path]}&{empty}", basic("desk"))
    assert answer.status_code == 200, answer.content
    if path == TOKEN:
        assert answer.json()["scope"] == "*"
    needed = "grant_type" if path == TOKEN else "token"
    answer = send(path, f"{needed}=", basic("desk"))
    assert (answer.status_code, answer.json()["status"]["code"]) == (400, 1)


def test_an_empty_parameter_is_an_absent_one_at_authorize(browser, desk, partner):
    """params without value = absent"""
    names = ("scope", "state", "nonce", "prompt", "max_age", "code_challenge", "code_challenge_method", "login_hint")
    empty = "&".join(f"{name}=" for name in names)
    asked = urlencode(parameters(desk, state=""))
    given = members_of(browser.open(f"{AUTHORIZE}?{asked}&{empty}"))
    assert set(given) == {"code", "iss"}
    assert AuthorizationCode.objects.get().scope == "*"


@pytest.mark.parametrize("path", CLIENT_FORMS)
def test_an_unknown_parameter_is_ignored_at_the_clients_endpoints(desk, path):
    """unknown params ignored; same rules at token"""
    answer = send(path, f"{CLIENT_FORMS[path]}&resource=x&audience=y&request_uri=z&user=1", basic("desk"))
    assert answer.status_code == 200


@pytest.mark.parametrize("name", ["unknown", "id_token", "post_logout_redirect_uris"])
def test_an_unknown_parameter_is_ignored_at_end_session(browser, name):
    """unknown params ignored"""
    assert browser.open(f"{END_SESSION}?{name}=a&{name}=b").status_code == 200


@pytest.mark.parametrize("path", CLIENT_FORMS)
def test_the_clients_endpoints_are_post_only(desk, path):
    """POST only → 405 otherwise, `Allow: POST`"""
    answer = Client().get(f"{path}?{CLIENT_FORMS[path]}", headers={"Authorization": basic("desk")})
    assert (answer.status_code, answer["Allow"]) == (405, "POST, OPTIONS")


@pytest.mark.parametrize("path", CLIENT_FORMS)
def test_one_method_of_client_authentication_at_each_endpoint(desk, path):
    """never more than one client-auth method per request"""
    answer = send(path, f"{CLIENT_FORMS[path]}&client_id=desk&client_secret={SECRET}", basic("desk"))
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
    assert send(path, f"{CLIENT_FORMS[path]}&client_id=desk&client_secret={SECRET}").status_code == 200
    assert send(path, CLIENT_FORMS[path], basic("desk")).status_code == 200


@pytest.mark.parametrize("path", CLIENT_FORMS)
def test_a_secret_in_the_uri_is_refused_even_beside_a_good_proof(desk, path):
    """client secret not in the URI"""
    for query in (f"client_id=desk&client_secret={SECRET}", "client_secret="):
        for proof in (None, basic("desk")):
            answer = send(f"{path}?{query}", CLIENT_FORMS[path], proof)
            assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
            assert SECRET not in answer.content.decode()


@pytest.mark.parametrize("path", CLIENT_FORMS)
def test_id_and_secret_of_basic_are_form_decoded_and_taken_raw(make_client, path):
    """form-decode id and secret after base64 (§2.3.1); compare the decoded pair first and the raw pair second"""
    odd = make_client("an+odd%20id&more", grants=["client_credentials"])
    encoded = basic(quote_plus(odd.client_id), quote_plus(SECRET))
    assert "%" in quote_plus(odd.client_id)
    for proof in (basic(odd.client_id), encoded):
        assert send(path, CLIENT_FORMS[path], proof).status_code == 200


def test_the_words_of_the_token_endpoint_are_the_rfcs_six(desk, spa, partner, bob):
    """codes limited to invalid_request, invalid_client, invalid_grant, unauthorized_client, unsupported_grant_type,
    invalid_scope; other token errors 400"""
    refusals = [
        (post_token(desk), 400, "invalid_request"),
        (post_token(desk, secret="wrong", grant_type="client_credentials"), 401, "invalid_client"),
        (by_code(desk, "never-given"), 400, "invalid_grant"),
        (post_token(desk, grant_type="refresh_token", refresh_token="x"), 400, "invalid_grant"),
        (post_token(desk, grant_type="password", username=str(bob), password="no"), 400, "invalid_grant"),
        (post_token(partner, grant_type="client_credentials"), 400, "unauthorized_client"),
        (post_token(desk, grant_type="nonsense"), 400, "unsupported_grant_type"),
        (post_token(desk, grant_type="client_credentials", scope="nonsense"), 400, "invalid_scope"),
    ]
    for answer, status, word in refusals:
        assert (answer.status_code, answer.json()["error"]) == (status, word)


def test_the_scope_is_answered_when_it_is_not_the_one_asked_for(desk, browser, bob):
    """`scope` in the response required when it differs from the request"""
    code = new_code(desk, bob, scope="openid *", code_challenge="")
    alter(desk, scopes=["openid", "email"])
    assert by_code(desk, code, code_verifier="").json()["scope"] == "openid"
    assert post_token(desk, grant_type="client_credentials").json()["scope"] == "openid email"
    assert by_password(desk, bob)["scope"] == "openid email"
    assert members_of(browser.authorize(desk, response_type="token"))["scope"] == "openid email"


def test_a_code_is_bound_to_client_redirect_uri_and_challenge_at_once(make_client, spa, bob):
    """bound to client + redirect_uri; `redirect_uri` at token must be identical if it was sent at authorize"""
    second = "https://desk.example.com/second"
    alter(spa, redirect_uris=[CALLBACK, second])
    other = make_client("other-spa", client_type=ApiClient.Type.PUBLIC)
    cases = [(other, {}), (spa, {"redirect_uri": second}), (spa, {"redirect_uri": ""}), (spa, {"code_verifier": ""})]
    for asking, words in cases:
        code = new_code(spa, bob, nonce=repr(words) + asking.client_id)
        answer = by_code(asking, code, **words)
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")
    assert by_code(spa, new_code(spa, bob, code_challenge=CHALLENGE)).status_code == 200


def test_authorize_tells_the_user_why_it_does_not_redirect(browser, desk):
    """never redirect when client_id is unknown or redirect_uri missing/mismatched; tell the user instead"""
    answer = browser.authorize(desk, redirect_uri="https://evil.example/")
    assert answer.status_code == 400
    assert b"The redirect URI is not registered" in answer.content
