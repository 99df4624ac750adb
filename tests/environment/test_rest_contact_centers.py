"""/environment/v3/contact-centers."""

import uuid

import pytest

from activity.models import Change
from environment.models import ContactCenter
from environment.services import contact_center_update
from tests.environment.rest import everything, refusal

NOBODYS = "00000000-0000-4000-8000-000000000000"
ID = "0f3b7c7e-8a51-4b9e-9d2b-6f1f0a3c5d11"


def told(center, **changes):
    domains = [domain.name for domain in center.domains.all()]
    return {
        "id": str(center.pk), "number": center.number, "name": center.name, "environmentId": str(center.environment_id),
        "domains": domains, "auth": "configServer", "enabled": center.enabled,
    } | changes  # fmt: skip


@pytest.mark.parametrize("slash", ["", "/"])
def test_the_scripts_contact_center_is_made_and_its_path_leads_to_it(ops, slash):
    sent = {"id": ID, "environmentId": ID, "domains": ["t300", "three.example.com"], "auth": "configServer", "new": 1}
    answer = ops("POST", f"/contact-centers{slash}", sent).json()
    made = {
        "id": ID, "number": 1, "name": "t300", "environmentId": ID, "domains": ["t300", "three.example.com"],
        "auth": "configServer", "enabled": True,
    }  # fmt: skip
    assert answer == {"status": {"code": 0}, "data": made, "path": f"/contact-centers/{ID}"}
    assert ops.get(f"/contact-centers/{ID}{slash}") == made
    assert ops.get(f"/contact-centers{slash}") == [made]


def test_what_is_not_sent_has_its_default(ops, t100):
    made = ops.done("POST", "/contact-centers", {"name": "Bare"})
    assert made == {
        "id": made["id"], "number": 101, "name": "Bare", "environmentId": made["id"], "domains": [],
        "auth": "configServer", "enabled": True,
    }  # fmt: skip


def test_an_environment_id_is_an_environments_its_own_or_a_neighbours(ops, t100):
    environment = ops.done("POST", "/environments", {"tenant": "T"})["id"]
    for known in (environment, str(t100.environment_id)):
        made = ops.done("POST", "/contact-centers", {"name": "x", "environmentId": known})
        assert made["environmentId"] == known
    unknown = {"environmentId": str(uuid.uuid4())}
    assert refusal(ops("POST", "/contact-centers", {"name": "x"} | unknown)) == (400, 10, "environmentId")
    assert refusal(ops("PUT", f"/contact-centers/{t100.pk}", unknown)) == (400, 10, "environmentId")
    assert (
        ops.done("PUT", f"/contact-centers/{t100.pk}", {"environmentId": environment})["environmentId"] == environment
    )


@pytest.mark.parametrize(
    ("change", "field"), [({"number": 100}, "number"), ({"domains": ["new", "T100"]}, "domains"), ({}, "id")]
)
def test_what_another_has_is_a_conflict_that_names_it(ops, t100, t200, change, field):
    before = everything()
    sent = {"id": str(t100.pk), "name": "x"} if field == "id" else {"name": "x"} | change
    assert refusal(ops("POST", "/contact-centers", sent)) == (409, 18, field)
    if change:
        assert refusal(ops("PUT", f"/contact-centers/{t200.pk}", change)) == (409, 18, field)
    assert everything() == before


def test_a_put_changes_what_is_sent(ops, t100):
    sent = {"id": str(t100.pk), "domains": ["one.example.com", "uno"], "enabled": False}
    assert ops.done("PUT", f"/contact-centers/{t100.pk}", sent) == told(
        t100, domains=["one.example.com", "uno"], enabled=False
    )
    change = Change.objects.filter(object_type="contact-centers", action="update").get()
    assert (change.actor_kind, change.after["enabled"]) == ("ops", False)
    assert refusal(ops("PUT", f"/contact-centers/{t100.pk}", {"id": ID})) == (400, 2, "id")


def test_one_in_use_is_not_deleted(ops, t100, t200, bob):
    assert refusal(ops("DELETE", f"/contact-centers/{t100.pk}"))[:2] == (409, 19)
    assert ops.done("DELETE", f"/contact-centers/{t200.pk}") is None
    assert list(ContactCenter.objects.all()) == [t100]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"auth": "saml"}, "auth"),
        ({"auth": ["configServer"]}, "auth"),
        ({"domains": "t300"}, "domains"),
        ({"domains": ["a", 7]}, "domains.1"),
        ({"domains": ["a", "x" * 256]}, "domains.1"),
        ({"domains": ["a\n"]}, "domains.0"),
        ({"domains": ["a\\b"]}, "domains"),
        ({"domains": ["a", "A"]}, "domains"),
        ({"number": "7"}, "number"),
        ({"number": -1}, "number"),
        ({"number": 2**31}, "number"),
        ({"number": 2**31 - 1}, "number"),
        ({"enabled": 1}, "enabled"),
        ({"name": "x" * 256}, "name"),
        ({"name": {}}, "name"),
        ({"id": "t300"}, "id"),
        ({"environmentId": 1}, "environmentId"),
    ],
)
def test_a_wrong_value_names_its_field(ops, t100, change, field):
    before = everything()
    for method, path in (("POST", "/contact-centers"), ("PUT", f"/contact-centers/{t100.pk}")):
        status, code, named = refusal(ops(method, path, {"name": "x"} | change))
        assert (status, named) == (400, field)
        assert code in (2, 10)
    assert everything() == before


@pytest.mark.parametrize("sent", [{}, {"domains": []}, {"name": ""}])
def test_one_without_domain_and_name_is_refused(ops, sent):
    assert refusal(ops("POST", "/contact-centers", sent)) == (400, 1, "domains")


@pytest.mark.parametrize("raw", ["{", "{}", '{"data": 7}', '{"data": {"name": "\\u0000"}}'])
def test_a_body_that_is_no_contact_center_is_refused(ops, t100, raw):
    assert refusal(ops("POST", "/contact-centers", raw=raw))[0] == 400
    assert refusal(ops("PUT", f"/contact-centers/{t100.pk}", raw=raw))[0] == 400


@pytest.mark.parametrize("key", [NOBODYS, "t100"])
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_an_unknown_id_is_not_found(ops, t100, key, method):
    assert refusal(ops(method, f"/contact-centers/{key}", {}))[:2] == (404, 6)


@pytest.mark.parametrize("who", ["hers", "script"])
def test_its_own_administrator_reads_it_and_changes_its_name_alone(request, who, t100, t200):
    asker = request.getfixturevalue(who)
    path = f"/contact-centers/{t100.pk}"
    assert asker.get("/contact-centers") == [told(t100)]
    assert asker.get(path) == told(t100)
    assert asker.done("PUT", path, told(t100, name="Uno")) == told(t100, name="Uno")
    assert Change.objects.filter(object_type="contact-centers", action="update").get().after == {"name": "Uno"}
    before = everything()
    for change in ({"number": 7}, {"number": 200}, {"domains": ["t200"]}, {"enabled": False}):
        assert refusal(asker("PUT", path, change))[:2] == (403, 5)
    assert refusal(asker("POST", "/contact-centers", {"name": "x"}))[:2] == (403, 5)
    assert refusal(asker("DELETE", path))[:2] == (403, 5)
    assert everything() == before


def test_another_ones_is_as_unknown_as_none(hers, t200):
    foreign, none = (hers("GET", f"/contact-centers/{key}") for key in (t200.pk, uuid.uuid4()))
    assert (foreign.status_code, foreign.content) == (none.status_code, none.content)


def test_a_disabled_contact_center_lets_its_administrators_in_no_more(hers, script, ops, t100):
    contact_center_update(t100, enabled=False)
    assert refusal(hers("GET", "/contact-centers"))[0] == 401
    assert refusal(script("GET", "/contact-centers"))[0] == 401
    assert ops.done("PUT", f"/contact-centers/{t100.pk}", {"enabled": True})["enabled"]
