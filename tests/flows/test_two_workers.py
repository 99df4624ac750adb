"""Two server processes on one PostgreSQL: what one is told, the other knows on its very next request."""

from __future__ import annotations

import os
from collections.abc import Iterator
from urllib.parse import urlencode

import httpx
import pytest

from tests.cast import PASSWORD, SECRET
from tests.flows.people import Person, members_of
from tests.flows.server import Installation, Listener

pytestmark = [
    pytest.mark.live,
    pytest.mark.slow,
    pytest.mark.skipif(
        not os.environ.get("DATABASE_URL", "").startswith("postgres"),
        reason="two web processes on SQLite are refused by design: set DATABASE_URL to a PostgreSQL",
    ),
]
API = "/auth/v3"
SETUP = """
from accounts.models import Role, User
from accounts.services.users import user_update
from environment.services import option_set
from oauthapi.models import ApiClient
from oauthapi.services.clients import client_update
def user(name, **fields):
    found = User.objects.select_related("contact_center").get(user_name=name, contact_center__number=100)
    return altered(found, fields)
def client(**fields):
    return altered(ApiClient.objects.get(client_id="desk"), fields)
def altered(row, fields):
    for name in fields:
        setattr(row, name, fields[name])
    return row
def set_strict(value):
    option_set(holder=None, section="oauth", name="strict", value=value)
"""


@pytest.fixture(scope="module")
def pair(installation: Installation, live: str) -> Iterator[tuple[str, str]]:
    """Two servers: one to tell, the other to ask."""
    with installation.serve(public_url=live) as other:
        yield live, other


def token(url: str, user: str = "agent", **form: str) -> httpx.Response:
    asked = {"grant_type": "password", "username": f"t100\\{user}", "password": PASSWORD} | form
    return httpx.post(f"{url}{API}/oauth/token", data=asked, auth=("desk", SECRET))


def who(url: str, access_token: str) -> httpx.Response:
    return httpx.get(f"{url}{API}/userinfo", headers={"Authorization": f"Bearer {access_token}"})


def warmed(pair: tuple[str, str], user: str = "agent") -> dict[str, str]:
    """A token that both servers have looked at, so that both have cached what they cache."""
    given: dict[str, str] = token(pair[0], user).json()
    assert [who(url, given["access_token"]).status_code for url in pair] == [200, 200]
    return given


def test_they_are_two_processes_on_one_database(pair):
    assert pair[0] != pair[1]
    given = token(pair[0]).json()
    assert who(pair[1], given["access_token"]).status_code == 200


def test_a_token_revoked_on_one_is_dead_on_the_other(pair):
    given = warmed(pair)
    bearer = {"Authorization": f"bearer {given['access_token']}"}
    assert httpx.post(f"{pair[0]}{API}/sign-out", headers=bearer).status_code == 200
    assert who(pair[1], given["access_token"]).status_code == 401
    assert httpx.get(f"{pair[1]}{API}/ping", headers=bearer).status_code == 403
    refreshed = token(pair[1], grant_type="refresh_token", refresh_token=given["refresh_token"])
    assert (refreshed.status_code, refreshed.json()["error"]) == (400, "invalid_grant")


def test_a_code_of_one_is_taken_by_the_other_once(pair, listener: Listener):
    asked = {"client_id": "desk", "redirect_uri": listener.url, "response_type": "code", "scope": "*"}
    back = Person(pair[0]).signs_in(f"{pair[0]}{API}/oauth/authorize?{urlencode(asked)}", "agent")
    form = {"grant_type": "authorization_code", "code": members_of(back)["code"], "redirect_uri": listener.url}
    answers = [httpx.post(f"{url}{API}/oauth/token", data=form, auth=("desk", SECRET)) for url in reversed(pair)]
    assert [answer.status_code for answer in answers] == [200, 400]
    assert who(pair[0], answers[0].json()["access_token"]).status_code == 401


def test_a_session_of_one_counts_on_the_other_and_ends_on_both(pair):
    person = Person(pair[0])
    person.signs_in(f"{pair[0]}{API}/sign-in", "agent")
    assert person.http.get(f"{pair[1]}{API}/ping").status_code == 200
    assert person.http.post(f"{pair[0]}{API}/sign-out", headers={"Accept": "application/json"}).status_code == 200
    assert person.http.get(f"{pair[1]}{API}/ping").status_code == 403


def test_a_user_deactivated_beside_them_is_refused_by_both_at_once(pair, installation):
    given = warmed(pair, "leaving")
    person = Person(pair[0])
    person.signs_in(f"{pair[0]}{API}/sign-in", "leaving")
    installation.manage("shell", "-c", SETUP + "user_update(user('leaving', enabled=False))")
    assert [who(url, given["access_token"]).status_code for url in pair] == [401, 401]
    assert [person.http.get(f"{url}{API}/ping").status_code for url in pair] == [403, 403]
    refreshed = token(pair[1], grant_type="refresh_token", refresh_token=given["refresh_token"])
    assert refreshed.json()["error"] == "invalid_grant"
    assert token(pair[1], "leaving").json()["error"] == "invalid_grant"


def test_a_role_changed_beside_them_is_told_by_both_at_once(pair, installation):
    given = warmed(pair, "bob")
    change = (
        "bob = user('bob')\n"
        "user_update(bob, roles=[Role.objects.create(name='ROLE_NEW', contact_center=bob.contact_center)])"
    )
    installation.manage("shell", "-c", SETUP + change)
    told = [who(url, given["access_token"]).json()["authorities"] for url in pair]
    assert told == [[{"name": "ROLE_NEW", "privileges": []}]] * 2


def test_an_option_changed_beside_them_counts_on_both_at_once(pair, installation):
    before = httpx.get(f"{pair[0]}{API}/.well-known/openid-configuration").json()
    assert "password" in before["grant_types_supported"]
    installation.manage("shell", "-c", SETUP + "set_strict('true')")
    try:
        for url in pair:
            metadata = httpx.get(f"{url}{API}/.well-known/openid-configuration").json()
            assert "password" not in metadata["grant_types_supported"]
            assert token(url).json()["error"] == "unauthorized_client"
    finally:
        installation.manage("shell", "-c", SETUP + "set_strict('false')")
    assert [token(url).status_code for url in pair] == [200, 200]


def test_a_client_switched_off_beside_them_gets_nothing_from_either(pair, installation):
    given = warmed(pair)
    change = "client_update(client(enabled=%s))"
    installation.manage("shell", "-c", SETUP + change % "False")
    try:
        assert [who(url, given["access_token"]).status_code for url in pair] == [401, 401]
        assert [token(url).json()["error"] for url in pair] == ["invalid_client"] * 2
    finally:
        installation.manage("shell", "-c", SETUP + change % "True")


def test_failures_counted_by_one_lock_on_the_other(pair):
    for number in range(4):
        assert token(pair[number % 2], "locked", password="wrong").status_code == 400
    assert token(pair[1], "locked").json()["error"] == "invalid_grant"
