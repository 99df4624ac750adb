"""One test per line of the standards that concerns the authorize endpoint; the line stands in the docstring."""

from datetime import timedelta
from string import ascii_letters, digits
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from accounts.selectors import Login
from accounts.services.proofs import password_prove
from accounts.services.sessions import session_begin
from oauthapi.models import AuthorizationCode
from tests.cast import (
    CALLBACK,
    CHALLENGE,
    PASSWORD,
    alter,
    basic,
    by_code,
    get,
)
from tests.oauthapi.browser import Browser, members_of
from tests.oauthapi.test_token_password import _claims

AUTHORIZE = "/auth/v3/oauth/authorize"


@pytest.fixture
def browser(bob) -> Client:
    """Bob's browser, signed in."""
    from django.test import RequestFactory

    from accounts.session_store import SessionStore

    request = RequestFactory().get("/")
    request.session = SessionStore()
    session_begin(request, password_prove(login=Login.parse("t100\\bob"), password=PASSWORD, via="test"), via="test")
    http = Client(raise_request_exception=False)
    http.cookies[settings.SESSION_COOKIE_NAME] = request.session.session_key or ""
    return http


def asked(**words: str) -> dict[str, str]:
    form = {
        "client_id": "spa",
        "redirect_uri": CALLBACK,
        "response_type": "code",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        "state": "s-1",
    } | words
    return {name: value for name, value in form.items() if value}


def told(answer) -> dict[str, str]:
    """The parameters of a redirect to the client, from query or fragment."""
    assert answer.status_code == 302, answer.content[:500]
    parts = urlsplit(answer["Location"])
    assert answer["Location"].startswith(CALLBACK), answer["Location"]
    return {name: values[0] for name, values in parse_qs(parts.query or parts.fragment).items()}


@pytest.mark.parametrize("method", ["get", "post"])
def test_authorize_by_get_and_post(spa, browser, method):
    """authorize: support GET (POST optional)"""
    if method == "post":
        answer = browser.post(AUTHORIZE, urlencode(asked()), content_type="application/x-www-form-urlencoded")
    else:
        answer = browser.get(AUTHORIZE, asked())
    assert "code" in told(answer)


def test_authorize_empty_is_absent(spa, browser):
    """params without value = absent"""
    assert "code" in told(browser.get(f"{AUTHORIZE}?{urlencode(asked())}&scope=&nonce="))


def test_authorize_unknown_ignored(spa, browser):
    """unknown params ignored"""
    assert "code" in told(browser.get(AUTHORIZE, asked(type="workspace", locale="en-us")))


def test_authorize_repeated(spa, browser):
    """no repeated params → invalid_request"""
    answer = browser.get(f"{AUTHORIZE}?{urlencode(asked())}&scope=*&scope=*")
    assert answer.status_code == 400
    assert "Location" not in answer


@pytest.mark.parametrize(
    "wrong",
    [{"client_id": "nobody"}, {"client_id": ""}, {"redirect_uri": "https://evil.example/"}, {"redirect_uri": ""}],
)
def test_never_redirect_to_the_unregistered(spa, browser, wrong):
    """never redirect when client_id is unknown or redirect_uri missing/mismatched; tell the user instead"""
    answer = browser.get(AUTHORIZE, asked(**wrong))
    assert answer.status_code == 400
    assert "Location" not in answer


@pytest.mark.parametrize("state", ["s-1", "a b&c=d#e", "ü\\%zz+", "x" * 1000])
def test_state_is_unchanged(spa, browser, state):
    """`state` returned unchanged when sent"""
    assert told(browser.get(AUTHORIZE, asked(state=state)))["state"] == state


def test_implicit_in_the_fragment(desk, browser):
    """implicit: token in fragment, no refresh token"""
    answer = browser.get(
        AUTHORIZE, asked(client_id="desk", response_type="token", code_challenge="", code_challenge_method="")
    )
    given = told(answer)
    assert urlsplit(answer["Location"]).query == ""
    assert "refresh_token" not in given
    assert (given["token_type"], int(given["expires_in"]) <= 3600) == ("bearer", True)
    assert get("/auth/v3/userinfo", given["access_token"]).status_code == 200


def test_clickjacking(spa, db):
    """CSRF protection of authorize; clickjacking protection"""
    page = Client().get(AUTHORIZE, asked(), follow=True, headers={"Accept": "text/html"})
    assert page["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in page["Content-Security-Policy"]


@pytest.mark.parametrize("method", ["plain", "S512", ""])
def test_unknown_method_at_authorize(spa, browser, method):
    """unknown method → invalid_request at authorize (plain and a missing method are refused too)"""
    assert told(browser.get(AUTHORIZE, asked(code_challenge_method=method)))["error"] == "invalid_request"


@pytest.fixture
def metadata(db) -> dict:
    return get("/auth/v3/.well-known/openid-configuration").json()


def test_prompt_none(spa):
    """prompt none→`login_required`"""
    given = told(Client().get(AUTHORIZE, asked(prompt="none", scope="openid")))
    assert (given["error"], given["state"]) == ("login_required", "s-1")


def test_prompt_login(spa, browser):
    """prompt `login`"""
    answer = browser.get(AUTHORIZE, asked(prompt="login", scope="openid"))
    assert not answer.get("Location", "").startswith(CALLBACK)


def test_max_age(spa, browser):
    """`max_age`→auth_time"""
    assert "code" in told(browser.get(AUTHORIZE, asked(max_age="1000", scope="openid")))
    assert not browser.get(AUTHORIZE, asked(max_age="0", scope="openid")).get("Location", "").startswith(CALLBACK)


def test_nonce_and_id_token(spa, browser, bob):
    """echo nonce; ID token iss, sub (≤255 ASCII, never reassigned), aud ∋ client_id, exp, iat; RS256 default"""
    code = told(browser.get(AUTHORIZE, asked(scope="openid", nonce="n-1")))["code"]
    claims = _claims(by_code(spa, code).json()["id_token"])
    assert {"iss", "sub", "aud", "exp", "iat", "auth_time"} <= set(claims)
    assert (claims["nonce"], claims["aud"], claims["sub"]) == ("n-1", "spa", bob.subject)
    assert claims["sub"].isascii()
    assert len(claims["sub"]) <= 255


def test_pkce_is_enforced_for_public_clients(spa, browser):
    """support PKCE; Public clients must use it"""
    assert (
        told(browser.get(AUTHORIZE, asked(code_challenge="", code_challenge_method="")))["error"] == "invalid_request"
    )


def test_no_cors_on_authorize(spa, browser):
    """CORS must not be enabled on the authorization endpoint"""
    alter(spa, allowed_origins=["https://desk.example.com"])
    origin = {"Origin": "https://desk.example.com"}
    assert "Access-Control-Allow-Origin" not in browser.get(AUTHORIZE, asked(), headers=origin)
    preflight = browser.options(AUTHORIZE, headers=origin | {"Access-Control-Request-Method": "GET"})
    assert "Access-Control-Allow-Origin" not in preflight


def test_iss_is_returned(spa, browser, metadata):
    """Return `iss` (RFC 9207) against mix-up, on errors too"""
    assert told(browser.get(AUTHORIZE, asked()))["iss"] == metadata["issuer"]
    assert told(browser.get(AUTHORIZE, asked(scope="nonsense")))["iss"] == metadata["issuer"]


def test_no_307(spa, db):
    """307 must not be used to redirect a request holding credentials"""
    assert Client().get(AUTHORIZE, asked()).status_code in (302, 303)


def test_loopback_port_is_free(spa, browser):
    """exact string match of redirect URIs (only exception: port of loopback for native apps)"""
    answer = browser.get(AUTHORIZE, asked(redirect_uri="http://127.0.0.1:51004/callback"))
    assert answer["Location"].startswith("http://127.0.0.1:51004/callback?")


def test_basic_on_authorize_is_switched(desk, bob):
    """Basic-on-authorize: switched per client, off for new ones; bad ones 401 + challenge"""
    sent = {"Authorization": basic("t100\\bob", PASSWORD)}
    form = asked(client_id="desk", code_challenge="", code_challenge_method="")
    assert not Client().get(AUTHORIZE, form, headers=sent).get("Location", "").startswith(CALLBACK)
    alter(desk, basic_on_authorize=True)
    assert "code" in told(Client().get(AUTHORIZE, form, headers=sent))
    wrong = Client().get(AUTHORIZE, form, headers={"Authorization": basic("t100\\bob", "wrong")})
    assert wrong.status_code == 401
    assert wrong["WWW-Authenticate"].startswith("Basic ")


@pytest.mark.parametrize(
    "uri", ["/relative", "https://desk.example.com/#part", "http://desk.example.com/cb", "https://*.example.com/cb"]
)
def test_what_may_be_registered(make_client, uri):
    """require pre-registered redirect URIs; absolute, no fragment. no http redirect URIs except loopback"""
    with pytest.raises(ValidationError):
        make_client("new", redirect_uris=[uri])


def test_redirect_uris_are_demanded_for_implicit_and_code(make_client):
    """require pre-registered redirect URIs for public clients and for implicit"""
    for words in ({"client_type": "PUBLIC"}, {"grants": ["implicit"]}):
        with pytest.raises(ValidationError):
            make_client("new", redirect_uris=[], **words)


def test_the_code_lives_a_minute(spa, browser):
    """code: single use, bound to client + redirect_uri, ≤10 min (use ≤60-120 s)"""
    code = told(browser.get(AUTHORIZE, asked()))["code"]
    row = AuthorizationCode.objects.get()
    assert timedelta(seconds=50) < row.expires_at - timezone.now() <= timedelta(seconds=60)
    alter(row, expires_at=timezone.now() - timedelta(seconds=1))
    assert by_code(spa, code).json()["error"] == "invalid_grant"


def test_entropy_of_codes(spa, browser):
    """codes/tokens ≥128-bit entropy"""
    codes = {told(browser.get(AUTHORIZE, asked()))["code"] for _ in range(5)}
    assert len(codes) == 5
    # 64 letters: six bits each.
    assert all(len(code) * 6 >= 128 and set(code) <= set(ascii_letters + digits + "-_") for code in codes)


def test_a_user_who_says_no_is_told_to_the_client(partner, bob):
    """RFC 6749 §4.1.2.1: access_denied, with the state"""
    person = Browser().signed_in(bob)
    answer = person.send(person.follow(person.authorize(partner)), decision="deny")
    assert (members_of(answer)["error"], members_of(answer)["state"]) == ("access_denied", "st")


def test_csrf_of_the_sign_in(spa, bob):
    """CSRF protection of authorize: the form carries a token, the stored request belongs to one browser"""
    person, thief = Browser(), Browser()
    page = person.follow(person.authorize(spa))
    assert person.send(page, username="t100\\bob", password=PASSWORD, csrfmiddlewaretoken="x" * 64).status_code == 403
    thief.follow(thief.open("/auth/v3/sign-in"))
    assert thief.send(page, username="t100\\bob", password=PASSWORD).status_code == 400


def test_303_after_credentials(spa, bob):
    """307 must not be used to redirect a request holding credentials (303 recommended)"""
    person = Browser()
    answer = person.sign_in(person.follow(person.authorize(spa)), bob)
    assert answer.status_code == 303
    assert PASSWORD not in answer.headers["Location"]
    assert person.open(answer.headers["Location"]).status_code == 303


@pytest.mark.parametrize("name", ["next", "redirect_uri", "redirectUri"])
def test_no_open_redirector(spa, bob, name):
    """no open redirectors (authorize, sign-out, sign-in `next`)"""
    person = Browser()
    page = person.follow(person.open(f"/auth/v3/sign-in?{name}=https://evil.example"))
    answer = person.send(page, username="t100\\bob", password=PASSWORD, **{name: "https://evil.example"})
    assert answer.headers["Location"] == "/auth/v3/signed-in"
    out = person.send(person.open("/auth/v3/sign-out?redirectUri=https://evil.example"))
    assert out.headers["Location"] == "/auth/v3/signed-out"


def test_auth_time(desk, browser, bob):
    """`max_age`→auth_time: the ID token tells when the password was given"""
    code = told(
        browser.get(
            AUTHORIZE,
            asked(client_id="desk", scope="openid", max_age="1000", code_challenge="", code_challenge_method=""),
        )
    )["code"]
    token = by_code(desk, code, code_verifier="").json()
    assert abs(_claims(token["id_token"])["auth_time"] - timezone.now().timestamp()) < 60


def test_scope_openid_by_name(desk, browser):
    """`scope` contains `openid`: only then is there an ID token"""
    for scope, has in (("openid", True), ("*", False)):
        words = {"scope": scope, "code_challenge": "", "code_challenge_method": ""}
        code = told(browser.get(AUTHORIZE, asked(client_id="desk", **words)))["code"]
        assert ("id_token" in by_code(desk, code, code_verifier="").json()) is has


def test_the_legacy_grants_are_switched(partner, desk, browser):
    """a client without the grant gets `unauthorized_client` (400 at token; redirect error at authorize)"""
    answer = browser.get(AUTHORIZE, asked(client_id="partner", response_type="token"))
    assert told(answer)["error"] == "unauthorized_client"
    assert partner.grants == ["authorization_code", "refresh_token"]


def test_implicit_is_short(desk, browser):
    """implicit additionally: exact redirect URI, short lifetime (e.g. ≤ 1 h), no refresh token"""
    given = told(browser.get(AUTHORIZE, asked(client_id="desk", response_type="token")))
    assert int(given["expires_in"]) <= 3600
    assert "refresh_token" not in given
    assert (
        browser.get(AUTHORIZE, asked(client_id="desk", response_type="token", redirect_uri=CALLBACK + "/")).status_code
        == 400
    )
