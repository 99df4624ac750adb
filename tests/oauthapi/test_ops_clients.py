"""/auth/v3/ops/clients: the client registry as deployment scripts use it."""

import json
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from activity.models import Change
from oauthapi.client_secrets import secret_is_present, secret_matches
from oauthapi.flows import client_registry
from oauthapi.models import ApiClient
from oauthapi.services.clients import client_secret_rotate
from tests.cast import CALLBACK, PASSWORD, SECRET, by_password, is_alive, post_token
from tests.oauthapi.ops import CLIENTS, RECORD, Asker, fields_of, ops_asker

NEW = {"client_id": "new", "redirectURIs": [CALLBACK]}


@pytest.fixture
def ops(signing_keys) -> Asker:
    return ops_asker()


def test_a_scripts_record_is_created_with_code_0_its_path_and_the_secret_told_once(ops, bob):
    answer = ops.post(RECORD)
    assert (answer.status_code, answer.json()["status"]) == (200, {"code": 0})
    assert answer.json()["path"] == "/ops/clients/external_api_client"
    assert "no-store" in answer["Cache-Control"]
    told = answer.json()["data"]
    assert told.items() >= RECORD.items()
    assert (told["contactCenterIds"], told["redirectMatch"], told["enabled"]) == ([], "exact", True)
    for later in (ops.get("external_api_client"), ops.put("external_api_client", {"name": "x"}), ops.get()):
        assert "client_secret" not in later.content.decode()
        assert '"secret"' not in later.content.decode()


def test_the_weak_secret_of_a_script_works_at_the_token_endpoint(ops, bob):
    ops.post(RECORD)
    client = ApiClient.objects.get(client_id="external_api_client")
    assert post_token(client, secret="secret", grant_type="client_credentials").status_code == 200
    answer = post_token(client, secret="secret", grant_type="password", username="t100\\bob", password=PASSWORD)
    assert answer.json()["token_type"] == "bearer"


def test_unknown_grants_are_kept_and_told_and_never_honoured(ops):
    ops.post(RECORD)
    client = ApiClient.objects.get()
    odd = "urn:ietf:params:oauth:grant-type:token-exchange"
    assert odd in ops.get("external_api_client").json()["data"]["authorizedGrantTypes"]
    assert post_token(client, secret="secret", grant_type=odd).json()["error"] == "unsupported_grant_type"


@pytest.mark.parametrize("sent", [{}, {"client_secret": ""}, {"client_secret": None}])
def test_without_a_secret_one_is_generated_and_told_by_the_create_alone(ops, sent):
    secret = ops.post(NEW | {"authorizedGrantTypes": ["client_credentials"]} | sent).json()["data"]["client_secret"]
    assert secret.startswith("dgs_")
    client = ApiClient.objects.get()
    assert post_token(client, secret=secret, grant_type="client_credentials").status_code == 200
    assert secret not in ops.get("new").content.decode()


@pytest.mark.parametrize("sent", [{}, {"client_secret": ""}, {"client_secret": None}])
def test_a_public_client_has_no_secret_and_none_is_told(ops, sent):
    answer = ops.post(NEW | {"clientType": "PUBLIC"} | sent)
    assert answer.status_code == 200
    assert "client_secret" not in answer.json()["data"]
    assert not ApiClient.objects.get().secret_hash


def test_a_secret_for_a_public_client_is_refused_by_name(ops):
    answer = ops.post(NEW | {"clientType": "PUBLIC", "client_secret": "secret"})
    assert (answer.status_code, fields_of(answer)) == (400, {"client_secret"})


def test_a_client_of_few_words_gets_the_defaults_and_its_id_for_a_name(ops):
    told = ops.post(NEW).json()["data"]
    assert told["name"] == "new"
    assert told["authorizedGrantTypes"] == ["authorization_code", "refresh_token"]
    assert told["scope"] == ["*"]
    assert (told["accessTokenExpirationTimeout"], told["refreshTokenExpirationTimeout"]) == (43_200, 2_592_000)
    assert not {"owner", "legacyGrantsUntil"} & told.keys()


def test_the_list_is_an_array_in_which_a_script_looks_up_the_client_id(ops):
    assert ops.get().json() == {"status": {"code": 0}, "data": []}
    ops.post(RECORD)
    ops.post(NEW)
    assert [each["client_id"] for each in ops.get().json()["data"]] == ["external_api_client", "new"]
    assert [each["client_id"] for each in ops.get("?client_id=new").json()["data"]] == ["new"]
    assert ops.get("?client_id=nobody").json()["data"] == []


def test_the_list_is_paged_when_asked_to_be(ops, make_client):
    for number in range(5):
        make_client(f"c{number}")
    assert [each["client_id"] for each in ops.get("?limit=2&offset=1").json()["data"]] == ["c1", "c2"]
    assert len(ops.get("?limit=&offset=").json()["data"]) == 5
    for query, named in (("limit=0", "limit"), ("limit=2147483648", "limit"), ("limit=x", "limit"),
                         ("limit=²", "limit"), ("offset=-1", "offset"),
                         ("offset=99999999999999999999", "offset")):  # fmt: skip
        answer = ops.get(f"?{query}")
        assert (answer.status_code, fields_of(answer)) == (400, {named}), query


def test_the_list_is_whole_however_many_are_read_at_once(ops, make_client, t100, monkeypatch):
    def listed() -> tuple[int, int]:
        with CaptureQueriesContext(connection) as statements:
            told = ops.get().json()["data"]
        assert [each["client_id"] for each in told] == sorted(each["client_id"] for each in told)
        assert all(each["contactCenterIds"] == [str(t100.pk)] for each in told)
        return len(told), len(statements)

    monkeypatch.setattr(client_registry, "CHUNK", 4)
    ops.get()
    costs = []
    for number in range(12):
        make_client(f"c{number:02}").contact_centers.set([t100])
        if number % 4 != 1:
            continue
        count, cost = listed()
        assert count == number + 1
        costs.append(cost)
    few, more, most = costs
    assert (more - few, most - few) == (1, 2)


def test_the_list_costs_the_same_for_few_and_many(ops, make_client, t100, django_assert_max_num_queries):
    for number in range(30):
        make_client(f"c{number}").contact_centers.set([t100])
    ops.get()
    with django_assert_max_num_queries(8):
        assert len(ops.get().json()["data"]) == 30


@pytest.mark.parametrize("name", ["nobody", "NEW", "a%07b", "%ff", "a/b", "x" * 2000])
@pytest.mark.parametrize("method", ["get", "put", "delete"])
def test_an_unknown_id_is_404_with_code_6_and_no_data(ops, name, method):
    ops.post(NEW)
    answer = ops.put(name, {"name": "x"}) if method == "put" else getattr(ops, method)(name)
    assert (answer.status_code, answer.json()["status"]["code"]) == (404, 6)
    assert "data" not in answer.json()


@pytest.mark.parametrize("name", ["new", "NEW", "nEw"])
def test_a_client_id_that_exists_in_any_case_is_409_with_code_18(ops, name):
    ops.post(NEW)
    answer = ops.post(NEW | {"client_id": name})
    assert (answer.status_code, answer.json()["status"]["code"], fields_of(answer)) == (409, 18, {"client_id"})
    assert ApiClient.objects.count() == 1


def test_ids_with_odd_characters_are_found_at_the_path_that_the_create_told(ops):
    for odd in ("a/b", "a%2Fb", "a?b", "a#b", "ö".encode().hex() + "~"):
        path = ops.post(NEW | {"client_id": odd}).json()["path"]
        assert ops.get(path.removeprefix("/ops/clients/")).json()["data"]["client_id"] == odd
        assert ops.get(path.removeprefix("/ops/clients/") + "/").json()["data"]["client_id"] == odd


def test_a_put_changes_what_it_names_and_leaves_the_rest(ops):
    before = ops.post(RECORD).json()["data"]
    answer = ops.put("external_api_client", {"redirectURIs": ["https://new.example.com/cb"]})
    assert (answer.status_code, answer.json()["status"]) == (200, {"code": 0})
    del before["client_secret"]
    assert answer.json()["data"] == before | {"redirectURIs": ["https://new.example.com/cb"]}
    assert secret_matches(ApiClient.objects.get(), "secret")


def test_what_a_get_tells_can_be_put_back_and_changes_nothing(ops, t100, make_client):
    client = make_client("own", owner=t100, legacy_grants_until="2030-12-31", redirect_match="origin")
    client.contact_centers.set([t100])
    record = ops.get("own").json()["data"]
    assert (record["owner"], record["legacyGrantsUntil"]) == (str(t100.pk), "2030-12-31")
    changes, stamp = Change.objects.count(), client.stamp
    assert ops.put("own", record).json()["data"] == record
    client.refresh_from_db()
    assert (Change.objects.count(), client.stamp) == (changes, stamp)


def test_a_secret_in_a_put_replaces_the_present_and_the_previous_one_at_once(ops, desk):
    answer = ops.put("desk", {"client_secret": "other", "name": "Desk two"})
    assert "client_secret" not in answer.json()["data"]
    assert post_token(desk, secret="other", grant_type="client_credentials").status_code == 200
    assert post_token(desk, secret=SECRET, grant_type="client_credentials").status_code == 401
    change = Change.objects.get(object_type="api-clients")
    assert change.after.items() >= {"name": "Desk two", "secret_hash": "changed"}.items()
    assert "other" not in f"{change.before} {change.after}"


def test_a_secret_and_a_fault_in_one_put_change_nothing(ops, desk):
    answer = ops.put("desk", {"client_secret": "other", "redirectURIs": ["http://evil.example.com"]})
    assert (answer.status_code, fields_of(answer)) == (400, {"redirectURIs"})
    assert post_token(desk, secret=SECRET, grant_type="client_credentials").status_code == 200


@pytest.mark.parametrize("empty", ["", None])
def test_an_empty_secret_in_a_put_leaves_the_present_one_for_nobody_would_be_told_another(ops, desk, empty):
    assert ops.put("desk", {"client_secret": empty, "name": "Desk two"}).status_code == 200
    assert post_token(desk, secret=SECRET, grant_type="client_credentials").status_code == 200


def test_a_put_that_makes_a_client_public_with_a_secret_is_refused(ops, partner):
    answer = ops.put("partner", {"clientType": "PUBLIC", "client_secret": "other"})
    assert (answer.status_code, fields_of(answer)) == (400, {"client_secret"})
    assert ops.put("partner", {"clientType": "PUBLIC"}).status_code == 200
    assert not ApiClient.objects.get().secret_hash


def test_the_operation_id_is_kept_in_log_and_change_row(ops, caplog):
    for method, path, data in (("post", CLIENTS, NEW), ("put", f"{CLIENTS}/new", {"name": "N"})):
        body = json.dumps({"data": data, "operationId": f"deploy-{method}"})
        answer = getattr(Client(), method)(path, body, content_type="application/json", headers=ops.headers)
        assert answer.status_code == 200
        change = Change.objects.filter(object_type="api-clients").latest("id")
        assert change.operation_id == f"deploy-{method}"
        assert vars(caplog.records[-1])["operation_id"] == f"deploy-{method}"
    body = json.dumps({"data": {}, "operationId": "x" * 129})
    answer = Client().put(f"{CLIENTS}/new", body, content_type="application/json", headers=ops.headers)
    assert (answer.status_code, fields_of(answer)) == (400, {"operationId"})


def test_a_put_cannot_rename_a_client(ops):
    ops.post(NEW)
    answer = ops.put("new", {"client_id": "other"})
    assert (answer.status_code, fields_of(answer)) == (400, {"client_id"})
    assert ops.put("new", {"client_id": "new", "name": "N"}).status_code == 200


def test_a_delete_answers_code_0_and_the_second_one_404(ops, desk, bob):
    token = by_password(desk, bob)["access_token"]
    answer = ops.delete("desk")
    assert (answer.status_code, answer.json()) == (200, {"status": {"code": 0}})
    assert ops.delete("desk").status_code == 404
    assert not is_alive(token)


def test_a_script_binds_a_client_to_contact_centers_and_gives_it_an_owner(ops, t100, t200):
    told = ops.post(NEW | {"contactCenterIds": [str(t100.pk).upper(), str(t200.pk)], "owner": str(t100.pk)}).json()[
        "data"
    ]
    assert told["contactCenterIds"] == sorted([str(t100.pk), str(t200.pk)])
    assert told["owner"] == str(t100.pk)
    assert ops.put("new", {"contactCenterIds": [str(t200.pk)], "owner": None}).json()["data"].get("owner") is None
    assert [one.pk for one in ApiClient.objects.get().contact_centers.all()] == [t200.pk]
    assert ops.put("new", {"contactCenterIds": []}).json()["data"]["contactCenterIds"] == []


def test_a_disabled_client_is_refused_on_its_next_request(ops, desk):
    ops.put("desk", {"enabled": False})
    assert post_token(desk, grant_type="client_credentials").status_code == 401


def test_the_secret_that_a_client_has_put_again_changes_nothing(ops, desk):
    stamp, changes = desk.stamp, Change.objects.count()
    assert ops.put("desk", {"client_secret": SECRET}).status_code == 200
    desk.refresh_from_db()
    assert (desk.stamp, Change.objects.count()) == (stamp, changes)


def test_the_secret_being_rotated_away_becomes_the_present_one_again(ops, desk):
    client_secret_rotate(desk, keep_previous=timedelta(hours=1))
    assert ops.put("desk", {"client_secret": SECRET}).status_code == 200
    desk.refresh_from_db()
    assert (desk.previous_secret_hash, secret_is_present(desk, SECRET)) == ("", True)


def test_a_public_client_is_made_confidential_with_a_secret_only(ops, spa):
    answer = ops.put("spa", {"clientType": "CONFIDENTIAL"})
    assert (answer.status_code, answer.json()["status"]["detail"]) == (400, {"field": "client_secret"})
    assert ops.put("spa", {"clientType": "CONFIDENTIAL", "client_secret": SECRET}).status_code == 200
    client = ApiClient.objects.get(client_id="spa")
    assert post_token(client, grant_type="refresh_token", refresh_token="x").json()["error"] == "invalid_grant"
