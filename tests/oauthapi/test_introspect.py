"""POST /auth/v3/oauth/introspect (RFC 7662)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import User
from accounts.services.sessions import sign_out_everywhere
from environment.models import ContactCenter, Installation
from oauthapi.id_tokens import issuer
from oauthapi.models import AccessToken, ApiClient, RefreshToken, TokenFamily
from oauthapi.services.families import family_revoke
from tests.cast import SECRET, alter, basic, by_code, by_password, new_code, post_token, refreshed

PATH = "/auth/v3/oauth/introspect"
INACTIVE = {"active": False}


def introspect(client: ApiClient | None, token: str, *, secret: str = SECRET, **form: str) -> Any:
    headers = {"Authorization": basic(client.client_id, secret)} if client else {}
    body = urlencode({"token": token} | form)
    http = Client(raise_request_exception=False)
    return http.post(PATH, body, content_type="application/x-www-form-urlencoded", headers=headers)


@pytest.fixture
def resource(make_client) -> ApiClient:
    """A resource server: may ask about every client's tokens."""
    return make_client("resource", may_introspect=True, grants=["client_credentials"], redirect_uris=[])


@pytest.fixture
def pair(desk, bob) -> dict[str, Any]:
    return by_password(desk, bob, scope="openid *")


def test_a_client_learns_everything_of_its_own_live_token(desk, bob, t100, pair):
    answer = introspect(desk, pair["access_token"])
    body = answer.json()
    row = AccessToken.objects.get()
    assert answer.status_code == 200
    assert body == {
        "active": True,
        "scope": "openid *",
        "client_id": "desk",
        "username": f"bob:{bob.dbid}:{t100.pk}",
        "token_type": "bearer",
        "exp": int(row.expires_at.timestamp()),
        "iat": int(row.issued_at.timestamp()),
        "auth_time": int(row.family.auth_time.timestamp()),
        "sub": bob.subject,
        "aud": "desk",
        "iss": issuer(),
        "dbid": bob.dbid,
        "contact_center_id": str(t100.pk),
        "environment_id": str(t100.environment_id),
    }
    assert (answer["Cache-Control"], answer["Pragma"], answer["Content-Type"]) == (
        "no-store",
        "no-cache",
        "application/json",
    )


def test_a_clients_own_token_speaks_for_the_client(desk):
    token = post_token(desk, grant_type="client_credentials").json()["access_token"]
    body = introspect(desk, token).json()
    assert (body["active"], body["sub"], body["username"], body["client_id"]) == (True, "desk", "desk", "desk")
    assert "contact_center_id" not in body
    assert "dbid" not in body


def test_a_refresh_token_is_told_without_a_token_type(desk, bob, pair):
    body = introspect(desk, pair["refresh_token"]).json()
    assert (body["active"], body["sub"], body["client_id"], body["scope"]) == (True, bob.subject, "desk", "openid *")
    assert "token_type" not in body
    assert body["exp"] == int(RefreshToken.objects.get().expires_at.timestamp())


@pytest.mark.parametrize("hint", ["access_token", "refresh_token", "id_token", "nonsense"])
@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_a_hint_never_changes_the_answer(desk, pair, kind, hint):
    assert introspect(desk, pair[kind], token_type_hint=hint).json()["active"] is True


def test_a_clients_secret_in_the_form_will_do(desk, pair):
    answer = introspect(None, pair["access_token"], client_id="desk", client_secret=SECRET)
    assert answer.json()["active"] is True


@pytest.mark.parametrize("kind", ["access_token", "refresh_token", "id_token"])
def test_another_clients_token_is_told_as_inactive_and_nothing_else(partner, pair, kind):
    assert introspect(partner, pair[kind]).json() == INACTIVE


def test_a_client_that_may_introspect_sees_other_clients_tokens(resource, pair):
    assert introspect(resource, pair["access_token"]).json()["active"] is True
    assert introspect(resource, pair["refresh_token"]).json()["active"] is True


def test_one_bound_to_a_contact_center_sees_its_users_only(resource, desk, bob, eve, t100):
    resource.contact_centers.set([t100])
    alter(resource)
    bobs, eves = by_password(desk, bob), by_password(desk, eve)
    own = post_token(desk, grant_type="client_credentials").json()
    assert introspect(resource, bobs["access_token"]).json()["active"] is True
    for token in (eves["access_token"], eves["refresh_token"], own["access_token"]):
        assert introspect(resource, token).json() == INACTIVE


def test_one_bound_to_a_contact_center_sees_own_tokens_of_clients_bound_there(resource, desk, t100, t200):
    resource.contact_centers.set([t100])
    desk.contact_centers.set([t100])
    alter(resource), alter(desk)
    token = post_token(desk, grant_type="client_credentials").json()["access_token"]
    assert introspect(resource, token).json()["active"] is True
    desk.contact_centers.set([t100, t200])
    alter(desk)
    assert introspect(resource, token).json() == INACTIVE


def _expire(pair: dict[str, Any], bob: User, desk: ApiClient) -> None:
    AccessToken.objects.update(expires_at=timezone.now())
    RefreshToken.objects.update(expires_at=timezone.now())


def _revoke(pair: dict[str, Any], bob: User, desk: ApiClient) -> None:
    family_revoke(TokenFamily.objects.get().pk, because="test")


def _new_epoch(pair: dict[str, Any], bob: User, desk: ApiClient) -> None:
    alter(Installation.objects.get(), epoch=1)


ENDS = {
    "expired": _expire,
    "revoked": _revoke,
    "user disabled": lambda pair, bob, desk: alter(bob, enabled=False),
    "user signed out everywhere": lambda pair, bob, desk: sign_out_everywhere(bob),
    "contact center disabled": lambda pair, bob, desk: alter(bob.contact_center, enabled=False),
    "client disabled": lambda pair, bob, desk: alter(desk, enabled=False),
    "everybody signed out": _new_epoch,
}


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_what_has_ended_is_inactive_at_once(resource, desk, bob, pair, kind, end):
    assert introspect(resource, pair[kind]).json()["active"] is True
    ENDS[end](pair, bob, desk)
    assert introspect(resource, pair[kind]).json() == INACTIVE


def test_a_user_outside_the_clients_contact_centers_has_no_live_token(resource, desk, bob, pair, t200):
    desk.contact_centers.set([t200])
    alter(desk)
    for kind in ("access_token", "refresh_token"):
        assert introspect(resource, pair[kind]).json() == INACTIVE


def test_a_refresh_token_of_a_client_without_that_grant_is_inactive(resource, desk, pair):
    alter(desk, grants=["password"])
    assert introspect(resource, pair["refresh_token"]).json() == INACTIVE


def test_a_rotated_refresh_token_is_inactive_and_its_successor_lives(resource, spa, bob):
    first = by_code(spa, new_code(spa, bob)).json()["refresh_token"]
    second = refreshed(spa, first).json()["refresh_token"]
    assert introspect(resource, first).json() == INACTIVE
    assert introspect(resource, second).json()["active"] is True


def test_a_scope_taken_from_the_client_is_in_no_answer(resource, desk, pair):
    alter(desk, scopes=["openid"])
    for kind in ("access_token", "refresh_token"):
        assert introspect(resource, pair[kind]).json()["scope"] == "openid"


@pytest.mark.parametrize("token", ["x", "a.b.c", "ü", "x" * 5000, "\ud7ff"])
def test_anything_else_is_inactive(desk, token):
    assert introspect(desk, token).json() == INACTIVE


def test_without_client_authentication_it_is_401_with_a_basic_challenge(desk, spa, pair):
    tries = [
        introspect(None, pair["access_token"]),
        introspect(None, pair["access_token"], client_id="desk"),
        introspect(desk, pair["access_token"], secret="wrong"),
        introspect(None, pair["access_token"], client_id="spa"),
        introspect(None, pair["access_token"], client_id="nobody"),
    ]
    for answer in tries:
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
        assert answer["WWW-Authenticate"].startswith("Basic ")
        assert "active" not in answer.json()


def test_a_public_client_cannot_introspect_its_own_token_either(spa, bob):
    token = by_code(spa, new_code(spa, bob)).json()["access_token"]
    assert introspect(None, token, client_id="spa").status_code == 401


def test_a_bearer_is_no_client_authentication(desk, pair):
    http = Client()
    body = urlencode({"token": pair["access_token"]})
    headers = {"Authorization": f"Bearer {pair['access_token']}"}
    answer = http.post(PATH, body, content_type="application/x-www-form-urlencoded", headers=headers)
    assert answer.status_code == 401


def test_a_missing_or_repeated_token_names_the_field(desk):
    for body in ("", "token=", "token=a&token=b"):
        answer = Client().post(
            PATH, body, content_type="application/x-www-form-urlencoded", headers={"Authorization": basic("desk")}
        )
        assert (answer.status_code, answer.json()["error"]) == (400, "invalid_request")
        assert answer.json()["status"]["detail"] == {"field": "token"}


def test_get_is_405_for_a_token_does_not_belong_in_an_address(desk, pair):
    answer = Client().get(f"{PATH}?token={pair['access_token']}", headers={"Authorization": basic("desk")})
    assert (answer.status_code, answer["Allow"]) == (405, "POST, OPTIONS")


def test_a_token_in_the_address_does_not_count(desk, pair):
    answer = Client().post(
        f"{PATH}?{urlencode({'token': pair['access_token']})}",
        content_type="application/x-www-form-urlencoded",
        headers={"Authorization": basic("desk")},
    )
    assert (answer.status_code, answer.json()["status"]["detail"]) == (400, {"field": "token"})


def test_wrong_secrets_are_counted_and_lock_the_pair_out(desk, pair, monkeypatch, wide_gate):
    from accounts import options

    for _ in range(options.CLIENT_FAILURES.of(None)):
        introspect(desk, "x", secret="wrong")
    assert introspect(desk, pair["access_token"]).status_code == 401


def test_the_contact_center_disabled_again_and_enabled_tells_the_truth_each_time(resource, bob, pair):
    center = ContactCenter.objects.get(pk=bob.contact_center_id)
    alter(center, enabled=False)
    assert introspect(resource, pair["access_token"]).json() == INACTIVE
    alter(center, enabled=True)
    assert introspect(resource, pair["access_token"]).json()["active"] is True


def test_an_expiry_is_told_in_whole_seconds_from_now(desk, pair):
    left = introspect(desk, pair["access_token"]).json()["exp"] - timezone.now().timestamp()
    assert timedelta(seconds=43_100) < timedelta(seconds=left) <= timedelta(seconds=43_200)
