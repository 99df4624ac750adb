"""Two server processes on one PostgreSQL: what one is told, the other knows on its very next request."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from urllib.parse import urlencode

import httpx
import pytest

from tests.cast import PASSWORD, SECRET, basic
from tests.flows.administrator import Administrator, key_of
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
BASICAUTH = "/configuration/basicauth"
PAGE = "/configuration/token"


@pytest.fixture(scope="module")
def pair(installation: Installation, live: str) -> Iterator[tuple[str, str]]:
    """Two servers: one to tell, the other to ask."""
    with installation.serve(public_url=live) as other:
        yield live, other


@pytest.fixture(scope="module")
def administrator(pair: tuple[str, str]) -> Administrator:
    """At the first server's admin; the second is only ever asked."""
    return Administrator(pair[0])


def temporary_token(url: str, user: str) -> str:
    """What an administrator takes from the page in a browser, as a header."""
    person = Person(url)
    person.signs_in(f"{url}{API}/sign-in", user)
    page = person.http.get(f"{url}{PAGE}").text
    forgery = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
    assert forgery, page
    headers = {"Origin": url, "Referer": f"{url}{PAGE}"}
    issued = person.http.post(f"{url}{PAGE}/issue", data={"csrfmiddlewaretoken": forgery[1]}, headers=headers)
    found = re.search(r"eyJ[\w-]+\.[\w-]+\.[\w-]+", issued.text)
    assert found, issued.text
    return f"Bearer {found[0]}"


@pytest.fixture(scope="module")
def configuring(pair: tuple[str, str]) -> str:
    """A temporary token taken from the first server."""
    return temporary_token(pair[0], "credentialist")


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


def test_a_user_deactivated_on_one_is_refused_by_the_other_at_once(pair, administrator):
    given = warmed(pair, "leaving")
    person = Person(pair[0])
    person.signs_in(f"{pair[0]}{API}/sign-in", "leaving")
    assert person.http.get(f"{pair[1]}{API}/ping").status_code == 200
    administrator.change(administrator.row("accounts/user", "leaving"), enabled=None)
    assert [who(url, given["access_token"]).status_code for url in reversed(pair)] == [401, 401]
    assert [person.http.get(f"{url}{API}/ping").status_code for url in reversed(pair)] == [403, 403]
    refreshed = token(pair[1], grant_type="refresh_token", refresh_token=given["refresh_token"])
    assert refreshed.json()["error"] == "invalid_grant"
    assert token(pair[1], "leaving").json()["error"] == "invalid_grant"


def test_a_role_given_on_one_is_told_by_the_other_at_once(pair, administrator):
    given = warmed(pair, "bob")
    role = administrator.add("accounts/role", name="ROLE_NEW")
    administrator.change(administrator.row("accounts/user", "bob"), roles=[key_of(role)])
    told = [who(url, given["access_token"]).json()["authorities"] for url in reversed(pair)]
    assert told == [[{"name": "ROLE_NEW", "privileges": []}]] * 2


def test_privileges_of_a_role_changed_on_one_are_told_by_the_other_at_once(pair, administrator):
    given = warmed(pair)
    administrator.change(administrator.row("accounts/role", "ROLE_AGENT"), known=["places:read"])
    told = [who(url, given["access_token"]).json()["authorities"] for url in reversed(pair)]
    assert told == [[{"name": "ROLE_AGENT", "privileges": ["places:read"]}]] * 2


def test_an_option_changed_on_one_counts_on_the_other_at_once(pair, administrator):
    before = httpx.get(f"{pair[1]}{API}/.well-known/openid-configuration").json()
    assert "password" in before["grant_types_supported"]
    administrator.option("oauth/strict", "true")
    try:
        for url in reversed(pair):
            metadata = httpx.get(f"{url}{API}/.well-known/openid-configuration").json()
            assert "password" not in metadata["grant_types_supported"]
            assert token(url).json()["error"] == "unauthorized_client"
    finally:
        administrator.option("oauth/strict", "false")
    assert [token(url).status_code for url in reversed(pair)] == [200, 200]


def test_a_client_switched_off_on_one_gets_nothing_from_the_other(pair, administrator):
    given = warmed(pair)
    desk = administrator.row("oauthapi/apiclient", "desk")
    administrator.change(desk, enabled=None)
    try:
        assert [who(url, given["access_token"]).status_code for url in reversed(pair)] == [401, 401]
        assert [token(url).json()["error"] for url in reversed(pair)] == ["invalid_client"] * 2
    finally:
        administrator.change(desk, enabled="on")
    assert [token(url).status_code for url in reversed(pair)] == [200, 200]


def registered(pair: tuple[str, str], tool: str, name: str) -> tuple[httpx.Response, dict[str, str]]:
    """A credential registered at the first server and proven at both, and its pair."""
    body = {
        "username": name,
        "password": PASSWORD,
        "context": "ContactCenter",
        "contextId": "100",
        "userRole": "Administrator",
    }
    answer = httpx.post(f"{pair[0]}{BASICAUTH}", json=body, headers={"Authorization": tool})
    assert answer.status_code == 201, answer.text
    return answer, {"Authorization": basic(name, PASSWORD)}


def centers(url: str, headers: dict[str, str]) -> int:
    return httpx.get(f"{url}/environment/v3/contact-centers", headers=headers).status_code


@pytest.mark.parametrize("end", ["rotated", "deleted", "disabled", "expired"])
def test_a_credential_ended_on_one_is_refused_by_the_other_at_once(pair, administrator, configuring, end):
    soon = f"{end}-script"
    made, proof = registered(pair, configuring, soon)
    given = httpx.post(f"{pair[1]}/configuration/token", headers=proof).json()["access_token"]
    as_bearer = {"Authorization": f"Bearer {given}"}
    assert [centers(url, each) for url in pair for each in (proof, as_bearer)] == [200] * 4
    one, tool = f"{pair[0]}{made.headers['Location']}", {"Authorization": configuring}
    if end == "rotated":
        assert httpx.put(f"{one}/password", json={"password": f"{PASSWORD}-2"}, headers=tool).status_code == 200
    elif end == "deleted":
        assert httpx.delete(one, headers=tool).status_code == 204
    elif end == "disabled":
        administrator.change(administrator.row("accounts/basiccredential", soon), enabled=None)
    else:
        past = {"expires_at_0": "2020-01-01", "expires_at_1": "00:00:00"}
        administrator.change(administrator.row("accounts/basiccredential", soon), **past)
    assert [centers(url, each) for url in reversed(pair) for each in (proof, as_bearer)] == [401] * 4


def test_a_temporary_token_ended_on_one_is_refused_by_the_other_at_once(pair):
    tool = temporary_token(pair[0], "leaving-credentialist")
    assert [httpx.get(f"{url}{BASICAUTH}", headers={"Authorization": tool}).status_code for url in pair] == [200, 200]
    access = token(pair[0], "leaving-credentialist").json()["access_token"]
    changed = httpx.post(
        f"{pair[0]}{API}/change-password",
        json={"data": {"oldPassword": PASSWORD, "newPassword": f"{PASSWORD}-2"}},
        headers={"Authorization": f"Bearer {access}"},
    )
    assert changed.status_code == 200
    refused = [httpx.get(f"{url}{BASICAUTH}", headers={"Authorization": tool}).status_code for url in reversed(pair)]
    assert refused == [401, 401]


def test_failures_counted_by_one_lock_on_the_other(pair):
    for number in range(4):
        assert token(pair[number % 2], "locked", password="wrong").status_code == 400
    assert token(pair[1], "locked").json()["error"] == "invalid_grant"
