"""/environment/v3/environments."""

import uuid
from typing import Any

import pytest

from activity.models import Change
from config.encryption import unseal
from environment.models import Environment
from environment.views import environments as views
from tests.admin_client import admin_of, filled
from tests.environment.rest import refusal

NOBODYS = "00000000-0000-4000-8000-000000000000"
ID = "7a0d1c52-35e9-4d7a-9a2f-0f6f8c1e2b3d"
SECRET = "configuration-server-word"
# As Genesys' script posts it, with members that nobody listed.
SCRIPTS: dict[str, Any] = {
    "id": ID,
    "username": "default",
    "password": SECRET,
    "tenant": "Environment",
    "appName": "Cloud",
    "connectionProtocol": "addp",
    "localTimeout": 60,
    "remoteTimeout": 90,
    "traceMode": "CFGTMBoth",
    "tlsEnabled": False,
    "configServers": [
        {"primaryAddress": "conf.example.com", "primaryPort": 8888, "readOnly": False, "locations": "/USW1"},
        {"primaryAddress": "c2", "primaryPort": 1, "backupAddress": "c3", "backupPort": 65535, "newer": {"x": 1}},
    ],
    "somethingNewer": [1, 2],
}
KEPT = {name: value for name, value in SCRIPTS.items() if name not in ("password", "somethingNewer")} | {
    "configServers": [
        SCRIPTS["configServers"][0],
        {name: value for name, value in SCRIPTS["configServers"][1].items() if name != "newer"},
    ]
}


@pytest.fixture
def made(ops):
    ops.done("POST", "/environments", SCRIPTS)
    return f"/environments/{ID}"


@pytest.mark.parametrize("slash", ["", "/"])
def test_the_scripts_record_is_kept_as_sent_and_its_path_leads_to_it(ops, slash):
    answer = ops("POST", f"/environments{slash}", SCRIPTS)
    assert answer.status_code == 200
    assert answer.json() == {"status": {"code": 0}, "data": KEPT, "path": f"/environments/{ID}"}
    assert answer.json()["path"].split("/")[2] == ID
    assert ops.get(f"/environments{slash}") == [KEPT]
    assert ops.get(f"/environments/{ID}{slash}") == KEPT


def test_one_without_an_id_gets_one(ops):
    told = ops("POST", "/environments", {"tenant": "T"}).json()
    assert told["path"] == f"/environments/{uuid.UUID(told['data']['id'])}"
    assert "localTimeout" not in told["data"]


def test_the_password_is_sealed_in_its_row_and_told_by_nothing(ops, made, root):
    row = Environment.objects.get()
    assert SECRET not in row.password
    place = {"purpose": "environment", "table": "environment", "field": "password"}
    assert unseal(row.password, **place, row=ID).decode() == SECRET
    ops.done("PUT", made, {"password": f"{SECRET}-2"})
    ops.done("PUT", made, {"password": f"{SECRET}-2"})
    created, updated = Change.objects.filter(object_type="environments").order_by("at")
    assert (created.after["password"], updated.after) == ("set", {"password": "changed"})
    page = admin_of(root).get(f"/admin/environment/environment/{ID}/change/")
    told = [str(ops("GET", made).content), str(ops("GET", "/environments").content), page.content.decode()]
    told += [str(change.before) + str(change.after) for change in Change.objects.all()]
    assert not [text for text in told if SECRET in text]


def test_a_put_answers_with_what_others_stored_since_it_read(ops, made, monkeypatch):
    update, landed = views.environment_update, []

    def late(*args: Any, **kwargs: Any) -> Any:
        if not landed:
            landed.append(True)
            ops.done("PUT", made, {"appName": "Others"})
        return update(*args, **kwargs)

    monkeypatch.setattr(views, "environment_update", late)
    told = ops.done("PUT", made, {"tenant": "Mine"})
    assert landed
    assert told == KEPT | {"tenant": "Mine", "appName": "Others"} == ops.get(made)


def test_a_put_changes_what_is_sent_and_leaves_the_rest(ops, made):
    before = Environment.objects.get().password
    assert ops.done("PUT", made, {"traceMode": "CFGTMNone", "localTimeout": None, "id": ID}) == KEPT | {
        "traceMode": "CFGTMNone"
    }
    assert Environment.objects.get().password == before
    assert ops.get(made)["traceMode"] == "CFGTMNone"
    assert refusal(ops("PUT", made, {"id": str(uuid.uuid4())})) == (400, 2, "id")


def test_a_put_of_the_same_writes_nothing(ops, made):
    changes = Change.objects.count()
    ops.done("PUT", made, SCRIPTS)
    assert Change.objects.count() == changes


def test_an_id_that_is_taken_is_a_conflict(ops, made):
    assert refusal(ops("POST", "/environments", SCRIPTS | {"tenant": "Other"})) == (409, 18, "id")
    assert Environment.objects.get().tenant == "Environment"


def test_one_that_a_contact_center_names_is_not_deleted(ops, made):
    center = ops("POST", "/contact-centers", {"environmentId": ID, "domains": ["t900"]}).json()
    assert refusal(ops("DELETE", made))[:2] == (409, 19)
    assert Environment.objects.exists()
    ops.done("DELETE", center["path"])
    assert ops.done("DELETE", made) is None
    assert refusal(ops("DELETE", made))[:2] == (404, 6)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"id": "x"}, "id"),
        ({"id": 7}, "id"),
        ({"tenant": 7}, "tenant"),
        ({"tenant": "x" * 256}, "tenant"),
        ({"tenant": "a\nb"}, "tenant"),
        ({"password": ["x"]}, "password"),
        ({"password": "x" * 513}, "password"),
        ({"localTimeout": "60"}, "localTimeout"),
        ({"localTimeout": True}, "localTimeout"),
        ({"remoteTimeout": -1}, "remoteTimeout"),
        ({"remoteTimeout": 2**31}, "remoteTimeout"),
        ({"remoteTimeout": 1.5}, "remoteTimeout"),
        ({"tlsEnabled": "false"}, "tlsEnabled"),
        ({"traceMode": "x" * 65}, "traceMode"),
        ({"configServers": {}}, "configServers"),
        ({"configServers": ["x"]}, "configServers.0"),
        ({"configServers": [{"primaryPort": 1}]}, "configServers.0.primaryAddress"),
        ({"configServers": [{"primaryAddress": "a", "primaryPort": "1"}]}, "configServers.0.primaryPort"),
        ({"configServers": [{"primaryAddress": "a", "primaryPort": 0}]}, "configServers.0.primaryPort"),
        ({"configServers": [{"primaryAddress": "a", "primaryPort": 1, "readOnly": 0}]}, "configServers.0.readOnly"),
        (
            {"configServers": [{"primaryAddress": "a", "primaryPort": 1, "backupPort": 65536}]},
            "configServers.0.backupPort",
        ),
    ],
)
def test_a_wrong_type_names_its_field(ops, change, field):
    assert refusal(ops("POST", "/environments", SCRIPTS | change)) == (400, 2, field)
    assert not Environment.objects.exists()


def test_every_wrong_field_is_named_at_once(ops):
    answer = ops("POST", "/environments", {"tenant": 1, "tlsEnabled": 2})
    named = [each["status"]["detail"]["field"] for each in answer.json()["errors"]]
    assert named == ["tenant", "tlsEnabled"]


@pytest.mark.parametrize(
    ("raw", "code", "field"),
    [
        ("{", 2, ""),
        ('{"data": {"tenant": "a\\u0000"}}', 2, ""),
        ("[]", 2, ""),
        ("{}", 1, "data"),
        ('{"data": []}', 2, "data"),
        ('{"data": {}}', 1, "tenant"),
        ('{"data": {"tenant": "T"}, "operationId": 7}', 2, "operationId"),
    ],
)
def test_a_body_that_is_no_record_is_refused(ops, raw, code, field):
    assert refusal(ops("POST", "/environments", raw=raw)) == (400, code, field)


@pytest.mark.parametrize("key", [NOBODYS, "x", "a" * 300, ID + "%0A"])
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_an_unknown_id_is_not_found(ops, made, key, method):
    assert refusal(ops(method, f"/environments/{key}", {}))[:2] == (404, 6)


def test_a_nul_in_a_path_is_refused(ops):
    assert refusal(ops("GET", "/environments/%00"))[0] == 400


def test_the_installations_administrator_does_it_by_bearer(roots):
    assert roots.done("POST", "/environments", SCRIPTS) == KEPT
    assert Change.objects.get(object_type="environments").actor_name == "root"
    roots.done("DELETE", f"/environments/{ID}")
    assert not Environment.objects.exists()


def test_the_operation_id_is_kept_in_the_change_row(ops):
    body = '{"data": {"tenant": "T"}, "operationId": "deploy-7"}'
    assert ops("POST", "/environments", raw=body).status_code == 200
    change = Change.objects.get(object_type="environments")
    assert (change.operation_id, change.actor_kind, change.actor_name) == ("deploy-7", "ops", "ops")


def test_the_admin_makes_changes_and_deletes_one(root):
    browser = admin_of(root)
    page = browser.get("/admin/environment/environment/add/")
    sent = filled(
        page, tenant="T", new_password=SECRET, config_servers='[{"primaryAddress": "a", "primaryPort": 8888}]'
    )
    assert browser.post("/admin/environment/environment/add/", sent).status_code == 302
    row = Environment.objects.get()
    assert row.config_servers == [{"primaryAddress": "a", "primaryPort": 8888}]
    sealed, where = row.password, f"/admin/environment/environment/{row.pk}/change/"
    assert sealed
    assert browser.post(where, filled(browser.get(where), tenant="T2")).status_code == 302
    row.refresh_from_db()
    assert (row.tenant, row.password) == ("T2", sealed)
    assert browser.post(where, filled(browser.get(where), config_servers='[{"primaryPort": 1}]')).status_code == 200
    assert browser.post(where, filled(browser.get(where), config_servers="{")).status_code == 200
    assert browser.post(where, filled(browser.get(where), new_password="another", config_servers="")).status_code == 302
    row.refresh_from_db()
    assert row.password != sealed
    assert row.config_servers == []
    assert browser.post(where.replace("change", "delete"), {"post": "yes"}).status_code == 302
    assert not Environment.objects.exists()


FILE = f"""
environments:
  - id: {ID}
    tenant: Environment
    password: {SECRET}
    local-timeout: 60
    config-servers:
      - {{primary-address: conf.example.com, primary-port: 8888, locations: /USW1}}
contact-centers:
  - {{name: Nine, domains: [t900], environment-id: {ID}}}
"""


def test_a_file_makes_one_and_says_the_same_a_second_time(provision, ops):
    plan = provision(FILE)
    assert [step.action for step in plan.steps] == ["add", "add"]
    assert SECRET not in str([step.diffs for step in plan.steps])
    told = ops.get(f"/environments/{ID}")
    assert told["configServers"] == [{"primaryAddress": "conf.example.com", "primaryPort": 8888, "locations": "/USW1"}]
    sealed = Environment.objects.get().password
    assert sealed
    assert not provision(FILE.replace(SECRET, "another-one")).todo
    plan = provision(FILE.replace("60", "61"))
    assert [diff.field for step in plan.todo for diff in step.diffs] == ["local_timeout"]
    row = Environment.objects.get()
    assert (row.local_timeout, row.password) == (61, sealed)
