"""The bearer check that every API of ours shares, seen at /auth/v3/userinfo."""

import pytest
from django.test import Client
from django.utils import timezone

from accounts.services.passwords import password_change
from accounts.services.sessions import sign_out_everywhere
from accounts.services.users import user_update
from environment.services import contact_center_update, installation_new_epoch
from oauthapi.models import AccessToken, TokenFamily
from oauthapi.selectors import bearer_facts
from oauthapi.services.families import access_token_revoke, family_revoke
from tests.cast import PASSWORD, alter, basic, by_code, by_password, get, is_alive, new_code, post_token, refreshed

USERINFO = "/auth/v3/userinfo"


@pytest.fixture
def token(desk, bob) -> str:
    return by_password(desk, bob)["access_token"]


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "bEaReR", "Bearer "])
def test_the_scheme_is_written_in_any_case(token, scheme):
    assert get(USERINFO, Authorization=f"{scheme} {token}").status_code == 200


@pytest.mark.parametrize("header", [None, "bearer", "Bearer", "Bearer  ", basic("desk"), "Token x"])
def test_absent_authentication_is_challenged_without_an_error_code(db, header):
    answer = get(USERINFO, **({"Authorization": header} if header else {}))
    assert answer.status_code == 401
    assert answer["WWW-Authenticate"] == 'Bearer realm="Deskgate"'
    assert answer.json()["status"]["code"] == 20


@pytest.mark.parametrize("value", ["unknown", "x" * 600, "two words", "ü", "a.b.c"])
def test_a_bad_token_is_challenged_with_invalid_token(db, value):
    answer = Client().get(USERINFO, HTTP_AUTHORIZATION=f"Bearer {value}")
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")
    assert 'error="invalid_token"' in answer["WWW-Authenticate"]


def test_a_token_in_the_query_is_not_one(token):
    assert get(f"{USERINFO}?access_token={token}").status_code == 401


def test_a_token_in_a_form_is_not_one(token):
    assert Client().post("/auth/v3/openid/userinfo", {"access_token": token}).status_code == 401


def test_a_refresh_token_and_an_id_token_open_nothing(desk, bob):
    body = by_password(desk, bob, scope="openid")
    assert not is_alive(body["refresh_token"])
    assert not is_alive(body["id_token"])


def test_a_hash_from_the_database_opens_nothing(token):
    assert not is_alive(AccessToken.objects.get().token_hash)


def test_junk_in_body_query_and_content_type_does_not_matter(token):
    answer = Client().generic(
        "GET",
        f"{USERINFO}?a=%zz",
        b"{bad",
        content_type="application/json",
        headers={"Authorization": f"Bearer {token}"},
    )
    assert answer.status_code == 200


# --- the very next request --------------------------------------------------------------------------------------


def test_a_disabled_user_is_refused_on_the_next_request(token, bob):
    assert is_alive(token)
    bob.refresh_from_db()
    bob.enabled = False
    user_update(bob)
    assert not is_alive(token)


def test_a_user_disabled_behind_the_services_is_refused_too(token, bob):
    alter(bob, enabled=False)
    assert not is_alive(token)


def test_a_disabled_client_is_refused(token, desk):
    assert is_alive(token)
    alter(desk, enabled=False)
    assert not is_alive(token)


def test_a_client_of_a_disabled_owner_is_refused(token, desk, t200):
    alter(desk, owner=t200)
    assert is_alive(token)
    contact_center_update(t200, enabled=False)
    assert not is_alive(token)


def test_a_disabled_contact_center_is_refused(token, t100):
    contact_center_update(t100, enabled=False)
    assert not is_alive(token)


def test_a_client_taken_from_the_contact_center_is_refused(token, desk, t200):
    assert is_alive(token)
    desk.contact_centers.add(t200)
    alter(desk)
    assert not is_alive(token)


def test_a_changed_password_ends_it(token, bob):
    bob.refresh_from_db()
    password_change(user=bob, old_password=PASSWORD, new_password="another-word-77")
    assert not is_alive(token)


def test_a_global_sign_out_ends_it(token, bob):
    sign_out_everywhere(bob)
    assert not is_alive(token)


def test_a_new_epoch_of_the_installation_ends_users_and_clients_tokens(token, desk):
    own = post_token(desk, grant_type="client_credentials").json()["access_token"]
    installation_new_epoch()
    assert not is_alive(token)
    assert not is_alive(own)


def test_a_revoked_family_ends_it(token):
    family_revoke(TokenFamily.objects.get().pk, because="test")
    assert not is_alive(token)


def test_a_revoked_token_ends_alone(desk, bob, token):
    other = by_password(desk, bob)["access_token"]
    access_token_revoke(AccessToken.objects.order_by("id")[0].pk)
    assert (is_alive(token), is_alive(other)) == (False, True)


def test_an_expired_token_is_refused(token):
    AccessToken.objects.update(expires_at=timezone.now())
    assert not is_alive(token)


def test_a_disabled_client_ends_its_own_token(desk):
    own = post_token(desk, grant_type="client_credentials").json()["access_token"]
    alter(desk, enabled=False)
    assert not is_alive(own)


def test_a_lockout_never_ends_a_living_token(desk, bob, token):
    for _ in range(11):
        post_token(desk, grant_type="password", username="t100\\bob", password="wrong")
    assert post_token(desk, grant_type="password", username="t100\\bob", password=PASSWORD).status_code == 400
    assert is_alive(token)


# --- whom it speaks for -----------------------------------------------------------------------------------------


def principal_of(token: str):
    from oauthapi.principals import principal_of_bearer
    from oauthapi.selectors import bearer_facts

    facts = bearer_facts(token)
    assert facts is not None
    return principal_of_bearer(facts)


def test_a_token_without_configuration_scope_has_no_rights(desk, alice):
    principal = principal_of(by_password(desk, alice)["access_token"])
    assert (principal.kind, principal.name, principal.privileges) == ("user", "t100\\alice", frozenset())


def test_a_token_with_configuration_scope_has_the_users_rights(desk, alice, t100):
    from accounts.privileges import CONTACT_CENTER_PRIVILEGES

    alter(desk, scopes=["*", "configuration"])
    body = by_code(desk, new_code(desk, alice, scope="* configuration")).json()
    principal = principal_of(body["access_token"])
    assert principal.privileges == CONTACT_CENTER_PRIVILEGES
    assert principal.contact_center_ids == {t100.pk}
    assert not principal.everywhere


def test_a_clients_own_token_has_no_rights(desk):
    principal = principal_of(post_token(desk, grant_type="client_credentials").json()["access_token"])
    assert (principal.kind, principal.user_id, principal.privileges) == ("client", None, frozenset())


def test_taken_roles_are_gone_on_the_next_request(desk, alice, eve, make_user, t100, administrators):
    make_user("second", t100, roles=[administrators])
    alter(desk, scopes=["*", "configuration"])
    token = by_code(desk, new_code(desk, alice, scope="configuration")).json()["access_token"]
    assert principal_of(token).privileges
    user_update(alice, roles=[])
    assert not principal_of(token).privileges


def test_a_scope_taken_from_the_client_is_in_no_token_any_more(desk, alice):
    alter(desk, scopes=["*", "configuration"])
    body = by_code(desk, new_code(desk, alice, scope="* configuration")).json()
    alter(desk, scopes=["*"])
    assert bearer_facts(body["access_token"]).scope == "*"
    again = refreshed(desk, body["refresh_token"]).json()
    assert again["scope"] == "*"
    assert bearer_facts(again["access_token"]).scope == "*"


def test_a_client_ends_with_the_last_of_its_contact_centers(desk, t100, t200):
    desk.contact_centers.set([t100, t200])
    alter(desk, stamp=1)
    token = post_token("desk", grant_type="client_credentials").json()["access_token"]
    contact_center_update(t100, enabled=False)
    assert is_alive(token)
    contact_center_update(t200, enabled=False)
    assert not is_alive(token)
    assert post_token("desk", grant_type="client_credentials").json()["error"] == "invalid_client"
