"""OpenID Connect and server metadata: what is offered, what is not, and ``iss`` everywhere."""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit

import pytest
from django.test import Client

from oauthapi.id_tokens import issuer
from oauthapi.models import ApiClient
from tests.cast import PASSWORD, alter, basic, by_code, get
from tests.oauthapi.browser import AUTHORIZE, Browser, members_of, parameters, set_option
from tests.oauthapi.test_metadata import PLACES
from tests.oauthapi.test_token_password import _claims

FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def browser(bob) -> Browser:
    return Browser().signed_in(bob)


# --- metadata ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("strict", [False, True])
def test_the_issuer_is_the_prefix_of_the_place_it_is_found_at(signing_keys, settings, strict):
    """`issuer` identical to the prefix used and to `iss`; https, no query/fragment"""
    settings.DESKGATE_PUBLIC_URL = "https://auth.example.com"
    if strict:
        set_option("oauth", "strict", "true")
    for place in PLACES:
        told = Client().get(place).json()["issuer"]
        assert told == "https://auth.example.com/auth/v3"
        # Appended: issuer and then the well-known part; inserted: the other way round (RFC 8414 §3.1).
        host, path = told[: -len("/auth/v3")], "/auth/v3"
        well_known = place.replace(path, "")
        assert host + place in (told + well_known, host + well_known + path)
        assert not urlsplit(told).query
        assert not urlsplit(told).fragment


def test_what_the_server_can_do_is_stated_in_full(signing_keys):
    """required: issuer, authorization_endpoint, token_endpoint, response_types_supported; OIDC adds jwks_uri,
    subject_types_supported, id_token_signing_alg_values_supported; grant_types_supported stated; the endpoints"""
    told = Client().get(PLACES[0]).json()
    assert set(told["grant_types_supported"]) == {
        "authorization_code", "refresh_token", "client_credentials", "password", "implicit",
    }  # fmt: skip
    assert (told["response_types_supported"], told["subject_types_supported"]) == (["code", "token"], ["public"])
    assert told["id_token_signing_alg_values_supported"] == ["RS256"]
    assert told["code_challenge_methods_supported"] == ["S256"]
    for name in ("authorization_endpoint", "token_endpoint", "userinfo_endpoint", "introspection_endpoint",
                 "revocation_endpoint", "end_session_endpoint", "jwks_uri"):  # fmt: skip
        assert told[name].startswith(told["issuer"] + "/"), name
    for name in ("token_endpoint", "introspection_endpoint", "revocation_endpoint"):
        methods = told[f"{name}_auth_methods_supported"]
        assert not [each for each in methods if each not in ("client_secret_basic", "client_secret_post", "none")]


# --- iss in every authorization answer ------------------------------------------------------------------------------


def test_iss_is_in_every_answer_of_authorize(browser, desk, partner, bob):
    """Return `iss` (RFC 9207) against mix-up; authorization_response_iss_parameter_supported"""
    alter(desk, basic_on_authorize=True)
    alter(partner, basic_on_authorize=True)
    form = urlencode(parameters(desk))
    pair = {"Authorization": basic("t100\\bob", PASSWORD)}
    page = browser.follow(browser.authorize(partner))
    answers = {
        "code": browser.authorize(desk),
        "code by POST": browser.http.post(AUTHORIZE, form, content_type=FORM),
        "code by Basic": Client().get(AUTHORIZE, parameters(desk), headers=pair),
        "token": browser.authorize(desk, response_type="token"),
        "login_required": Browser().authorize(desk, prompt="none"),
        "consent_required": browser.authorize(partner, prompt="none"),
        "consent_required by Basic": Client().get(AUTHORIZE, parameters(partner), headers=pair),
        "access_denied": browser.send(page, decision="deny"),
        "invalid_scope": browser.authorize(desk, scope="nonsense"),
        "invalid_request": browser.authorize(desk, prompt="nonsense"),
        "unauthorized_client": browser.authorize(partner, response_type="token"),
        "unsupported_response_type": browser.authorize(desk, response_type="id_token"),
    }
    for name, answer in answers.items():
        given = members_of(answer)
        word = name.split()[0]
        assert given.get("error") == word or (word in ("code", "token") and "error" not in given), (name, given)
        assert (given["iss"], given["state"]) == (issuer(), "st"), name


# --- ID tokens come from the token endpoint alone ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "wanted",
    ["id_token", "id_token token", "token id_token", "code id_token", "code token", "code id_token token", "none"],
)
def test_no_id_token_is_offered_at_authorize(browser, desk, wanted):
    """at_hash required when a token is issued together with id_token from authorize: neither implicit nor hybrid
    OpenID flows are offered"""
    given = members_of(browser.authorize(desk, response_type=wanted, scope="openid", nonce="n"))
    assert given["error"] == "unsupported_response_type"
    assert wanted not in Client().get(PLACES[0]).json()["response_types_supported"]


def test_a_token_from_authorize_comes_without_an_id_token(browser, desk):
    """at_hash required when a token is issued together with id_token from authorize: none is"""
    given = members_of(browser.authorize(desk, response_type="token", scope="openid", nonce="n"))
    assert "access_token" in given
    assert "id_token" not in given


def test_the_id_token_of_a_code_names_the_access_token_and_the_client(browser, desk, bob):
    """ID token iss, sub, aud ∋ client_id, exp, iat; `sub` always and matching"""
    code = members_of(browser.authorize(desk, scope="openid", nonce="n-1"))["code"]
    body = by_code(desk, code, code_verifier="").json()
    claims = _claims(body["id_token"])
    assert (claims["iss"], claims["aud"], claims["nonce"]) == (issuer(), "desk", "n-1")
    assert claims["exp"] > claims["iat"]
    for method in ("get", "post"):
        bearer = {"Authorization": f"Bearer {body['access_token']}"}
        answer = getattr(Client(), method)("/auth/v3/openid/userinfo", headers=bearer)
        assert answer.json()["sub"] == claims["sub"] == bob.subject


def test_a_post_from_our_own_site_is_answered_like_a_get(browser, desk):
    """authorize over GET **and POST**"""
    asked = parameters(desk, scope="openid", prompt="none", max_age="1000")
    answer = browser.http.post(AUTHORIZE, urlencode(asked), content_type=FORM)
    assert set(members_of(answer)) == {"code", "state", "iss"}


def test_a_parameter_in_the_address_of_a_post_counts_for_nothing(browser, desk):
    """authorize over GET **and POST**: the form alone is read"""
    answer = browser.http.post(f"{AUTHORIZE}?{urlencode(parameters(desk))}", "", content_type=FORM)
    assert answer.status_code == 400


# --- sub and client_id ------------------------------------------------------------------------------------------------


def test_no_client_id_can_be_a_users_sub(make_client, bob, root):
    """do not let clients choose ids that equal user subs"""
    from django.core.exceptions import ValidationError

    for user in (bob, root):
        with pytest.raises(ValidationError) as refused:
            make_client(user.subject)
        assert "client_id" in refused.value.message_dict
    assert not ApiClient.objects.exists()


def test_userinfo_of_a_clients_own_token_is_no_users(desk, bob, root):
    """a client-credentials token must never be mistaken for a user's"""
    from tests.cast import post_token

    own = post_token(desk, grant_type="client_credentials", scope="openid").json()["access_token"]
    told = get("/auth/v3/openid/userinfo", own).json()
    assert told["sub"] == "desk"
    assert told["sub"] not in {bob.subject, root.subject}
    assert not {"dbid", "email", "given_name", "contact_center_id"} & set(told)
