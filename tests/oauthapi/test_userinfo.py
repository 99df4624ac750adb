"""GET /auth/v3/userinfo: CloudUserDetails."""

import pytest

from accounts.models import AccessGroup, Role
from accounts.services.users import user_update
from environment.services import object_save
from tests.cast import alter, by_password, get, post_token

URL = "/auth/v3/userinfo"


def test_an_agent_is_told_in_the_vendors_words(desk, bob, t100):
    answer = get(URL, by_password(desk, bob)["access_token"])
    assert answer.json() == {
        "authorities": [{"name": "ROLE_AGENT", "privileges": ["calls:take"]}],
        "username": f"bob:{bob.dbid}:{t100.pk}",
        "cmeUserName": "bob",
        "loginName": "bob",
        "dbid": bob.dbid,
        "contactCenterId": str(t100.pk),
        "environmentId": str(t100.environment_id),
        "properties": {"tenantDBID": "100", "firstName": "Bob", "lastName": "Burns"},
    }
    assert type(answer.json()["dbid"]) is int


def test_an_installation_administrator_has_no_contact_center_fields(desk, root):
    body = get(URL, by_password(desk, root)["access_token"]).json()
    assert set(body) == {"authorities", "username", "loginName", "properties"}
    assert body["username"] == "root"


def test_declared_properties_are_strings(desk, bob):
    alter(bob, properties={"site": "north", "level": 3})
    properties = get(URL, by_password(desk, bob)["access_token"]).json()["properties"]
    assert properties["site"] == "north"
    assert all(isinstance(value, str) for value in properties.values())


def test_declared_properties_do_not_overwrite_the_real_ones(desk, bob):
    alter(bob, properties={"tenantDBID": "999", "firstName": "Mallory"})
    properties = get(URL, by_password(desk, bob)["access_token"]).json()["properties"]
    assert (properties["tenantDBID"], properties["firstName"]) == ("100", "Bob")


def test_roles_of_access_groups_count_and_are_told_once(desk, bob, t100, agents):
    extra = Role.objects.create(name="A_ROLE", contact_center=t100, privileges=["b", "a"])
    group = AccessGroup.objects.create(name="team", contact_center=t100)
    group.roles.set([extra, agents])
    bob.access_groups.add(group)
    authorities = get(URL, by_password(desk, bob)["access_token"]).json()["authorities"]
    assert authorities == [
        {"name": "A_ROLE", "privileges": ["a", "b"]},
        {"name": "ROLE_AGENT", "privileges": ["calls:take"]},
    ]


def test_a_changed_role_is_told_on_the_next_request(desk, bob, agents):
    token = by_password(desk, bob)["access_token"]
    assert get(URL, token).json()["authorities"][0]["privileges"] == ["calls:take"]
    agents.privileges = ["calls:take", "calls:record"]
    object_save(agents)
    assert get(URL, token).json()["authorities"][0]["privileges"] == ["calls:record", "calls:take"]


def test_a_changed_name_is_told_on_the_next_request(desk, bob):
    token = by_password(desk, bob)["access_token"]
    get(URL, token)
    bob.refresh_from_db()
    bob.first_name = "Robert"
    user_update(bob)
    assert get(URL, token).json()["properties"]["firstName"] == "Robert"


@pytest.mark.parametrize("path", [f"{URL}/", f"{URL}?", f"{URL}?x=1"])
def test_slash_and_question_mark_are_fine(desk, bob, path):
    assert get(path, by_password(desk, bob)["access_token"]).status_code == 200


def test_a_clients_own_token_tells_the_client(desk):
    body = get(URL, post_token(desk, grant_type="client_credentials").json()["access_token"]).json()
    assert body["username"] == "desk"
    assert "dbid" not in body
    assert "loginName" not in body


def test_json_content_type_on_a_get_and_an_api_key_are_normal(desk, bob):
    answer = get(URL, by_password(desk, bob)["access_token"], **{"Content-Type": "application/json", "x-api-key": "k"})
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("application/json")


def test_post_is_405(client, db):
    answer = client.post(URL)
    assert answer.status_code == 405
    assert answer["Allow"] == "GET, HEAD, OPTIONS" or "GET" in answer["Allow"]


def test_the_answer_is_not_for_shared_caches(desk, bob):
    answer = get(URL, by_password(desk, bob)["access_token"])
    assert "no-store" in answer.get("Cache-Control", "") or "private" in answer.get("Cache-Control", "")
