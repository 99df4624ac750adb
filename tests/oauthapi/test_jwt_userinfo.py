"""GET /auth/v3/jwt-userinfo: the signed X-GWS-User header."""

import base64
import json
from datetime import timedelta

import pytest
from django.utils import timezone
from jwcrypto.jwk import JWK
from jwcrypto.jwt import JWT

from accounts.models import Role
from accounts.services.keys import key_rotate, published_keys
from oauthapi.id_tokens import issuer
from oauthapi.models import AccessToken
from tests.cast import alter, by_password, get, post_token

URL = "/auth/v3/jwt-userinfo"


def header_of(token: str) -> dict:
    part = token.split(".")[0]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))


def claims_of(token: str) -> dict:
    """Checked against the published set by ``kid``, as whoever receives it would."""
    key = next(key for key in published_keys() if key["kid"] == header_of(token)["kid"])
    return json.loads(JWT(jwt=token, key=JWK(**key), algs=["RS256"]).claims)


@pytest.fixture
def token(desk, bob) -> str:
    return by_password(desk, bob)["access_token"]


def test_the_body_is_the_envelope_and_the_header_the_token(token):
    answer = get(URL, token)
    assert answer.json() == {"status": {"code": 0}, "data": {}}
    assert answer["Cache-Control"] == "no-store"
    assert answer["X-GWS-User"].count(".") == 2


def test_the_claims_are_user_info_and_the_registered_ones(token, bob):
    claims = claims_of(get(URL, token)["X-GWS-User"])
    assert {"iss", "sub", "aud", "iat", "exp"} <= set(claims)
    assert (claims["iss"], claims["sub"], claims["client_id"]) == (issuer(), bob.subject, "desk")
    assert claims["aud"] == f"{issuer()}/jwt-userinfo"
    assert get("/auth/v3/userinfo", token).json().items() <= claims.items()


def test_it_has_a_type_and_key_of_its_own(token, desk, bob):
    header = header_of(get(URL, token)["X-GWS-User"])
    id_header = header_of(by_password(desk, bob, scope="openid")["id_token"])
    assert (header["alg"], header["typ"]) == ("RS256", "gws-user+jwt")
    assert header["kid"] != id_header["kid"]
    assert header["typ"] != id_header["typ"]


def test_it_lives_five_minutes_at_most(token):
    claims = claims_of(get(URL, token)["X-GWS-User"])
    assert 0 < claims["exp"] - claims["iat"] <= 300


def test_it_never_outlives_the_token(token):
    ends = timezone.now() + timedelta(seconds=20)
    AccessToken.objects.update(expires_at=ends)
    assert claims_of(get(URL, token)["X-GWS-User"])["exp"] <= ends.timestamp()


@pytest.mark.parametrize(("roles", "privileges"), [(1, 2_000), (200, 20), (400, 0)])
def test_many_privileges_stay_under_8_kb_and_say_that_something_is_missing(token, bob, t100, roles, privileges):
    many = [
        Role(
            name=f"ROLE_WITH_A_LONG_NAME_{n}", contact_center=t100, privileges=[f"p{m}:{n}" for m in range(privileges)]
        )
        for n in range(roles)
    ]
    bob.roles.set(Role.objects.bulk_create(many))
    alter(bob)
    signed = get(URL, token)["X-GWS-User"]
    claims = claims_of(signed)
    assert len(signed) < 8 * 1024
    assert claims["truncated"] is True
    assert claims["username"].startswith("bob:")


def test_a_few_privileges_are_all_told(token):
    assert "truncated" not in claims_of(get(URL, token)["X-GWS-User"])


def test_after_a_rotation_both_keys_verify(token):
    before = get(URL, token)["X-GWS-User"]
    key_rotate("user-info", at_once=True)
    after = get(URL, token)["X-GWS-User"]
    assert header_of(before)["kid"] != header_of(after)["kid"]
    assert claims_of(before)["sub"] == claims_of(after)["sub"]


def test_a_clients_own_token_is_told_as_the_client(desk):
    own = post_token(desk, grant_type="client_credentials").json()["access_token"]
    claims = claims_of(get(URL, own)["X-GWS-User"])
    assert (claims["sub"], claims["username"]) == ("desk", "desk")


@pytest.mark.parametrize("bearer", [None, "wrong"])
def test_without_a_living_token_it_is_401_and_signs_nothing(db, bearer):
    answer = get(URL, bearer)
    assert answer.status_code == 401
    assert "X-GWS-User" not in answer


def test_an_inbound_header_is_never_echoed(token):
    assert get(URL, token, **{"X-GWS-User": "forged"})["X-GWS-User"] != "forged"
    assert "X-GWS-User" not in get(URL, None, **{"X-GWS-User": "forged"})


def test_it_does_not_open_the_api(token):
    assert get("/auth/v3/userinfo", get(URL, token)["X-GWS-User"]).status_code == 401
