"""The demo's files of this room: read by the commands that a user runs, twice without a difference, and taken away."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from environment.demo import demo_rows
from environment.management.commands.demo_remove import Command as _Command
from environment.models import Application
from history.models import Event, HistoryImport, Identity, Visit
from tests.cast import basic
from tests.house.conftest import ROOT, SERVER

pytestmark = pytest.mark.django_db
PAIR = ("apiuserid", "demo-history-1!")
FILE = ROOT / "demo/web-engagement.jsonl"


@pytest.fixture(autouse=True)
def demo_mode(settings: Any) -> None:
    settings.DESKGATE_MODE = "demo"


def set_up() -> str:
    """What ``make run`` does before it serves."""
    out = StringIO()
    call_command("provision", str(ROOT / "demo"), "--yes", stdout=out)
    call_command("import_history", str(FILE), "--application", SERVER, "--relative", stdout=out)
    return out.getvalue()


def get(path: str) -> Any:
    return Client().get(f"/server/data{path}", headers={"Authorization": basic(*PAIR)})


def test_there_is_something_to_read_behind_the_pair() -> None:
    set_up()
    assert Client().get("/server/data/identities").status_code == 401
    who = get("/identities/user@example.com?include_visits=true").json()
    assert (who["name"], who["visitScope"], len(who["visitIds"])) == ("Uma User", "Authenticated", 3)
    assert {each["identityId"] for each in get("/identities").json()} == {"user@example.com", "ada@example.com"}
    assert Visit.objects.filter(recognitions=None).count() == 2, "anonymous ones"
    events = get("/identities/user@example.com/events?age=604800").json()
    assert {"SignIn", "PageEntered", "AddToCart", "CartAbandoned"} <= {each["eventName"] for each in events}
    times = [each["serverTimestamp"] for each in events]
    now = timezone.now().timestamp() * 1_000
    assert times == sorted(times)
    assert now - 7 * 86_400_000 < times[0] < times[-1] < now


def test_a_second_set_up_changes_nothing() -> None:
    set_up()
    before = list(Event.objects.order_by("pk").values())
    said = set_up()
    assert "0 to add, 0 to change" in said
    assert "was imported on" in said
    assert list(Event.objects.order_by("pk").values()) == before
    assert HistoryImport.objects.get().refused == 0


def test_every_client_of_the_demo_has_what_the_server_demands() -> None:
    set_up()
    out = StringIO()
    call_command("check_config", stdout=out)
    assert "disagree" not in out.getvalue()
    assert "Web_Engagement_Server" not in out.getvalue()


def test_a_production_start_names_it_and_demo_remove_takes_all_of_it() -> None:
    set_up()
    assert "Web_Engagement_Server" in {str(row) for row in demo_rows()}
    call_command(_Command(), "--yes", stdout=StringIO())
    assert not any(model.objects.exists() for model in (Application, Visit, Event, Identity, HistoryImport))
