"""RFC 9700 (BCP 240): what it adds for the server; the line stands in the docstring."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from activity.models import SecurityEvent
from oauthapi.models import ApiClient, RefreshToken
from tests.cast import PASSWORD, alter, by_code, get, new_code, post_token, refreshed
from tests.oauthapi.browser import AUTHORIZE, Browser, members_of, parameters, set_option

END_SESSION = "/auth/v3/oauth/end-session"
ORIGIN = "https://desk.example.com"


@pytest.fixture
def browser(bob) -> Browser:
    return Browser().signed_in(bob)


@pytest.mark.parametrize("path", [AUTHORIZE, END_SESSION, "/auth/v3/sign-in", "/auth/v3/consent"])
@pytest.mark.parametrize("method", ["get", "post", "preflight"])
def test_no_registered_origin_reads_where_the_browser_goes(browser, desk, t100, path, method):
    """CORS must not be enabled on the authorization endpoint (nor where else only a browser goes)"""
    set_option("settings", "cors-origins", ORIGIN, t100)
    alter(desk, allowed_origins=[ORIGIN])
    query = urlencode(parameters(desk))
    sent = {"Origin": ORIGIN}
    assert "Access-Control-Allow-Origin" in Client().get("/auth/v3/.well-known/jwks.json", headers=sent)
    if method == "preflight":
        answer = browser.http.options(path, headers=sent | {"Access-Control-Request-Method": "GET"})
    elif method == "get":
        answer = browser.open(f"{path}?{query}", **sent)
    else:
        answer = browser.http.post(path, query, content_type="application/x-www-form-urlencoded", headers=sent)
    assert not [name for name in answer.headers if name.lower().startswith("access-control-")]


@pytest.mark.parametrize("where", ["sign-in page", "consent page", "sign-out question", "fatal error", "signed out"])
def test_no_page_can_be_framed(desk, partner, bob, where):
    """Clickjacking prevention (CSP `frame-ancestors` + X-Frame-Options)"""
    person = Browser()
    if where == "sign-in page":
        page = person.follow(person.authorize(desk))
    elif where == "consent page":
        page = person.signed_in(bob).follow(person.authorize(partner))
    elif where == "sign-out question":
        page = person.signed_in(bob).open(END_SESSION)
    elif where == "fatal error":
        page = person.authorize(desk, redirect_uri="https://evil.example/")
    else:
        page = person.open("/auth/v3/signed-out")
    assert page.headers["Content-Type"].startswith("text/html")
    assert page.headers["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]


def test_what_held_credentials_is_redirected_by_303(desk, partner, bob):
    """307 must not be used to redirect a request holding credentials (303 recommended)"""
    person = Browser()
    signed_in = person.sign_in(person.follow(person.authorize(partner)), bob)
    allowed = person.send(person.follow(signed_in), decision="allow")
    asked = person.open(END_SESSION)
    out = person.send(asked)
    assert [answer.status_code for answer in (signed_in, allowed, out)] == [303, 303, 303]


def test_a_clients_pkce_switch_makes_it_a_must(browser, desk):
    """Public clients must use it; recommended for confidential"""
    assert "code" in members_of(browser.authorize(desk))
    alter(desk, require_pkce=True)
    assert members_of(browser.authorize(desk))["error"] == "invalid_request"


def test_a_challenge_that_was_sent_is_enforced_for_confidential_clients_too(desk, bob):
    """support PKCE; enforce it when a challenge was sent"""
    for verifier in ("", "w" * 43):
        code = new_code(desk, bob, nonce=verifier)
        assert by_code(desk, code, code_verifier=verifier).json()["error"] == "invalid_grant"


def test_a_new_client_has_neither_password_nor_implicit(partner, browser, bob):
    """Implicit SHOULD NOT be used. Password grant MUST NOT be used: a new client gets only code and refresh"""
    assert ApiClient().grants == ["authorization_code", "refresh_token"]
    asked = post_token(partner, grant_type="password", username=str(bob), password=PASSWORD)
    assert (asked.status_code, asked.json()["error"]) == (400, "unauthorized_client")
    assert members_of(browser.authorize(partner, response_type="token"))["error"] == "unauthorized_client"


def test_a_refresh_token_ends_unused_and_a_rotated_one_begins_anew(spa, bob):
    """refresh tokens SHOULD expire after inactivity; tied to the consented scope"""
    alter(spa, refresh_token_lifetime=1000)
    first = by_code(spa, new_code(spa, bob, scope="openid email")).json()
    RefreshToken.objects.update(expires_at=timezone.now() + timedelta(seconds=1))
    second = refreshed(spa, first["refresh_token"]).json()
    assert second["scope"] == "openid email"
    assert RefreshToken.objects.latest("id").expires_at > timezone.now() + timedelta(seconds=900)
    RefreshToken.objects.update(expires_at=timezone.now())
    assert refreshed(spa, second["refresh_token"]).json()["error"] == "invalid_grant"


def test_without_the_refresh_grant_no_refresh_token_is_issued(desk, bob):
    """decide by risk whether to issue: the client's refresh grant"""
    alter(desk, grants=["authorization_code"])
    assert "refresh_token" not in by_code(desk, new_code(desk, bob, code_challenge=""), code_verifier="").json()


def test_asymmetric_client_authentication_is_neither_offered_nor_announced(desk, signing_keys):
    """asymmetric client auth recommended: not offered"""
    told = get("/auth/v3/.well-known/openid-configuration").json()
    assert not {"private_key_jwt", "tls_client_auth"} & set(told["token_endpoint_auth_methods_supported"])
    kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
    answer = post_token(
        None, grant_type="client_credentials", client_id="desk", client_assertion_type=kind, client_assertion="a.b.c"
    )
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")


# --- the discouraged grants, switched ---------------------------------------------------------------------------------


def test_a_public_client_has_no_password_grant(make_client, spa, bob):
    """password grant additionally: confidential client"""
    with pytest.raises(ValidationError):
        make_client("new", client_type=ApiClient.Type.PUBLIC, grants=["authorization_code", "password"])
    alter(spa, grants=["authorization_code", "password"])
    answer = post_token(spa, grant_type="password", username=str(bob), password=PASSWORD)
    assert (answer.status_code, answer.json()["error"]) == (400, "unauthorized_client")


def test_the_password_grant_shares_its_lock_with_the_sign_in_page(desk, bob):
    """rate limit + lockout shared with sign-in"""
    for _ in range(10):
        post_token(desk, grant_type="password", username=str(bob), password="wrong")
    person = Browser()
    page = person.sign_in(person.follow(person.authorize(desk)), bob)
    assert page.status_code != 303
    assert not person.session_key


def test_the_password_grant_leaves_an_event_for_success_and_refusal(desk, bob):
    """password grant additionally: audit event"""
    post_token(desk, grant_type="password", username=str(bob), password="wrong")
    refused = SecurityEvent.objects.filter(outcome="refused", client_id="desk").latest("id")
    assert refused.user_name == "t100\\bob"
    post_token(desk, grant_type="password", username=str(bob), password=PASSWORD)
    given = SecurityEvent.objects.filter(name="token", client_id="desk").latest("id")
    assert (given.user_name, given.detail["grant"]) == ("t100\\bob", "password")


def test_a_token_by_implicit_goes_to_an_exact_uri_only(browser, desk):
    """implicit additionally: exact redirect URI, also for a client whose codes go to any page of its origin"""
    page = "https://desk.example.com/anywhere"
    alter(desk, redirect_uris=[ORIGIN], redirect_match=ApiClient.RedirectMatch.ORIGIN)
    assert "code=" in browser.authorize(desk, redirect_uri=page).headers["Location"]
    refused = browser.authorize(desk, redirect_uri=page, response_type="token")
    assert refused.status_code == 400
    assert "Location" not in refused.headers
    assert "access_token=" in browser.authorize(desk, redirect_uri=ORIGIN, response_type="token").headers["Location"]


def test_the_strict_profile_is_the_kill_switch_of_both(browser, desk, bob, signing_keys):
    """server-wide kill switches for `password` and `implicit`; both off in the metadata when off"""
    ends = {"grant_type": "password", "username": str(bob), "password": PASSWORD}
    assert post_token(desk, **ends).status_code == 200
    set_option("oauth", "strict", "true")
    assert post_token(desk, **ends).json()["error"] == "unauthorized_client"
    assert members_of(browser.authorize(desk, response_type="token"))["error"] == "unauthorized_client"
    told = get("/auth/v3/.well-known/openid-configuration").json()
    assert set(told["grant_types_supported"]) == {"authorization_code", "refresh_token", "client_credentials"}
    assert (told["response_types_supported"], told["response_modes_supported"]) == (["code"], ["query"])
