"""POST /auth/v3/oauth/revoke (RFC 7009)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from activity.models import SecurityEvent
from oauthapi.models import ApiClient, TokenFamily
from tests.cast import SECRET, at_once, basic, by_code, by_password, is_alive, new_code, post_token, refreshed

PATH = "/auth/v3/oauth/revoke"


def revoke(client: ApiClient | None, token: str, *, secret: str = SECRET, **form: str) -> Any:
    headers = {}
    if client is not None and client.is_public:
        form = {"client_id": client.client_id} | form
    elif client is not None:
        headers["Authorization"] = basic(client.client_id, secret)
    body = urlencode({"token": token} | form)
    http = Client(raise_request_exception=False)
    return http.post(PATH, body, content_type="application/x-www-form-urlencoded", headers=headers)


@pytest.fixture
def pair(desk, bob) -> dict[str, Any]:
    return by_password(desk, bob)


def test_a_revoked_access_token_is_refused_at_once_and_its_refresh_token_lives(desk, pair):
    answer = revoke(desk, pair["access_token"])
    assert (answer.status_code, answer.json()) == (200, {"status": {"code": 0}})
    assert answer["Cache-Control"] == "no-store"
    assert not is_alive(pair["access_token"])
    assert refreshed(desk, pair["refresh_token"]).status_code == 200


def test_a_revoked_refresh_token_takes_the_access_tokens_of_its_grant_along(desk, pair):
    second = refreshed(desk, pair["refresh_token"]).json()["access_token"]
    assert revoke(desk, pair["refresh_token"]).status_code == 200
    assert not is_alive(pair["access_token"])
    assert not is_alive(second)
    answer = refreshed(desk, pair["refresh_token"])
    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_grant")


def test_other_sign_ins_of_the_user_live_on(desk, bob, pair):
    other = by_password(desk, bob)
    revoke(desk, pair["refresh_token"])
    assert is_alive(other["access_token"])
    assert refreshed(desk, other["refresh_token"]).status_code == 200


def test_a_public_client_revokes_by_its_id(spa, bob):
    tokens = by_code(spa, new_code(spa, bob)).json()
    assert revoke(spa, tokens["refresh_token"]).status_code == 200
    assert not is_alive(tokens["access_token"])


def test_a_rotated_refresh_token_still_ends_its_family(spa, bob):
    first = by_code(spa, new_code(spa, bob)).json()
    second = refreshed(spa, first["refresh_token"]).json()
    assert revoke(spa, first["refresh_token"]).status_code == 200
    assert not is_alive(second["access_token"])


def test_a_clients_own_token_can_be_revoked(desk):
    token = post_token(desk, grant_type="client_credentials").json()["access_token"]
    assert revoke(desk, token).status_code == 200
    assert not is_alive(token)


@pytest.mark.parametrize("hint", ["access_token", "refresh_token", "id_token", "nonsense"])
@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_a_hint_never_changes_what_is_revoked(desk, pair, kind, hint):
    assert revoke(desk, pair[kind], token_type_hint=hint).status_code == 200
    assert not is_alive(pair["access_token"])


def test_an_unknown_or_ended_token_is_200(desk, pair):
    for _ in range(2):
        assert revoke(desk, pair["access_token"]).status_code == 200
        assert revoke(desk, pair["refresh_token"]).status_code == 200
    for token in ("x", "a.b.c", "ü", "x" * 5000):
        assert revoke(desk, token).status_code == 200


@pytest.mark.parametrize("kind", ["access_token", "refresh_token"])
def test_another_clients_token_is_refused_and_lives(partner, spa, pair, kind):
    for client in (partner, spa):
        answer = revoke(client, pair[kind])
        assert (answer.status_code, answer.json()["error"]) == (400, "unauthorized_client")
    assert is_alive(pair["access_token"])
    assert SecurityEvent.objects.filter(
        outcome="refused", client_id="partner", refusal__contains="of another client"
    ).exists()


def test_without_client_authentication_nothing_is_revoked(desk, pair):
    tries = [
        revoke(None, pair["access_token"]),
        revoke(None, pair["access_token"], client_id="desk"),
        revoke(desk, pair["access_token"], secret="wrong"),
        revoke(None, pair["access_token"], client_id="nobody"),
    ]
    for answer in tries:
        assert (answer.status_code, answer.json()["error"]) == (401, "invalid_client")
        assert answer["WWW-Authenticate"].startswith("Basic ")
    assert is_alive(pair["access_token"])


def test_a_missing_or_repeated_token_names_the_field(desk):
    for body in ("", "token=", "token=a&token=b"):
        answer = Client().post(
            PATH, body, content_type="application/x-www-form-urlencoded", headers={"Authorization": basic("desk")}
        )
        assert (answer.status_code, answer.json()["status"]["detail"]) == (400, {"field": "token"})


def test_get_is_405(desk):
    assert Client().get(PATH, headers={"Authorization": basic("desk")}).status_code == 405


def test_a_page_of_the_clients_origin_may_revoke(spa, bob):
    ApiClient.objects.filter(pk=spa.pk).update(allowed_origins=["https://desk.example.com"])
    tokens = by_code(spa, new_code(spa, bob)).json()
    body = urlencode({"token": tokens["access_token"], "client_id": "spa"})
    for origin, allowed in (("https://desk.example.com", True), ("https://evil.example", False)):
        answer = Client().post(PATH, body, content_type="application/x-www-form-urlencoded", headers={"Origin": origin})
        assert ("Access-Control-Allow-Origin" in answer.headers) is allowed


def test_who_gave_up_what_is_told_without_the_token(desk, bob, pair):
    revoke(desk, pair["refresh_token"])
    event = SecurityEvent.objects.get(name="token-revoked")
    assert (event.client_id, event.user_name) == ("desk", "t100\\bob")
    assert event.detail["kind"] == "refresh token"
    assert pair["refresh_token"] not in str(event.__dict__)
    assert TokenFamily.objects.get().revoked_because == "revoked by its client"
    for kind in ("refresh_token", "access_token", "access_token"):
        revoke(desk, pair[kind])
    assert SecurityEvent.objects.filter(name="token-revoked").count() == 2


@pytest.mark.django_db(transaction=True)
def test_a_revocation_among_refreshes_leaves_nothing_alive(spa, bob):
    token = by_code(spa, new_code(spa, bob)).json()["refresh_token"]
    answers = at_once([lambda: revoke(spa, token), *[lambda: refreshed(spa, token)] * 7])
    assert {answer.status_code for answer in answers} <= {200, 400}
    for answer in answers:
        issued = answer.json().get("access_token")
        assert issued is None or not is_alive(issued)
