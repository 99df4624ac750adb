"""How many statements each endpoint takes, kept as a table: whoever raises a number does it knowingly."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from environment.services import option_set
from tests.accounts.configuring import register
from tests.cast import basic, by_code, by_password, get, new_code, post_token, refreshed

WARM = {
    "userinfo": 1,
    "userinfo of a page": 1,
    "userinfo of a foreign page": 1,
    "openid userinfo": 1,
    "jwt-userinfo": 2,
    "jwt-userinfo of a page": 2,
    "client credentials": 3,
    "refresh": 5,
    "rotation": 6,
    "code": 9,
    "password": 18,
    "introspection": 3,
    "introspection of a refresh token": 4,
    "introspection of nothing": 4,
    "contact centers by a pair": 5,
    "clients by a pair": 4,
}
"""Statements of the second call, caches warm; transactions' own words (BEGIN, SAVEPOINT, …) are not counted."""


ORIGIN = "https://desk.example.com"


def readable(path, token):
    answer = get(path, token, Origin=ORIGIN)
    assert answer["Access-Control-Allow-Origin"] == ORIGIN
    return answer


def introspected(client, token, hint="access_token"):
    return Client().post(
        "/auth/v3/oauth/introspect",
        f"token={token}&token_type_hint={hint}",
        content_type="application/x-www-form-urlencoded",
        headers={"Authorization": basic(client.client_id)},
    )


def by_pair(path):
    return Client().get(path, headers={"Authorization": basic("script", "open-sesame-42")})


def statements(call) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        answer = call()
    assert answer.status_code == 200, answer.content
    words = ("SAVEPOINT", "RELEASE", "BEGIN", "COMMIT", "ROLLBACK")
    return [query["sql"] for query in captured.captured_queries if not query["sql"].startswith(words)]


@pytest.fixture
def calls(desk, spa, bob, t100, administrators):
    register(t100, administrators, password="open-sesame-42")
    option_set(holder=t100, section="settings", name="cors-origins", value=ORIGIN)
    token = by_password(desk, bob)
    held = {"rotating": by_code(spa, new_code(spa, bob)).json()["refresh_token"]}
    codes = iter([new_code(spa, bob, code=f"code-{number}") for number in range(2)])

    def rotation():
        answer = refreshed(spa, held["rotating"])
        held["rotating"] = answer.json()["refresh_token"]
        return answer

    return {
        "userinfo": lambda: get("/auth/v3/userinfo", token["access_token"]),
        "userinfo of a page": lambda: readable("/auth/v3/userinfo", token["access_token"]),
        "userinfo of a foreign page": lambda: get("/auth/v3/userinfo", token["access_token"], Origin="https://x.y"),
        "jwt-userinfo of a page": lambda: readable("/auth/v3/jwt-userinfo", token["access_token"]),
        "openid userinfo": lambda: get("/auth/v3/openid/userinfo", token["access_token"]),
        "jwt-userinfo": lambda: get("/auth/v3/jwt-userinfo", token["access_token"]),
        "client credentials": lambda: post_token(desk, grant_type="client_credentials"),
        "refresh": lambda: refreshed(desk, token["refresh_token"]),
        "rotation": rotation,
        "code": lambda: by_code(spa, next(codes)),
        "introspection": lambda: introspected(desk, token["access_token"]),
        "introspection of a refresh token": lambda: introspected(desk, token["refresh_token"], "refresh_token"),
        "contact centers by a pair": lambda: by_pair("/environment/v3/contact-centers"),
        "clients by a pair": lambda: by_pair("/auth/v3/ops/clients"),
        "introspection of nothing": lambda: introspected(desk, "x"),
        "password": lambda: post_token(desk, grant_type="password", username="t100\\bob", password="violet-anchor-42"),
    }


@pytest.mark.parametrize("name", WARM)
def test_an_endpoint_keeps_to_its_budget(calls, name):
    calls[name]()
    taken = statements(calls[name])
    assert len(taken) <= WARM[name], "\n".join(taken)


def test_the_bearer_check_does_not_grow_with_the_users_tokens(calls, desk, bob):
    calls["userinfo"]()
    for _ in range(5):
        by_password(desk, bob)
    assert len(statements(calls["userinfo"])) <= WARM["userinfo"]
