"""/auth/v3/ops/clients at the same moment: real threads with real connections, on SQLite and on PostgreSQL."""

from typing import Any

import pytest

from activity.models import Change
from oauthapi.client_secrets import secret_matches
from oauthapi.models import ApiClient
from oauthapi.services import clients as services
from tests.cast import CALLBACK, at_once
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
