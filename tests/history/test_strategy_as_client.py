"""A strategy is a client of the History API: its pair is compared, copied to, and tried."""

from __future__ import annotations

import re
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.models import User
from config.principal import Principal
from environment.findings import findings, findings_for
from environment.models import Application, ContactCenter
from history.models import Strategy
from history.services.clients import copies_of, copy_to_clients
from history.services.strategies import strategy_create, strategy_password_plain, strategy_update
from history.services.strategy_versions import strategy_deploy, strategy_regenerate
from tests.admin_client import admin_of
from tests.config.listening import listening
from tests.history.asking import PAIR, USER, WORD, server

pytestmark = pytest.mark.django_db


@pytest.fixture
def gwe(t100: ContactCenter) -> Application:
    return server("GWE", t100, PAIR)


def told() -> list[tuple[str, str]]:
    return [(one.level, one.words) for one in findings()]


def test_a_strategy_that_sends_another_pair_is_named_beside_the_server(gwe: Application) -> None:
    strategy = strategy_create(application=gwe, user=USER, password="another-word-22")
    ((level, words),) = told()
    assert level == "fault"
    assert "engagement strategy “GWE default”" in words
    assert "Web Engagement Server “GWE” (not the same: password)" in words
    with pytest.raises(SystemExit) as ended:
        call_command("check_config", stdout=StringIO())
    assert ended.value.code == 1
    strategy_update(strategy, password=WORD)
    assert told() == []


def test_copy_to_clients_reaches_strategies_of_this_door_only(gwe: Application, t100: ContactCenter) -> None:
    strategy = strategy_create(application=gwe)
    other = strategy_create(application=server("Beside", t100))
    (copy,) = copies_of(gwe)
    assert copy_to_clients(gwe, copies=[copy], reason="seed") == [copy]
    strategy, other = (Strategy.objects.get(pk=each.pk) for each in (strategy, other))
    assert (strategy.user, strategy_password_plain(strategy)) == PAIR
    assert other.user == ""


def test_what_is_deployed_with_another_pair_is_a_fault_and_with_other_words_a_warning(gwe: Application) -> None:
    strategy = strategy_create(application=gwe, user=USER, password=WORD)
    strategy_deploy(strategy, version=strategy_regenerate(strategy))
    assert told() == []
    strategy = strategy_update(Strategy.objects.get(pk=strategy.pk), pages_at_least=9)
    ((level, words),) = told()
    assert (level, "other properties" in words) == ("warning", True)
    strategy_update(Strategy.objects.get(pk=strategy.pk), password="another-word-22")
    assert [level for level, words in told() if "sends other credentials" in words] == ["fault"]


def test_the_probe_finds_the_strategy_by_door_and_name(gwe: Application, t100: ContactCenter) -> None:
    with pytest.raises(CommandError, match="no such engagement strategy"):
        call_command("history_probe", "--as", "strategy", stderr=StringIO(), stdout=StringIO())
    strategy_create(application=gwe, user=USER, password=WORD, base_url="http://127.0.0.1:9/server/data")
    words = ("--application", "GWE", "--allow", "127.0.0.1")
    assert "http://127.0.0.1:9/server/data: connection refused" in refused_probe(*words)


def refused_probe(*words: str) -> str:
    said = StringIO()
    with pytest.raises(SystemExit):
        call_command("history_probe", "--as", "strategy", *words, stdout=said, stderr=said)
    assert WORD not in said.getvalue()
    return said.getvalue()


def test_the_address_of_the_properties_is_no_leave_to_go_there(gwe: Application) -> None:
    with listening(b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n") as there:
        strategy_create(application=gwe, user=USER, password=WORD, base_url=f"http://127.0.0.1:{there.port}/x")
        assert "--allow" in refused_probe()
        assert there.connections == 0
        call_command("history_probe", "--as", "strategy", "--allow", "127.0.0.1", stdout=StringIO())
        call_command("history_probe", "--as", "strategy", "--url", f"http://127.0.0.1:{there.port}", stdout=StringIO())


def test_the_probe_fails_while_the_deployed_version_sends_another_pair(gwe: Application) -> None:
    with listening(b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n") as there:
        words = ("--url", f"http://127.0.0.1:{there.port}/x")
        strategy = strategy_create(application=gwe, user=USER, password="another-word-22")
        strategy_deploy(strategy, version=strategy_regenerate(strategy))
        strategy = strategy_update(Strategy.objects.get(), password=WORD)
        told = "the deployed version 1 sends other credentials than these: regenerate and deploy it."
        assert told in refused_probe(*words)
        strategy_deploy(strategy, version=strategy_regenerate(strategy))
        strategy_update(Strategy.objects.get(), pages_at_least=9)
        call_command("history_probe", "--as", "strategy", *words, stdout=StringIO())


def test_who_sends_to_another_server_is_named_and_not_ticked(gwe: Application, alice: User) -> None:
    strategy_create(application=gwe, name="here")
    strategy_create(application=gwe, name="away", base_url="https://elsewhere.example.com/server/data")
    page = admin_of(alice).get(f"/admin/environment/application/{gwe.pk}/page/copy-to-clients/").content.decode()
    assert "which sends it to https://elsewhere.example.com/server/data" in page
    boxes = re.findall(r"<input type=\"checkbox\"[^>]*>", page)
    assert [" checked" in box for box in boxes] == [False, True]


def test_a_finding_is_told_to_who_may_see_all_that_it_names(gwe: Application, t100: ContactCenter) -> None:
    strategy_create(application=gwe, user=USER, password="another-word-22")
    server("Beside", t100, PAIR)

    def seen(*privileges: str, everywhere: bool = False) -> list[str]:
        asking = Principal(
            kind="user", name="x", everywhere=everywhere, contact_center_ids=frozenset({t100.pk}),
            privileges=frozenset(privileges),
        )  # fmt: skip
        return [one.words for one in findings_for(asking)]

    assert seen("applications:read") == []
    assert ["engagement strategy" in words for words in seen("applications:read", "strategies:read")] == [True]
    everything = seen("applications:read", "strategies:read", everywhere=True)
    assert [("default-application" in words) for words in sorted(everything)] == [True, False]
