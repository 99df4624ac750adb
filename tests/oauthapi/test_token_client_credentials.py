"""POST /auth/v3/oauth/token, grant client_credentials."""

import pytest

from oauthapi.client_secrets import secret_encode, secret_generate
from oauthapi.models import AccessToken, RefreshToken, TokenFamily
from tests.cast import SECRET, alter, get, is_alive, post_token


def test_a_confidential_client_gets_a_token_without_a_refresh_token(desk):
    answer = post_token(desk, grant_type="client_credentials")
    assert set(answer.json()) == {"access_token", "token_type", "expires_in", "scope"}
    assert answer.json()["token_type"] == "bearer"
    assert RefreshToken.objects.count() == TokenFamily.objects.count() == 0


def test_the_token_speaks_for_the_client_alone(desk):
    token = post_token(desk, grant_type="client_credentials").json()["access_token"]
    body = get("/auth/v3/userinfo", token).json()
    assert body == {
        "authorities": [{"name": "ROLE_MANAGEMENT_APPLICATION", "privileges": []}],
        "username": "desk",
        "properties": {},
    }


def test_scope_star_is_sent_raw(desk, client):
    from tests.cast import TOKEN, basic

    answer = client.post(
        TOKEN,
        "grant_type=client_credentials&scope=*",
        headers={"Authorization": basic("desk")},
        content_type="application/x-www-form-urlencoded",
    )
    assert answer.json()["scope"] == "*"


def test_no_id_token_comes_for_a_client(desk):
    assert "id_token" not in post_token(desk, grant_type="client_credentials", scope="openid").json()


@pytest.mark.parametrize("scope", ["nonsense", "configuration", "twofactor", "* nonsense"])
def test_a_scope_outside_the_list_is_refused(desk, scope):
    answer = post_token(desk, grant_type="client_credentials", scope=scope)
    assert (answer.status_code, answer.json()["error"], answer.json()["status"]["code"]) == (400, "invalid_scope", 2)


def test_configuration_is_refused_even_to_a_client_that_lists_it(desk):
    alter(desk, scopes=["*", "configuration"])
    assert post_token(desk, grant_type="client_credentials", scope="configuration").json()["error"] == "invalid_scope"


def test_a_listed_scope_without_star_is_the_default(desk):
    alter(desk, scopes=["twofactor", "configuration"])
    assert post_token(desk, grant_type="client_credentials").json()["scope"] == "twofactor"


def test_the_secret_may_come_in_the_form(desk):
    answer = post_token(None, grant_type="client_credentials", client_id="desk", client_secret=SECRET)
    assert answer.status_code == 200


def test_a_generated_secret_opens(desk):
    secret = secret_generate()
    alter(desk, secret_hash=secret_encode(secret))
    assert post_token(desk, secret=secret, grant_type="client_credentials").status_code == 200
    assert post_token(desk, grant_type="client_credentials").status_code == 401


def test_a_public_client_gets_none(spa):
    answer = post_token(spa, grant_type="client_credentials")
    assert (answer.status_code, answer.json()["error"]) == (400, "unauthorized_client")
    assert AccessToken.objects.count() == 0


def test_a_client_without_the_grant_gets_none(partner):
    answer = post_token(partner, grant_type="client_credentials")
    assert (answer.status_code, answer.json()["error"]) == (400, "unauthorized_client")


@pytest.mark.parametrize(
    ("change", "answer"),
    [({"enabled": False}, (401, "invalid_client")), ({"grants": ["authorization_code"]}, (400, "unauthorized_client"))],
)
def test_a_change_of_the_client_holds_on_the_next_request(desk, change, answer):
    assert post_token(desk, grant_type="client_credentials").status_code == 200
    alter(desk, **change)
    refused = post_token(desk, grant_type="client_credentials")
    assert (refused.status_code, refused.json()["error"]) == answer


def test_disabling_and_enabling_again_does_not_matter_to_the_secret(desk):
    alter(desk, enabled=False)
    alter(desk, enabled=True)
    assert post_token(desk, grant_type="client_credentials").status_code == 200


def test_the_own_tokens_of_a_client_are_ended_together(desk, bob):
    from oauthapi.services.families import own_tokens_revoke
    from tests.cast import by_password

    own = post_token(desk, grant_type="client_credentials").json()["access_token"]
    users = by_password(desk, bob)["access_token"]
    assert own_tokens_revoke(desk) == 1
    assert not is_alive(own)
    assert is_alive(users)
