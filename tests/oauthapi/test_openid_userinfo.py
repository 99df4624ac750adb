"""GET and POST /auth/v3/openid/userinfo: OpenIdUserInfo."""

import pytest
from django.test import Client

from tests.cast import alter, by_password, get, post_token

URL = "/auth/v3/openid/userinfo"
OPENID_ONLY = {"user_name", "given_name", "family_name", "email", "contact_center_id", "environment_id"}


@pytest.mark.parametrize("scope", ["openid", "*", "openid email"])
def test_the_scope_openid_or_star_gives_every_field(desk, bob, t100, scope):
    assert get(URL, by_password(desk, bob, scope=scope)["access_token"]).json() == {
        "sub": bob.subject,
        "aud": "desk",
        "user_name": f"bob:{bob.dbid}:{t100.pk}",
        "given_name": "Bob",
        "family_name": "Burns",
        "email": "bob@one.example.com",
        "contact_center_id": str(t100.pk),
        "environment_id": str(t100.environment_id),
        "dbid": bob.dbid,
        "authorities": [{"name": "ROLE_AGENT", "privileges": ["calls:take"]}],
        "properties": {"tenantDBID": "100", "firstName": "Bob", "lastName": "Burns"},
    }


def test_without_openid_the_openid_fields_stay_away(desk, bob):
    body = get(URL, by_password(desk, bob, scope="email")["access_token"]).json()
    assert not OPENID_ONLY & set(body)
    assert body["sub"] == bob.subject
    assert {"authorities", "properties"} <= set(body)


def test_what_is_not_set_is_left_out(desk, bob):
    alter(bob, email="", first_name="")
    body = get(URL, by_password(desk, bob)["access_token"]).json()
    assert "email" not in body
    assert "given_name" not in body
    assert None not in body.values()


def test_post_answers_the_same(desk, bob):
    token = by_password(desk, bob)["access_token"]
    posted = Client().post(URL, "", content_type="application/json", headers={"Authorization": f"bearer {token}"})
    assert posted.json() == get(URL, token).json()


def test_the_subject_outlives_a_rename(desk, bob):
    token = by_password(desk, bob)["access_token"]
    before = get(URL, token).json()["sub"]
    alter(bob, user_name="robert", login_key=bob.key_of(bob.contact_center_id, "robert"))
    after = get(URL, token).json()
    assert after["sub"] == before
    assert after["user_name"].startswith("robert:")


def test_subjects_of_users_and_clients_cannot_meet(desk, bob, root):
    assert all(":" in user.subject for user in (bob, root))
    own = post_token(desk, grant_type="client_credentials").json()["access_token"]
    assert get(URL, own).json()["sub"] == "desk"
    assert "dbid" not in get(URL, own).json()


def test_no_token_is_401(db):
    assert get(URL).status_code == 401
