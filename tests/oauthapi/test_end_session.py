"""GET and POST /auth/v3/oauth/end-session (OpenID Connect RP-Initiated Logout 1.0), and ID tokens as hints."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.utils import timezone
from jwcrypto.jwk import JWK
from jwcrypto.jws import JWS
from jwcrypto.jwt import JWT

from accounts.models import SigningKey
from accounts.services.keys import key_rotate, signed_claims, signed_jwt
from activity.models import SecurityEvent
from oauthapi.id_tokens import hint_of, issuer
from tests.cast import alter, by_code, by_password, is_alive, new_code, refreshed
from tests.oauthapi.browser import Browser, is_sign_in_page, leads_to_sign_in, lives, members_of, words_of

PATH = "/auth/v3/oauth/end-session"
AFTER = "https://desk.example.com/bye"
QUESTION = "Sign out?"


@pytest.fixture
def browser(bob):
    return Browser().signed_in(bob)


@pytest.fixture
def home(desk):
    """The desk, with a place to go after a logout."""
    alter(desk, post_logout_redirect_uris=[AFTER])
    return desk


@pytest.fixture
def tokens(home, bob) -> dict[str, Any]:
    return by_password(home, bob, scope="openid")


def ask(browser: Browser, **params: str) -> Any:
    return browser.open(f"{PATH}?{urlencode(params)}")


def test_with_the_users_id_token_the_browser_goes_back_at_once(browser, tokens):
    answer = ask(browser, id_token_hint=tokens["id_token"], post_logout_redirect_uri=AFTER, state="s t&1")
    assert (answer.status_code, answer["Location"]) == (302, f"{AFTER}?state=s+t%261")
    assert answer["Cache-Control"] == "no-store"
    assert not lives(browser)


def test_without_a_state_none_is_added(browser, tokens):
    answer = ask(browser, id_token_hint=tokens["id_token"], post_logout_redirect_uri=AFTER)
    assert answer["Location"] == AFTER


def test_the_tokens_of_that_sign_in_end_and_those_of_others_live(browser, home, bob, alice, tokens):
    other, hers = by_password(home, bob, scope="openid"), by_password(home, alice, scope="openid")
    ask(browser, id_token_hint=tokens["id_token"])
    assert not is_alive(tokens["access_token"])
    assert refreshed(home, tokens["refresh_token"]).json()["error"] == "invalid_grant"
    assert is_alive(other["access_token"])
    assert is_alive(hers["access_token"])


def test_an_id_token_of_a_refresh_ends_the_same_family(browser, home, tokens):
    again = refreshed(home, tokens["refresh_token"]).json()
    claims = [signed_claims("id-token", each["id_token"]) for each in (tokens, again)]
    assert claims[0]["sid"] == claims[1]["sid"]
    ask(browser, id_token_hint=again["id_token"])
    assert not is_alive(tokens["access_token"])


def test_without_a_hint_a_page_asks_first_and_cancel_changes_nothing(browser, home):
    answer = ask(browser, client_id="desk", post_logout_redirect_uri=AFTER, state="x")
    assert answer.status_code == 200
    assert QUESTION in words_of(answer)
    assert "t100\\bob" in words_of(answer)
    assert lives(browser)
    done = browser.send(answer)
    assert (done.status_code, done["Location"]) == (303, f"{AFTER}?state=x")
    assert not lives(browser)


def test_the_questions_form_may_end_at_the_registered_place(browser, home):
    answer = ask(browser, client_id="desk", post_logout_redirect_uri=AFTER)
    assert "form-action 'self' https://desk.example.com" in answer["Content-Security-Policy"]


def test_a_forged_answer_to_the_question_asks_again(browser, home):
    answer = browser.http.post(PATH, {"client_id": "desk", "confirm": "yes"})
    assert QUESTION in words_of(answer)
    assert lives(browser)


def test_confirm_in_the_address_is_no_answer(browser, home):
    assert QUESTION in words_of(ask(browser, client_id="desk", confirm="yes"))
    assert lives(browser)


def test_another_users_id_token_does_not_sign_this_one_out(browser, home, alice):
    hers = by_password(home, alice, scope="openid")
    assert QUESTION in words_of(ask(browser, id_token_hint=hers["id_token"], post_logout_redirect_uri=AFTER))
    assert lives(browser)
    assert is_alive(hers["access_token"])


def test_nobody_signed_in_is_led_on_and_no_token_ends(db, home, tokens):
    answer = ask(Browser(), id_token_hint=tokens["id_token"], post_logout_redirect_uri=AFTER, state="x")
    assert answer["Location"] == f"{AFTER}?state=x"
    assert is_alive(tokens["access_token"])


def test_an_expired_id_token_will_do(browser, home, bob, tokens):
    old = signed_jwt("id-token", signed_claims("id-token", tokens["id_token"]) | {"exp": 1, "iat": 0})
    assert ask(browser, id_token_hint=old, post_logout_redirect_uri=AFTER)["Location"] == AFTER
    assert not lives(browser)


def test_an_id_token_of_a_key_that_retired_will_do(browser, home, tokens):
    key_rotate("id-token", at_once=True)
    assert ask(browser, id_token_hint=tokens["id_token"], post_logout_redirect_uri=AFTER)["Location"] == AFTER


@pytest.mark.parametrize(
    "uri",
    [
        "https://desk.example.com/bye/",
        "https://desk.example.com/bye?x=1",
        "https://desk.example.com/callback",
        "https://evil.example/bye",
        "//desk.example.com/bye",
        "https://desk.example.com/bye#x",
        "javascript:alert(1)",
    ],
)
def test_a_place_that_is_not_registered_exactly_is_not_gone_to(browser, home, tokens, uri):
    answer = ask(browser, id_token_hint=tokens["id_token"], post_logout_redirect_uri=uri, state="x")
    assert (answer.status_code, answer["Location"]) == (302, "/auth/v3/signed-out")
    assert not lives(browser)


@pytest.mark.parametrize("words", [{}, {"client_id": "nobody"}, {"client_id": "x" * 4000}])
def test_a_place_without_a_known_client_is_not_gone_to(browser, home, words):
    answer = browser.send(ask(browser, post_logout_redirect_uri=AFTER, **words))
    assert answer["Location"] == "/auth/v3/signed-out"
    assert SecurityEvent.objects.filter(name="sign-out").latest("id").client_id == ""


def test_a_disabled_clients_place_is_not_gone_to(browser, home, tokens):
    alter(home, enabled=False)
    answer = ask(browser, id_token_hint=tokens["id_token"], post_logout_redirect_uri=AFTER)
    assert QUESTION in words_of(answer)
    assert browser.send(answer)["Location"] == "/auth/v3/signed-out"


def test_an_id_token_of_an_earlier_session_asks_first(home, bob, tokens):
    later, claims = Browser().signed_in(bob), signed_claims("id-token", tokens["id_token"])
    for proved in ({"auth_time": claims["auth_time"] - 60}, {"auth_time": None}):
        found = signed_jwt("id-token", claims | proved)
        assert QUESTION in words_of(ask(later, id_token_hint=found))
        assert lives(later)


def test_a_client_id_that_is_not_the_hints_is_refused_and_nothing_ends(browser, home, partner, tokens):
    answer = ask(browser, id_token_hint=tokens["id_token"], client_id="partner", post_logout_redirect_uri=AFTER)
    assert answer.status_code == 400
    assert answer["Content-Type"].startswith("text/html")
    assert lives(browser)


def _unsigned(claims: dict[str, Any]) -> str:
    def part(value: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    return f"{part({'alg': 'none', 'typ': 'JWT'})}.{part(claims)}.{part('x')}"


def _by_public_key(claims: dict[str, Any], keys: list[SigningKey]) -> str:
    """HS256 with the published key as secret: the algorithm confusion of RFC 8725 §2.1."""
    public = JWK(**keys[0].public_jwk).export_to_pem()
    secret = JWK(kty="oct", k=base64.urlsafe_b64encode(public).rstrip(b"=").decode())
    token = JWT(header={"alg": "HS256", "kid": keys[0].kid}, claims=claims)
    token.make_signed_token(secret)
    return token.serialize()


def _by_own_key(claims: dict[str, Any], kid: str) -> str:
    token = JWT(header={"alg": "RS256", "kid": kid}, claims=claims)
    token.make_signed_token(JWK.generate(kty="RSA", size=2048))
    return token.serialize()


def test_nothing_but_our_own_signature_counts(browser, home, bob, tokens, signing_keys):
    claims = signed_claims("id-token", tokens["id_token"])
    other_kind = signed_jwt("user-info", claims)
    many = JWS(json.dumps(claims))
    key = JWK.generate(kty="RSA", size=2048)
    many.add_signature(key, None, json.dumps({"alg": "RS256"}))
    many.add_signature(key, None, json.dumps({"alg": "RS256"}))
    foreign = signed_jwt("id-token", claims | {"iss": "https://evil.example"})
    changed = tokens["id_token"][:-8] + ("A" * 8)
    tries = [
        _unsigned(claims), _by_public_key(claims, signing_keys), _by_own_key(claims, signing_keys[0].kid), other_kind,
        many.serialize(), foreign, changed, tokens["access_token"], "a.b.c", "\x01", "x" * 4000, "[" * 3000,
    ]  # fmt: skip
    for hint in tries:
        assert hint_of(hint) is None, hint
        answer = ask(browser, id_token_hint=hint, post_logout_redirect_uri=AFTER)
        assert QUESTION in words_of(answer), hint
        assert lives(browser)
    assert hint_of(tokens["id_token"]).client_id == "desk"


@pytest.mark.parametrize("name", ["id_token_hint", "client_id", "post_logout_redirect_uri", "state"])
def test_a_repeated_or_long_parameter_is_refused(browser, home, name):
    assert browser.open(f"{PATH}?{name}=a&{name}=b").status_code == 400
    assert browser.open(f"{PATH}?{name}={'a' * 4097}").status_code == 400
    assert lives(browser)


def test_post_does_the_same_and_another_sites_post_comes_back_by_get(browser, home, tokens):
    form = {"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": AFTER, "state": "x"}
    answer = browser.http.post(PATH, form, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 303
    assert answer["Location"].startswith(f"{PATH}?")
    assert lives(browser)
    assert browser.open(answer["Location"])["Location"] == f"{AFTER}?state=x"
    assert not lives(browser)


def test_a_browser_that_does_not_say_where_it_posts_from_comes_back_by_get_when_no_cookie_came(browser, home, tokens):
    form = {"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": AFTER}
    without_cookies = Browser()
    answer = without_cookies.http.post(PATH, form)
    assert (answer.status_code, answer["Location"].split("?")[0]) == (303, PATH)
    assert browser.open(answer["Location"])["Location"] == AFTER
    assert not lives(browser)


def test_a_post_with_the_users_id_token_needs_no_form_token(browser, home, tokens):
    answer = browser.http.post(PATH, {"id_token_hint": tokens["id_token"], "post_logout_redirect_uri": AFTER})
    assert (answer.status_code, answer["Location"]) == (303, AFTER)


def test_no_page_of_another_origin_reads_it_or_frames_it(browser, home, t100):
    answer = browser.open(f"{PATH}?client_id=desk", Origin="https://desk.example.com")
    assert "Access-Control-Allow-Origin" not in answer.headers
    assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]


def test_who_was_signed_out_for_whom_is_told(browser, home, tokens):
    ask(browser, id_token_hint=tokens["id_token"])
    event = SecurityEvent.objects.filter(name="sign-out").latest("id")
    assert (event.user_name, event.client_id) == ("t100\\bob", "desk")


def test_a_browser_without_a_session_or_client_just_sees_that_it_is_signed_out(db):
    browser = Browser()
    assert "signed out" in words_of(browser.follow(ask(browser))).lower()


# --- id_token_hint at the authorize endpoint ------------------------------------------------------------------------


def test_silence_answers_only_for_the_user_of_the_id_token(browser, home, alice, tokens):
    assert "code" in members_of(browser.authorize(home, prompt="none", id_token_hint=tokens["id_token"]))
    hers = by_password(home, alice, scope="openid")["id_token"]
    assert members_of(browser.authorize(home, prompt="none", id_token_hint=hers))["error"] == "login_required"
    assert members_of(browser.authorize(home, prompt="none", id_token_hint="x"))["error"] == "login_required"


def test_another_user_is_asked_to_sign_in_and_only_the_one_meant_gets_through(browser, home, alice, bob):
    hers = by_password(home, alice, scope="openid")["id_token"]
    asked = browser.authorize(home, id_token_hint=hers)
    assert leads_to_sign_in(asked)
    page = browser.follow(asked)
    assert is_sign_in_page(page)
    assert members_of(browser.follow(browser.sign_in(page, bob)))["error"] == "login_required"
    page = browser.follow(browser.authorize(home, id_token_hint=hers))
    assert "code" in members_of(browser.follow(browser.sign_in(page, alice)))


def test_a_hint_that_cannot_be_read_stops_nobody_who_can_be_asked(browser, home):
    assert "code" in members_of(browser.authorize(home, id_token_hint="from.another.server"))


def test_the_id_token_says_all_that_openid_connect_asks(spa, bob):
    code = new_code(spa, bob, scope="openid", nonce="n-1")
    body = by_code(spa, code).json()
    claims = signed_claims("id-token", body["id_token"])
    assert (claims["iss"], claims["sub"], claims["aud"], claims["azp"]) == (issuer(), bob.subject, "spa", "spa")
    assert claims["nonce"] == "n-1"
    assert claims["exp"] - claims["iat"] == 3600
    assert abs(claims["auth_time"] - timezone.now().timestamp()) < timedelta(minutes=1).total_seconds()
    assert len(claims["sid"]) == 32
