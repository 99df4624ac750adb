"""GET /history/{application}/strategies/{name}.scxml: who gets the deployed document, and who gets which refusal."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import jsonschema
import pytest
from django.test import Client

from accounts.models import BasicCredential, Role, User
from accounts.services.credentials import credential_create, credential_update
from environment.models import ContactCenter
from environment.services import application_update
from history.models import Strategy
from history.scxml import problems_of
from history.services.strategies import strategy_delete, strategy_update
from history.services.strategy_versions import strategy_deploy, strategy_regenerate
from oauthapi.models import ApiClient
from tests.cast import PASSWORD, basic, by_password, new_code
from tests.history.strategy_cast import PAIR, a_strategy, web_engagement

READER = ["strategies:read", "option-secrets:read"]
MACHINE = "orchestration-server"


def ask(strategy: Strategy | str, authorization: str | None = None, **headers: str) -> Any:
    path = strategy
    if isinstance(strategy, Strategy):
        path = f"/history/{strategy.application}/strategies/{strategy.name}.scxml"
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    sent = headers | ({"Authorization": authorization} if authorization else {})
    return Client(raise_request_exception=False).get(str(path), headers=sent)


def credential(center: ContactCenter, *privileges: str, name: str = MACHINE) -> str:
    """A Basic credential whose role has these privileges; its header."""
    role = Role.objects.create(name=f"FOR-{name}", contact_center=center, privileges=list(privileges))
    credential_create(BasicCredential(name=name, contact_center=center, role=role), password=PASSWORD)
    return basic(name, PASSWORD)


@pytest.fixture
def deployed(t100: ContactCenter) -> Strategy:
    strategy = a_strategy(t100)
    return strategy_deploy(strategy, version=strategy_regenerate(strategy))


def test_the_orchestration_server_gets_the_deployed_document(deployed: Strategy, t100: ContactCenter) -> None:
    answer = ask(deployed, credential(t100, *READER))
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/scxml+xml; charset=utf-8"
    assert answer["Cache-Control"] == "private, no-store"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["ETag"] == f'"{sha256(answer.content).hexdigest()}"'
    assert problems_of(answer.content) == []
    assert f"'{PAIR[1]}'" in answer.content.decode()
    assert ask(f"/history/{deployed.application}/strategies/default.scxml/", basic(MACHINE, PASSWORD)).content


def test_a_known_document_is_not_sent_again(deployed: Strategy, t100: ContactCenter) -> None:
    machine = credential(t100, *READER)
    tag = ask(deployed, machine)["ETag"]
    for known in (tag, f"W/{tag}", f'"x", {tag}', "*"):
        answer = ask(deployed, machine, If_None_Match=known)
        assert (answer.status_code, answer.content, answer["ETag"]) == (304, b"", tag)
        assert answer["Cache-Control"] == "private, no-store"
    assert ask(deployed, machine, If_None_Match='"x"').status_code == 200
    strategy_deploy(deployed, version=strategy_regenerate(deployed))
    assert ask(deployed, machine, If_None_Match=tag).status_code == 200


def test_a_rollback_is_published_at_once(deployed: Strategy, t100: ContactCenter) -> None:
    machine = credential(t100, *READER)
    first, before = deployed.deployed, ask(deployed, machine).content
    assert first
    strategy_update(deployed, pages_at_least=8)
    assert ask(deployed, machine).content == before
    strategy_deploy(deployed, version=strategy_regenerate(deployed))
    assert 'id="pagesAtLeast" expr="8"' in ask(deployed, machine).content.decode()
    strategy_deploy(deployed, version=first)
    assert ask(deployed, machine).content == before


def refused(answer: Any, status: int) -> None:
    assert answer.status_code == status, answer.content
    titles = {401: "Not Authorized", 403: "Forbidden", 404: "Not Found", 405: "Method Not Allowed"}
    body = answer.json()
    assert list(body) == ["code", "title", "description"]
    assert (body["code"], body["title"]) == (status, titles[status])
    assert answer["Cache-Control"] == "no-store"
    assert PAIR[1] not in answer.content.decode()
    assert ("WWW-Authenticate" in answer) == (status == 401)


def test_nobody_and_whoever_proves_himself_otherwise_is_asked_for_the_pair(
    deployed: Strategy, t100: ContactCenter, desk: ApiClient, alice: User, root: User
) -> None:
    credential(t100, *READER)
    credential_create(BasicCredential(name="ops"), password=PASSWORD)
    token = by_password(desk, alice)["access_token"]
    for authorization in (
        None,
        basic(MACHINE, "wrong-password"),
        basic("nobody", PASSWORD),
        basic("ops", PASSWORD),
        basic(str(alice), PASSWORD),
        basic(*PAIR),
        basic("desk"),
        f"Bearer {token}",
        "Basic ???",
    ):
        answer = ask(deployed, authorization)
        refused(answer, 401)
        assert answer["WWW-Authenticate"].startswith('Basic realm="')
    assert new_code(desk, root)


@pytest.mark.parametrize(
    "privileges",
    [(), ("strategies:read",), ("strategies:administer",), ("option-secrets:read",), ("history:administer",)],
)
def test_a_role_without_both_privileges_is_not_enough(
    deployed: Strategy, t100: ContactCenter, privileges: tuple[str, ...]
) -> None:
    refused(ask(deployed, credential(t100, *privileges)), 403)


def test_a_higher_level_includes_reading(deployed: Strategy, t100: ContactCenter) -> None:
    assert ask(deployed, credential(t100, "strategies:write", "option-secrets:read")).status_code == 200


def test_another_contact_center_finds_nothing(deployed: Strategy, t200: ContactCenter) -> None:
    refused(ask(deployed, credential(t200, *READER)), 404)


def test_what_is_not_deployed_or_not_there_is_not_found(deployed: Strategy, t100: ContactCenter) -> None:
    machine = credential(t100, *READER)
    draft = a_strategy(t100, "Draft_Server")
    strategy_regenerate(draft)
    refused(ask(draft, machine), 404)
    for path in ("/history/nobody/strategies/default.scxml", f"/history/{draft.application}/strategies/x.scxml"):
        refused(ask(path, machine), 404)
    application_update(deployed.application, enabled=False)
    refused(ask(deployed, machine), 404)
    application_update(deployed.application, enabled=True)
    assert ask(deployed, machine).status_code == 200
    strategy_delete(deployed)
    refused(ask(deployed, machine), 404)


def test_a_credential_switched_off_is_refused_on_the_next_call(deployed: Strategy, t100: ContactCenter) -> None:
    machine = credential(t100, *READER)
    assert ask(deployed, machine).status_code == 200
    row = BasicCredential.objects.get(name=MACHINE)
    row.enabled = False
    credential_update(row)
    refused(ask(deployed, machine), 401)


def test_two_applications_strategies_of_one_name_are_kept_apart(deployed: Strategy, t100: ContactCenter) -> None:
    other = a_strategy(t100, "Other_Server", user="other")
    strategy_deploy(other, version=strategy_regenerate(other))
    machine = credential(t100, *READER)
    assert "'apiuserid'" in ask(deployed, machine).content.decode()
    assert "'other'" in ask(other, machine).content.decode()


def test_only_reading_is_offered(deployed: Strategy, t100: ContactCenter) -> None:
    machine = credential(t100, *READER)
    path = f"/history/{deployed.application}/strategies/default.scxml"
    http = Client(raise_request_exception=False)
    for method in ("post", "put", "patch", "delete"):
        answer = getattr(http, method)(path, headers={"Authorization": machine})
        refused(answer, 405)
        assert "GET" in answer["Allow"]
    head = http.head(path, headers={"Authorization": machine})
    assert (head.status_code, head.content) == (200, b"")


def test_names_with_blanks_and_letters_of_any_kind_lead_there(t100: ContactCenter) -> None:
    strategy = a_strategy(t100, "Web Engagement Ä")
    strategy_deploy(strategy, version=strategy_regenerate(strategy))
    machine = credential(t100, *READER)
    assert ask("/history/Web%20Engagement%20%C3%84/strategies/default.scxml", machine).status_code == 200
    assert web_engagement(t100, "Empty_Server").pk


def test_the_schema_tells_it(deployed: Strategy, t100: ContactCenter) -> None:
    schema = Client().get("/schema/").json()
    operation = schema["paths"]["/history/{application}/strategies/{name}.scxml"]["get"]
    assert operation["security"] == [{"pair": []}]
    assert set(operation["responses"]) == {"200", "304", "400", "401", "403", "404", "503"}
    assert operation["responses"]["200"]["content"] == {"application/scxml+xml": {"schema": {"type": "string"}}}
    body = ask(deployed).json()
    shape = operation["responses"]["401"]["content"]["application/json"]["schema"]
    jsonschema.validate(body, shape | {"components": schema["components"]})
