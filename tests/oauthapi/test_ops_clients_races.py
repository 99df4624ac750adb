"""/auth/v3/ops/clients at the same moment: real threads with real connections, on SQLite and on PostgreSQL."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from activity.models import Change
from environment.models import ContactCenter
from environment.services import contact_center_delete
from oauthapi.client_secrets import secret_is_present, secret_matches
from oauthapi.models import ApiClient
from oauthapi.services import clients as services
from oauthapi.services.clients import client_create, client_secret_rotate, client_update
from tests.cast import CALLBACK, SECRET, alter, at_once
from tests.oauthapi.ops import Asker, ops_asker

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("wide_gate")]

THREADS = 6


@pytest.fixture
def ops(signing_keys) -> Asker:
    asker = ops_asker()
    assert asker.get().status_code == 200  # the credential's proof is remembered
    return asker


def answers(calls: list) -> list[Any]:
    told = at_once(calls)
    assert not [each for each in told if isinstance(each, BaseException)], told
    assert all(each.status_code < 500 for each in told), [each.content for each in told]
    return told


def test_of_creates_of_one_id_at_once_exactly_one_succeeds_and_the_others_are_409(ops):
    for turn in range(4):
        names = [f"client{turn}", f"CLIENT{turn}"] * (THREADS // 2)
        told = answers([lambda name=name: ops.post({"client_id": name, "redirectURIs": [CALLBACK]}) for name in names])
        assert sorted(each.status_code for each in told) == [200] + [409] * (THREADS - 1)
        assert {each.json()["status"]["code"] for each in told} == {0, 18}
        assert Change.objects.filter(object_type="api-clients", action="create").count() == turn + 1


def test_puts_of_different_fields_at_once_are_all_kept(ops, make_client):
    for turn in range(4):
        make_client(f"c{turn}")
        changes = [{"name": "N"}, {"description": "D"}, {"redirectURIs": [f"{CALLBACK}/2"]}, {"client_secret": "other"},
                   {"accessTokenExpirationTimeout": 60}, {"authorities": ["ROLE_A"]}]  # fmt: skip
        told = answers([lambda one=one, turn=turn: ops.put(f"c{turn}", one) for one in changes])
        assert {each.status_code for each in told} == {200}
        record = ops.get(f"c{turn}").json()["data"]
        for change in changes:
            assert "client_secret" in change or record.items() >= change.items()
        assert secret_matches(ApiClient.objects.get(client_id=f"c{turn}"), "other")


def test_a_put_keeps_what_others_changed_after_it_read_the_client(ops, make_client, monkeypatch):
    """The same without luck: the other change lands between this one's reading and its writing."""
    make_client("c")
    encode = services.secret_encode
    landed: list[int] = []

    def while_hashing(secret: str) -> str:
        if not landed:
            landed.append(1)
            landed.append(ops.put("c", {"name": "Other", "redirectURIs": [f"{CALLBACK}/2"]}).status_code)
        return encode(secret)

    monkeypatch.setattr(services, "secret_encode", while_hashing)
    assert ops.put("c", {"description": "Mine", "client_secret": "other"}).json()["data"].items() >= {
        "name": "Other", "description": "Mine", "redirectURIs": [f"{CALLBACK}/2"]
    }.items()  # fmt: skip
    assert landed == [1, 200]


def test_deletes_and_puts_at_once_answer_200_or_404(ops, make_client):
    for turn in range(4):
        make_client(f"c{turn}")
        calls = [lambda turn=turn: ops.delete(f"c{turn}"), lambda turn=turn: ops.put(f"c{turn}", {"name": "N"})]
        told = answers(calls * (THREADS // 2))
        assert {each.status_code for each in told} <= {200, 404}
        assert [each.status_code for each in told[::2]].count(200) == 1
        assert Change.objects.filter(object_type="api-clients", action="delete").count() == turn + 1
    assert not ApiClient.objects.exists()


def test_a_copy_read_earlier_neither_loses_a_new_secret_nor_breaks_a_rule_between_fields(spa):
    """Two callers read the client; what the second one did not touch is judged and kept as the first one left it."""
    first, second = ApiClient.objects.get(pk=spa.pk), ApiClient.objects.get(pk=spa.pk)
    first.client_type = ApiClient.Type.CONFIDENTIAL
    client_update(first, secret=SECRET)
    second.name = "Renamed"
    client_update(second)
    now = ApiClient.objects.get(pk=spa.pk)
    assert (now.name, now.client_type, secret_is_present(now, SECRET)) == ("Renamed", "CONFIDENTIAL", True)
    third, fourth = ApiClient.objects.get(pk=spa.pk), ApiClient.objects.get(pk=spa.pk)
    third.grants = [*third.grants, "client_credentials"]
    client_update(third)
    fourth.client_type = ApiClient.Type.PUBLIC
    with pytest.raises(ValidationError, match="client_credentials"):
        client_update(fourth)
    fifth = ApiClient.objects.get(pk=spa.pk)
    alter(spa, client_type="PUBLIC", grants=["authorization_code"])
    with pytest.raises(ValidationError, match="public client has no secret"):
        client_update(fifth, secret="another-secret")


def test_a_contact_center_that_is_gone_is_told_by_its_field(ops, t200):
    client = ApiClient(client_id="late", name="late", redirect_uris=[CALLBACK], owner=t200)
    gone = ContactCenter.objects.get(pk=t200.pk)
    contact_center_delete(t200)
    with pytest.raises(ValidationError) as refused:
        client_create(client_id="late", name="late", redirect_uris=[CALLBACK], owner_id=gone.pk, contact_centers=[gone])
    assert {"owner"} <= set(refused.value.error_dict)
    assert client.pk is None


def test_a_client_made_public_meanwhile_gets_no_new_secret(desk):
    copy = ApiClient.objects.get(pk=desk.pk)
    alter(desk, client_type="PUBLIC", secret_hash="", grants=["authorization_code"])
    with pytest.raises(ValidationError, match="public client has no secret"):
        client_secret_rotate(copy, keep_previous=timedelta())
    assert ApiClient.objects.get(pk=desk.pk).secret_hash == ""
