"""POST /auth/v3/oauth/token, grant password."""

import json

import pytest

from accounts.models import User
from accounts.services.keys import published_keys
from environment.services import contact_center_update
from oauthapi.models import AccessToken, RefreshToken
from oauthapi.selectors import token_hash
from tests.cast import PASSWORD, SECRET, TOKEN, alter, basic, by_password, get, post_token


def test_name_and_password_give_a_pair_of_the_contract_shape(desk, bob):
    answer = post_token(desk, grant_type="password", username="t100\\bob", password=PASSWORD)
    body = answer.json()
    assert set(body) == {"access_token", "token_type", "expires_in", "refresh_token", "scope"}
    assert (body["token_type"], body["expires_in"], body["scope"]) == ("bearer", 43_200, "*")
    assert type(body["expires_in"]) is int
    assert (answer["Cache-Control"], answer["Pragma"]) == ("no-store", "no-cache")
    assert answer["Content-Type"].startswith("application/json")


def test_only_hashes_of_the_pair_are_stored(desk, bob):
    body = by_password(desk, bob)
    assert AccessToken.objects.get().token_hash == token_hash(body["access_token"])
    assert RefreshToken.objects.get().token_hash == token_hash(body["refresh_token"])
    stored = json.dumps([*AccessToken.objects.values(), *RefreshToken.objects.values()], default=str)
    assert body["access_token"] not in stored
    assert body["refresh_token"] not in stored


def test_the_same_request_again_gives_another_token(desk, bob):
    assert by_password(desk, bob)["access_token"] != by_password(desk, bob)["access_token"]


@pytest.mark.parametrize(
    "name", ["t100\\bob", "T100\\BOB", "one.example.com\\bob", " t100\\bob ", "One.Example.Com\\Bob"]
)
def test_tenant_is_any_domain_in_any_case(desk, bob, name):
    assert post_token(desk, grant_type="password", username=name, password=PASSWORD).status_code == 200


@pytest.mark.parametrize("name", ["bob", "\\bob"])
def test_a_bare_name_is_enough_where_one_contact_center_is(desk, bob, name):
    assert post_token(desk, grant_type="password", username=name, password=PASSWORD).status_code == 200


def test_a_bare_name_fails_like_a_wrong_password_where_two_are(desk, bob, t200):
    bare = post_token(desk, grant_type="password", username="bob", password=PASSWORD)
    wrong = post_token(desk, grant_type="password", username="t100\\bob", password="wrong")
    assert (bare.status_code, bare.json()) == (wrong.status_code, wrong.json())


def test_a_bare_name_is_enough_for_a_client_bound_to_one_contact_center(desk, bob, eve, t100):
    desk.contact_centers.add(t100)
    alter(desk)
    assert post_token(desk, grant_type="password", username="bob", password=PASSWORD).status_code == 200


def test_the_first_backslash_splits(desk, t100, make_user):
    answer = post_token(desk, grant_type="password", username="t100\\a\\b", password=PASSWORD)
    assert answer.json()["error"] == "invalid_grant"


def test_unencoded_backslash_of_the_vendors_clients_is_read(desk, bob, client):
    form = f"grant_type=password&username=t100\\bob&password={PASSWORD}&scope=*"
    answer = client.post(
        TOKEN, form, content_type="application/x-www-form-urlencoded", headers={"Authorization": basic("desk")}
    )
    assert answer.status_code == 200


def test_characters_of_a_password_survive_the_form(desk, t100, make_user):
    make_user("odd", t100, encoded_password=None, password="p w&=+%ü\\")
    assert post_token(desk, grant_type="password", username="t100\\odd", password="p w&=+%ü\\").status_code == 200


@pytest.mark.parametrize("case", ["wrong", "unknown", "foreign tenant", "disabled", "no password"])
def test_every_bad_pair_gets_the_same_words(desk, bob, t100, make_user, case):
    make_user("gone", t100, enabled=False)
    make_user("bare", t100, encoded_password=None)
    name, password = {
        "wrong": ("t100\\bob", "wrong"),
        "unknown": ("t100\\nobody", PASSWORD),
        "foreign tenant": ("elsewhere\\bob", PASSWORD),
        "disabled": ("t100\\gone", PASSWORD),
        "no password": ("t100\\bare", PASSWORD),
    }[case]
    answer = post_token(desk, grant_type="password", username=name, password=password)
    body = answer.json()
    assert (answer.status_code, body["error"], body["status"]["code"]) == (400, "invalid_grant", 2)
    assert body["status"]["message"] == "User name or password is wrong, or the account cannot be used now."


def test_a_password_that_must_be_changed_is_told_only_after_the_right_one(desk, bob):
    alter(bob, must_change_password=True)
    right = post_token(desk, grant_type="password", username="t100\\bob", password=PASSWORD)
    wrong = post_token(desk, grant_type="password", username="t100\\bob", password="wrong")
    assert (right.status_code, right.json()["status"]["code"]) == (403, 8)
    assert right.json()["error"] == "password_change_required"
    assert wrong.json()["error"] == "invalid_grant"
    assert AccessToken.objects.count() == 0


def test_a_user_outside_the_clients_contact_centers_is_refused(desk, eve, t100):
    desk.contact_centers.add(t100)
    alter(desk)
    answer = post_token(desk, grant_type="password", username="t200\\eve", password=PASSWORD)
    assert (answer.status_code, answer.json()["error"], answer.json()["status"]["code"]) == (403, "access_denied", 5)


def test_a_disabled_contact_center_is_told_only_with_the_right_password(desk, bob, t100):
    contact_center_update(t100, enabled=False)
    right = post_token(desk, grant_type="password", username="t100\\bob", password=PASSWORD)
    wrong = post_token(desk, grant_type="password", username="t100\\bob", password="wrong")
    assert (right.status_code, right.json()["status"]["code"]) == (403, 5)
    assert wrong.status_code == 400


def test_a_client_without_the_grant_is_refused_before_the_password_is_looked_at(partner, bob, monkeypatch):
    monkeypatch.setattr("oauthapi.validation.users.password_prove", lambda **_: pytest.fail("looked at"))
    answer = post_token(partner, grant_type="password", username="t100\\bob", password=PASSWORD)
    assert (answer.status_code, answer.json()["error"], answer.json()["status"]["code"]) == (
        400,
        "unauthorized_client",
        3,
    )


def test_a_public_client_without_the_grant_is_refused_the_same_way(spa, bob):
    answer = post_token(spa, grant_type="password", username="t100\\bob", password=PASSWORD)
    assert (answer.status_code, answer.json()["error"]) == (400, "unauthorized_client")


def test_the_grant_ends_with_its_last_day(desk, bob):
    from datetime import timedelta

    from django.utils import timezone

    alter(desk, legacy_grants_until=timezone.now().date() - timedelta(days=1))
    answer = post_token(desk, grant_type="password", username="t100\\bob", password=PASSWORD)
    assert answer.json()["error"] == "unauthorized_client"


def test_the_strict_profile_turns_the_grant_off(desk, bob):
    from environment.services.options import option_set

    option_set(holder=None, section="oauth", name="strict", value="true")
    answer = post_token(desk, grant_type="password", username="t100\\bob", password=PASSWORD)
    assert answer.json()["error"] == "unauthorized_client"


def test_an_id_token_comes_only_when_openid_was_asked_by_name(desk, bob):
    assert "id_token" not in by_password(desk, bob)
    body = by_password(desk, bob, scope="openid")
    claims = _claims(body["id_token"])
    assert (claims["sub"], claims["aud"]) == (bob.subject, "desk")
    assert claims["exp"] > claims["iat"]
    assert get("/auth/v3/openid/userinfo", body["access_token"]).json()["sub"] == claims["sub"]


def test_the_id_token_names_the_access_token_it_came_with(desk, bob):
    import base64
    import hashlib

    body = by_password(desk, bob, scope="openid email")
    half = hashlib.sha256(body["access_token"].encode()).digest()[:16]
    assert _claims(body["id_token"])["at_hash"] == base64.urlsafe_b64encode(half).rstrip(b"=").decode()


def test_configuration_is_never_given_by_the_password_grant(desk, alice):
    alter(desk, scopes=["*", "configuration"])
    answer = post_token(desk, grant_type="password", username="t100\\alice", password=PASSWORD, scope="configuration")
    assert answer.json()["error"] == "invalid_scope"


def test_lifetimes_are_the_clients(desk, bob):
    alter(desk, access_token_lifetime=600, refresh_token_lifetime=1200)
    body = by_password(desk, bob)
    row = RefreshToken.objects.get()
    assert body["expires_in"] == 600
    assert (row.expires_at - row.issued_at).total_seconds() == 1200


def test_a_client_without_the_refresh_grant_gets_no_refresh_token(desk, bob):
    alter(desk, grants=["password"])
    assert "refresh_token" not in by_password(desk, bob)


def test_an_installation_administrator_signs_in_by_his_bare_name(desk, root, t100, t200):
    assert post_token(desk, grant_type="password", username="root", password=PASSWORD).status_code == 200


def test_the_vendors_wire_form_with_client_id_beside_basic_works(desk, bob):
    answer = post_token(
        desk, grant_type="password", username="t100\\bob", password=PASSWORD, client_id="desk", scope="*"
    )
    assert answer.status_code == 200
    in_form = post_token(
        None, grant_type="password", username="t100\\bob", password=PASSWORD, client_id="desk", client_secret=SECRET
    )
    assert in_form.status_code == 200


def test_a_success_is_written_as_last_login(desk, bob):
    by_password(desk, bob)
    assert User.objects.get(pk=bob.pk).last_login is not None


def _claims(token: str) -> dict:
    from jwcrypto.jwk import JWK
    from jwcrypto.jwt import JWT

    header = json.loads(_decoded(token.split(".")[0]))
    key = JWK(**next(key for key in published_keys() if key["kid"] == header["kid"]))
    checked = JWT(jwt=token, key=key, algs=["RS256"])
    return json.loads(checked.claims)


def _decoded(part: str) -> bytes:
    import base64

    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
