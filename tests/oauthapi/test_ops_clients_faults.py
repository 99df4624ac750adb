"""/auth/v3/ops/clients: what cannot be read is refused by name, and nothing is written."""

import json
from typing import Any

import pytest
from django.test import Client

from activity.models import Change
from oauthapi.models import ApiClient
from tests.cast import CALLBACK
from tests.oauthapi.ops import CLIENTS, RECORD, Asker, fields_of, ops_asker

NEW = {"client_id": "new", "redirectURIs": [CALLBACK]}
TEXTS = ("name", "description", "clientType", "redirectMatch")
LISTS = (
    "authorizedGrantTypes", "authorities", "scope", "redirectURIs", "postLogoutRedirectURIs", "allowedOrigins",
    "contactCenterIds",
)  # fmt: skip
FLAGS = (
    "internalClient", "enabled", "trusted", "requirePkce", "basicOnAuthorize", "rotateRefreshTokens", "mayIntrospect",
)  # fmt: skip
NUMBERS = ("accessTokenExpirationTimeout", "refreshTokenExpirationTimeout")
NO_TEXT: tuple[Any, ...] = (1, True, [], {}, "a\u0001b", "a\u007fb", "a\nb", "x" * 501)
NO_LIST: tuple[Any, ...] = (
    1, False, "", {}, [1], [None], [["a"]], [""], [" "], ["a\u0001"], ["x" * 2001], ["a"] * 1001,
)  # fmt: skip
NO_FLAG: tuple[Any, ...] = (1, 0, "true", [], {})
NO_NUMBER: tuple[Any, ...] = (0, -1, 1.5, "43200", True, [], 315_360_001, 2**31, 2**63, 10**30)
FAULTS: list[tuple[str, Any]] = [
    *((name, value) for name in TEXTS for value in NO_TEXT),
    *((name, value) for name in LISTS for value in NO_LIST),
    *((name, value) for name in FLAGS for value in NO_FLAG),
    *((name, value) for name in NUMBERS for value in NO_NUMBER),
    ("client_id", None), ("client_id", ""), ("client_id", 7), ("client_id", ["a"]), ("client_id", "a:b"),
    ("client_id", "a b"), ("client_id", "ü"), ("client_id", "a\u0001"), ("client_id", "x" * 256),
    ("client_secret", 7), ("client_secret", ["a"]), ("client_secret", "a\u0001"), ("client_secret", "x" * 513),
    ("clientType", "confidential"), ("redirectMatch", "path"), ("scope", ["nothing"]), ("scope", "* nothing"),
    ("redirectURIs", ["http://desk.example.com"]), ("redirectURIs", ["https://*.example.com"]), ("redirectURIs", []),
    ("redirectURIs", ["https://[::1"]), ("postLogoutRedirectURIs", ["javascript:alert(1)"]),
    ("allowedOrigins", ["https://a.example.com/path"]),
    ("contactCenterIds", ["100"]), ("contactCenterIds", ["00000000-0000-4000-8000-000000000000"]),
    ("owner", 100), ("owner", "100"), ("owner", ["x"]), ("owner", "00000000-0000-4000-8000-000000000000"),
    ("legacyGrantsUntil", 20301231), ("legacyGrantsUntil", "soon"), ("legacyGrantsUntil", "20301231"),
    ("legacyGrantsUntil", "2030-02-30"), ("legacyGrantsUntil", True),
]  # fmt: skip


@pytest.fixture
def ops(signing_keys) -> Asker:
    return ops_asker()


@pytest.mark.parametrize("name", sorted({name for name, _ in FAULTS}))
def test_a_value_that_cannot_be_taken_is_400_by_its_name_in_create_and_change(ops, make_client, name):
    known = make_client("known")
    before = ApiClient.objects.values().get()
    for value in [value for member, value in FAULTS if member == name]:
        answers = [ops.post(NEW | {name: value})]
        if name != "client_id":
            answers.append(ops.put("known", {name: value}))
        for answer in answers:
            named = {field.partition(".")[0] for field in fields_of(answer)}
            assert (answer.status_code, named) == (400, {name}), (value, answer.content)
            assert answer.json()["status"]["code"] in (1, 2, 10)
    assert ApiClient.objects.values().get(pk=known.pk) == before
    assert ApiClient.objects.count() == 1
    assert not Change.objects.filter(object_type="api-clients").exists()


def test_every_member_of_a_record_has_a_fault_here(ops):
    told = set(ops.post(NEW | {"owner": None}).json()["data"]) | {"owner", "legacyGrantsUntil"}
    assert told == {name for name, _ in FAULTS}


def test_null_counts_as_not_sent_but_clears_owner_and_the_end_of_legacy_grants(ops, make_client, t100):
    client = make_client("known", owner=t100, legacy_grants_until="2030-12-31")
    client.contact_centers.set([t100])
    before = ops.get("known").json()["data"]
    nulls = dict.fromkeys({name for name, _ in FAULTS} - {"owner", "legacyGrantsUntil"})
    assert ops.put("known", nulls).json()["data"] == before
    assert ops.post(NEW | {name: None for name in nulls if name not in NEW}).status_code == 200
    del before["owner"], before["legacyGrantsUntil"]
    assert ops.put("known", {"owner": None, "legacyGrantsUntil": None}).json()["data"] == before


def test_all_members_that_cannot_be_read_are_named_at_once(ops):
    wrong = {"client_id": 7, "client_secret": 7, "name": 7, "enabled": 7, "scope": ["openid", 7, "*", 8],
             "contactCenterIds": ["100"], "owner": 7, "legacyGrantsUntil": "soon"}  # fmt: skip
    answer = ops.post(NEW | wrong)
    assert (answer.status_code, answer.json()["status"]["code"]) == (400, 2)
    assert fields_of(answer) == (wrong.keys() - {"scope", "contactCenterIds"}) | {
        "scope.1", "scope.3", "contactCenterIds.0",
    }  # fmt: skip


@pytest.mark.parametrize(
    "body",
    ["", "{}", "[]", '"x"', '{"data": []}', '{"data": null}', '{"data": {"name": "a\\u0000"}}', "{", '{"data": 1}'],
)
@pytest.mark.parametrize("method", ["post", "put"])
def test_a_body_that_is_no_record_is_400(ops, make_client, method, body):
    make_client("known")
    address = CLIENTS if method == "post" else f"{CLIENTS}/known"
    answer = getattr(Client(), method)(address, body, content_type="application/json", headers=ops.headers)
    assert answer.status_code == 400
    assert answer.json()["status"]["code"] in (1, 2)
    assert ApiClient.objects.count() == 1


def test_an_empty_record_needs_a_client_id_and_changes_nothing(ops, make_client):
    make_client("known")
    answer = ops.post({})
    assert (answer.status_code, answer.json()["status"]["code"], fields_of(answer)) == (400, 1, {"client_id"})
    assert ops.put("known", {}).status_code == 200
    assert not Change.objects.filter(object_type="api-clients").exists()


def test_several_faults_between_fields_are_each_named_in_the_scripts_words(ops):
    answer = ops.post({"client_id": "new", "clientType": "PUBLIC", "authorizedGrantTypes": ["client_credentials"],
                       "mayIntrospect": True})  # fmt: skip
    assert fields_of(answer) == {"authorizedGrantTypes", "mayIntrospect"}


def test_members_that_nobody_knows_are_ignored(ops):
    answer = ops.post(NEW | {"autoapprove": True, "stamp": 1, "made_by_demo": True, "secret_hash": "x", "id": 5})
    assert answer.status_code == 200
    assert not {"autoapprove", "stamp", "made_by_demo", "secret_hash", "id"} & answer.json()["data"].keys()
    client = ApiClient.objects.get()
    assert not client.made_by_demo
    assert client.secret_hash != "x"


def test_a_name_that_stands_twice_in_a_scripts_list_counts_once(ops):
    told = ops.post(NEW | {"redirectURIs": [CALLBACK, CALLBACK], "scope": "*  * openid"}).json()["data"]
    assert (told["redirectURIs"], told["scope"]) == ([CALLBACK], ["*", "openid"])


def test_the_largest_numbers_are_taken_by_every_store(ops):
    most = dict.fromkeys(NUMBERS, 315_360_000)
    assert ops.post(NEW | most).json()["data"].items() >= most.items()


def test_a_users_name_is_no_client_id(ops, root):
    answer = ops.post(NEW | {"client_id": "root"})
    assert (answer.status_code, fields_of(answer)) == (400, {"client_id"})
    assert json.loads(answer.content)["error"] == "invalid_request"


@pytest.mark.parametrize("client_id", ["a/", "/", ".", ".."])
def test_an_id_that_no_address_can_name_is_refused(ops, client_id):
    answer = ops.post(RECORD | {"client_id": client_id})
    assert (answer.status_code, fields_of(answer)) == (400, {"client_id"})
