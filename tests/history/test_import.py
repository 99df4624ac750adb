"""``manage.py import_history``: files of events, broken off anywhere, come in once and whole."""

from __future__ import annotations

import gzip
import json
import os
import random
import signal
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Iterator
from functools import partial
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.test import Client

from environment.models import Application, ContactCenter
from history.files import LONGEST_LINE, DamagedFile, Line, lines_of
from history.flows import imports as flow
from history.lines import Refused, Told, line_read
from history.models import Event, HistoryImport, Identity, Page, Session, Visit
from history.refused_lines import RefusedLines
from history.services import imports as service
from history.services import retrying
from history.services.events import events_take
from history.services.imports import Counted
from tests.cast import at_once, basic
from tests.flows.server import BASE_DIR, Installation, own_database
from tests.history.asking import PAIR, server

pytestmark = pytest.mark.django_db
NOW = 1_763_700_000_000
VISITS = [str(UUID(int=n)) for n in range(1, 6)]


@pytest.fixture
def gwe(t100: ContactCenter) -> Application:
    return server("GWE", t100, PAIR)


def event(number: int, **words: Any) -> dict[str, Any]:
    return {
        "visitID": VISITS[number % 5],
        "eventName": "AddToCart",
        "timestamp": NOW + number,
        "data": {"n": number},
    } | words


def written(tmp_path: Path, *lines: Any, name: str = "events.jsonl") -> Path:
    path = tmp_path / name
    texts = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
    data = b"".join(text + b"\n" for text in texts)
    path.write_bytes(gzip.compress(data) if name.endswith(".gz") else data)
    return path


def run(path: Path, *words: str, code: int = 0, application: str = "GWE") -> str:
    """What the command said; it ended with this code."""
    out = StringIO()
    ended = 0
    try:
        call_command("import_history", str(path), "--application", application, *words, stdout=out)
    except SystemExit as end:
        ended = int(str(end.code))
    assert ended == code, out.getvalue()
    return out.getvalue()


def refused(path: Path) -> list[tuple[int, str]]:
    beside = path.with_name(f"{path.name}.refused.jsonl")
    rows = [json.loads(text) for text in beside.read_text(encoding="utf-8").splitlines()]
    return [(row["line"], row["reason"]) for row in rows]


@pytest.mark.parametrize("name", ["events.jsonl", "events.jsonl.gz"])
def test_events_and_visits_come_in(gwe: Application, tmp_path: Path, name: str) -> None:
    visit = {"visitId": VISITS[0], "startDate": NOW - 5_000}
    signed = event(2, eventName="SignIn", data={"userID": "user@example.com"}, serverTimestamp=NOW + 900)
    path = written(tmp_path, b"\xef\xbb\xbf" + json.dumps(event(0)).encode(), b"", visit, signed, name=name)
    assert "4 lines: 3 stored, 0 there already, 0 refused." in run(path)
    assert not list(tmp_path.glob("*refused*"))
    assert Visit.objects.get(visit_id=VISITS[0]).started_at == NOW - 5_000
    assert Session.objects.get().identity.identity_id == "user@example.com"
    times = Event.objects.values_list("event_name", "happened_at", "received_at")
    assert set(times) == {("AddToCart", NOW, NOW), ("SignIn", NOW + 2, NOW + 900)}
    row = HistoryImport.objects.get()
    assert (row.lines_done, row.stored, row.refused, row.file_name) == (4, 3, 0, name)
    assert row.finished_at is not None


def test_a_second_run_does_nothing_and_a_restart_finds_everything_there(gwe: Application, tmp_path: Path) -> None:
    path = written(tmp_path, *map(event, range(7)), event(3, timestamp=None))
    run(path, code=3)
    assert "was imported on" in run(path)
    assert "8 lines: 0 stored, 7 there already, 1 refused" in run(path, "--restart", code=3)
    assert Event.objects.count() == 7
    assert [line for line, _reason in refused(path)] == [8]
    row = HistoryImport.objects.get()
    assert (row.lines_done, row.stored, row.duplicates, row.refused) == (8, 0, 7, 1)


def test_what_the_api_tells_comes_in_again_as_it_was(gwe: Application, t200: ContactCenter, tmp_path: Path) -> None:
    sent = [event(n, eventName=name) for n, name in enumerate(["VisitStarted", "PageEntered", "UserInfo", "Search"])]
    sent += [event(5, eventName="SignIn", data={"userID": "ada"}), event(6, pageID=VISITS[4], eventName="PageExited")]
    run(written(tmp_path, *sent))

    def told(door: str) -> list[Any]:
        api = Client()
        visits = [
            api.get(f"/history/{door}/server/data/visits/{each}", headers={"Authorization": basic(*PAIR)}).json()
            for each in VISITS[:4]
        ]
        events = [
            one
            for each in VISITS[:4]
            for one in api.get(
                f"/history/{door}/server/data/visits/{each}/events", headers={"Authorization": basic(*PAIR)}
            ).json()
        ]
        return [*visits, *events]

    first = told("GWE")
    server("Two", t200, PAIR)
    assert run(written(tmp_path, *first, name="again.jsonl"), application="Two")
    assert [each | {"activeSessionId": None} for each in told("Two")] == [
        each | {"activeSessionId": None} for each in first
    ]


def test_lines_that_cannot_be_taken_are_put_aside_with_their_reasons(gwe: Application, tmp_path: Path) -> None:
    key = str(UUID(int=77))
    long = b'{"x": "' + b"y" * LONGEST_LINE + b'"}'
    path = written(
        tmp_path, event(0, eventID=key), b"{", b"[]", {"a": 1}, {"visitId": "x"}, {"visitId": VISITS[0]},
        event(1, visitID=None), event(1, timestamp=None), event(1, timestamp="x"), long, event(1, eventID=key),
        b"\xff", event(1, eventName="SignIn"), event(2),
    )  # fmt: skip
    assert "14 lines: 2 stored, 0 there already, 12 refused (see" in run(path, code=3)
    reasons = dict(refused(path))
    assert sorted(reasons) == [2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13]
    assert reasons[2].startswith("The line is not valid JSON")
    assert "neither 'eventName'" in reasons[4]
    assert "visitId" in reasons[5]
    assert "startDate" in reasons[6]
    assert "visitID" in reasons[7]
    assert "timestamp" in reasons[8]
    assert reasons[10] == "The line is longer than 1048576 bytes."
    assert "another visit" in reasons[11]
    assert "data.userID" in reasons[13]
    beside = tmp_path / "events.jsonl.refused.jsonl"
    assert beside.stat().st_mode & 0o777 == 0o600
    assert len(beside.read_text()) < 10_000, "a long line's beginning only"
    assert HistoryImport.objects.get().refused == 12


def test_a_dry_run_writes_nothing(gwe: Application, tmp_path: Path) -> None:
    path = written(tmp_path, event(0), b"{", event(1))
    said = run(path, "--dry-run", code=3)
    assert "line 2: The line is not valid JSON" in said
    assert "3 lines: 2 would be stored" in said
    assert not Visit.objects.exists()
    assert not HistoryImport.objects.exists()
    assert not list(tmp_path.glob("*refused*"))
    assert "2 stored" in run(path, code=3)
    assert "was imported on" in run(path, "--dry-run")
    assert "0 would be stored, 2 there already" in run(path, "--dry-run", "--restart", code=3)


def test_what_cannot_be_begun_is_said_in_one_line(gwe: Application, tmp_path: Path) -> None:
    path = written(tmp_path, event(0))
    for words, told in (
        ((tmp_path / "none", "--application", "GWE"), "cannot be read"),
        ((path, "--application", "Nobody"), "there is no Web Engagement Server"),
        ((path, "--application", "GWE", "--resume"), "leave --resume away"),
        ((path, "--application", "GWE", "--refused", path), "the file itself"),
    ):
        with pytest.raises(CommandError, match=told):
            call_command("import_history", *map(str, words), stdout=StringIO())
    assert path.read_bytes()


def test_a_truncated_gzip_says_so_and_goes_on_from_where_it_ended(gwe: Application, tmp_path: Path) -> None:
    whole = written(tmp_path, *(event(n, data={"n": os.urandom(40).hex()}) for n in range(50)), name="e.jsonl.gz")
    whole.write_bytes(whole.read_bytes()[:-600])
    with pytest.raises(CommandError, match=r"damaged behind line \d+.*goes on"):
        run(whole)
    row = HistoryImport.objects.get()
    done = Event.objects.count()
    assert 5 < done == row.lines_done < 50
    assert row.finished_at is None
    with pytest.raises(CommandError, match=f"behind line {done}"):
        run(whole, "--resume")
    assert Event.objects.count() == done


def test_a_corrupt_gzip_is_a_clear_error(gwe: Application, tmp_path: Path) -> None:
    path = written(tmp_path, event(0), name="e.jsonl.gz")
    data = bytearray(path.read_bytes())
    data[20:40] = b"\x00" * 20
    path.write_bytes(data)
    with pytest.raises(CommandError, match="damaged behind line"):
        run(path)


def test_the_second_of_two_at_once_writes_nothing(gwe: Application, tmp_path: Path) -> None:
    path = written(tmp_path, event(0), event(1))
    row = service.import_begin(application=gwe, fingerprint="f", file_name=path.name)
    other = HistoryImport.objects.get()
    lines = [line_read(line, fingerprint="f") for line in lines_of(path)]
    first = [one for one in lines if isinstance(one, Told)]
    service.import_take(row, upto=1, lines=first[:1])
    with pytest.raises(service.ImportOvertaken):
        service.import_take(other, upto=2, lines=first)
    assert Event.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_lock_that_another_writer_holds_is_tried_again(
    gwe: Application, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, failures = service._lines_take, iter([True, True, False])

    def failing(*words: Any) -> Any:
        counted = real(*words)
        if next(failures):
            raise OperationalError("database is locked")
        return counted

    monkeypatch.setattr(service, "_lines_take", failing)
    monkeypatch.setattr(retrying, "sleep", lambda _seconds: None)
    path = written(tmp_path, event(0), b"{")
    assert "2 lines: 1 stored, 0 there already, 1 refused" in run(path, code=3)
    assert (Event.objects.count(), len(refused(path))) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_a_database_that_goes_away_is_said_and_the_rest_comes_later(
    gwe: Application, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = service._lines_take
    calls = iter(range(10))

    def failing(*words: Any) -> Any:
        if next(calls) == 1:
            raise OperationalError("server closed the connection")
        return real(*words)

    monkeypatch.setattr(flow, "LINES", 2)
    monkeypatch.setattr(service, "_lines_take", failing)
    path = written(tmp_path, event(0), b"{", event(1), event(2))
    with pytest.raises(CommandError, match="behind line 2: server closed"):
        run(path)
    assert "Going on behind line 2." in run(path, "--resume")
    assert (Event.objects.count(), [line for line, _reason in refused(path)]) == (3, [2])


def test_times_may_be_told_as_ago(gwe: Application, tmp_path: Path) -> None:
    path = written(tmp_path, {"visitId": VISITS[0], "startDate": 7_000}, event(0, timestamp=5_000))
    run(path, "--relative")
    began = round(HistoryImport.objects.get().started_at.timestamp() * 1_000)
    assert (Visit.objects.get().started_at, Event.objects.get().received_at) == (began - 7_000, began - 5_000)


def test_lines_that_the_purge_would_take_are_told(gwe: Application, tmp_path: Path) -> None:
    assert "2 lines are older than history/kept-days (90 days)" in run(
        written(tmp_path, event(0), event(1, timestamp=1))
    )


def test_a_long_file_is_never_in_memory(tmp_path: Path) -> None:
    path = tmp_path / "long.jsonl"
    with path.open("wb") as file:
        for _ in range(40):
            file.write(b'{"a": "' + b"x" * 900 + b'"}\n')
        file.write(b"y" * 40_000_000)
        file.write(b"\n")
        file.writelines(b'{"a": "%d"}\n' % n for n in range(200_000))
    tracemalloc.start()
    count = sum(len(batch) for batch in flow._batches(lines_of(path)))
    _now, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 200_041
    assert most < 12_000_000


def test_damage_comes_after_what_could_be_read(tmp_path: Path) -> None:
    path = written(tmp_path, *(b"x" * 100 + os.urandom(30).hex().encode() for _ in range(20)), name="x.gz")
    path.write_bytes(path.read_bytes()[:-300])
    batches = flow._batches(lines_of(path))
    assert 0 < len(next(batches)) < 20
    with pytest.raises(DamagedFile):
        next(batches)


def test_what_was_put_aside_by_a_transaction_that_never_ended_is_put_aside_once(tmp_path: Path) -> None:
    path = tmp_path / "refused.jsonl"
    killed = RefusedLines(path, fingerprint="f", upto=0)
    killed.write([Refused(1, "why", "{")])
    killed.keep()
    killed.write([Refused(5, "why", "[")])
    with RefusedLines(path, fingerprint="f", upto=4) as aside:
        aside.write([Refused(5, "tried", "[")])
        aside.write([Refused(5, "why", "["), Refused(6, "why", "]")])
        aside.keep()
        aside.write([Refused(9, "never certain", "")])
    assert [json.loads(text)["line"] for text in path.read_text().splitlines()] == [1, 5, 6]
    assert "tried" not in path.read_text()


APPLICATION = """
contact-centers:
  - {id: 7d1f0a52-30a4-4a64-9a43-0c6a0f6f2a01, number: 100, name: One, domains: [t100]}
applications:
  - {name: GWE, type: web-engagement-server, contact-center: t100}
"""


@pytest.fixture
def installed(tmp_path: Path) -> Iterator[Installation]:
    """An installation of its own, on the store that the suite runs on."""
    file = tmp_path / "application.yaml"
    file.write_text(APPLICATION, encoding="utf-8")
    var_dir = tmp_path / "var"
    var_dir.mkdir()
    url = os.environ.get("DATABASE_URL", "")
    if not url.startswith("postgres"):
        yield Installation(var_dir, files=str(file))
        return
    with own_database(url, f"import_{os.getpid()}") as own:
        yield Installation(var_dir, own, files=str(file))


SUMS = """
from history.models import Event, HistoryImport, Visit
row = HistoryImport.objects.get()
counts = sorted(Visit.objects.values_list("event_count", flat=True))
print("sums", row.lines_done, row.stored, row.duplicates, row.refused, Event.objects.count(), counts)
"""


@pytest.mark.live
@pytest.mark.slow
def test_a_killed_import_goes_on_and_nothing_is_twice_or_lost(installed: Installation, tmp_path: Path) -> None:
    lines, bad = 8_000, set(range(250, 8_000, 500))
    path = written(tmp_path, *(b"{" if n in bad else event(n) for n in range(lines)))
    beside = path.with_name("events.jsonl.refused.jsonl")
    command = [sys.executable, "manage.py", "import_history", str(path), "--application", "GWE"]
    for kills in (1, 5, 9):
        process = subprocess.Popen(command, cwd=BASE_DIR, env=installed.environ, stdout=subprocess.DEVNULL)
        end = time.monotonic() + 120
        while not beside.exists() or beside.read_bytes().count(b"\n") < kills:
            assert process.poll() is None, "it ended before it could be killed"
            assert time.monotonic() < end
            time.sleep(0.005)
        process.send_signal(signal.SIGKILL)
        assert process.wait(30) == -signal.SIGKILL
    done = subprocess.run(command, cwd=BASE_DIR, env=installed.environ, capture_output=True, text=True, check=False)
    assert done.returncode == 3, done.stdout + done.stderr
    assert "Going on behind line " in done.stdout
    stored = lines - len(bad)
    each = [sum(n not in bad for n in range(visit, lines, 5)) for visit in range(5)]
    said = installed.manage("shell", "-v", "0", "-c", SUMS)
    assert f"sums {lines} {stored} 0 {len(bad)} {stored} {sorted(each)}" in said
    assert [line for line, _reason in refused(path)] == [n + 1 for n in sorted(bad)]


def test_pages_of_an_import_are_derived_as_of_the_api(gwe: Application, tmp_path: Path) -> None:
    url = "https://shop.example.com/"
    entered = event(0, eventName="PageEntered", browserPageID="P", url=url)
    run(written(tmp_path, event(1, visitID=VISITS[0], eventName="PageExited", browserPageID="P"), entered))
    page = Page.objects.get()
    assert (page.url, page.started_at, page.ended_at) == (url, NOW, NOW + 1)


@pytest.mark.django_db(transaction=True)
def test_imports_that_cross_each_other_and_a_sender_wait_in_no_circle(
    gwe: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []
    monkeypatch.setattr(retrying, "sleep", waited.append)
    visits = [str(UUID(int=100 + n)) for n in range(12)]

    def told(fingerprint: str, chance: random.Random) -> list[Told]:
        texts = [
            json.dumps(event(n, visitID=visit, eventName="SignIn", data={"userID": f"user{who}", "name": fingerprint}))
            for visit in chance.sample(visits, len(visits))
            for n, who in enumerate(chance.sample(range(30), 6))
        ]
        lines = [line_read(Line(n, text.encode()), fingerprint=fingerprint) for n, text in enumerate(texts, 1)]
        return [line for line in lines if isinstance(line, Told)]

    def imported(fingerprint: str) -> Counted:
        row = service.import_begin(application=gwe, fingerprint=fingerprint, file_name="f")
        return service.import_take(row, upto=72, lines=told(fingerprint, random.Random(fingerprint)))

    def sent() -> None:
        chance = random.Random(3)
        for one in told("sent", chance):
            assert one.arrival is not None
            retrying.again(partial(events_take, application=gwe, visit_id=one.visit_id, arrivals=[one.arrival]))

    answers = at_once([partial(imported, "a"), partial(imported, "b"), partial(imported, "c"), sent])
    assert not [each for each in answers if isinstance(each, BaseException)], answers
    assert not waited, "somebody was in a circle"
    assert Event.objects.count() == 4 * 72


def test_a_batch_locks_visits_before_identities_each_in_one_order(
    gwe: Application, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps: list[Any] = []
    for name in ("visit_held", "identities_held", "events_take"):
        real = getattr(service, name)

        def noted(*words: Any, real: Any = real, name: str = name, **named: Any) -> Any:
            steps.append((name, sorted(words[1]) if name == "identities_held" else None))
            return real(*words, **named)

        monkeypatch.setattr(service, name, noted)
    signed = [event(n, eventName="SignIn", data={"userID": f"user{n}"}) for n in (4, 0, 2)]
    run(written(tmp_path, *signed))
    users = ["user0", "user2", "user4"]
    assert steps == [("visit_held", None)] * 3 + [("identities_held", users)] + [("events_take", None)] * 3


def test_what_only_refused_events_named_is_not_made(gwe: Application, tmp_path: Path) -> None:
    key = str(UUID(int=77))
    signed = event(1, eventID=key, eventName="SignIn", data={"userID": "nobody"})
    run(written(tmp_path, event(0, eventID=key), signed), code=3)
    assert [str(visit.visit_id) for visit in Visit.objects.all()] == [VISITS[0]]
    assert not Identity.objects.exists()


def test_refused_lines_are_written_over_no_file_of_others(gwe: Application, tmp_path: Path) -> None:
    path = written(tmp_path, b"{", event(0))
    notes, link, pipe = tmp_path / "notes.txt", tmp_path / "link", tmp_path / "pipe"
    notes.write_text("mine")
    link.symlink_to(notes)
    os.mkfifo(pipe)
    other = tmp_path / "other.jsonl"
    with RefusedLines(other, fingerprint="another", upto=0) as aside:
        aside.write([Refused(1, "why", "{")])
        aside.keep()
    before = other.read_text()
    for foreign in (notes, link, pipe, tmp_path, other):
        with pytest.raises(CommandError, match="cannot take the refused lines"):
            run(path, "--refused", str(foreign))
    assert (notes.read_text(), other.read_text()) == ("mine", before)
    assert not Event.objects.exists()
    run(path, code=3)


def test_refused_lines_are_for_their_owner_alone_again(gwe: Application, tmp_path: Path) -> None:
    path = written(tmp_path, b"{")
    run(path, code=3)
    beside = path.with_name(f"{path.name}.refused.jsonl")
    beside.chmod(0o644)
    run(path, "--restart", code=3)
    assert beside.stat().st_mode & 0o777 == 0o600
    assert [line for line, _reason in refused(path)] == [1]


def test_what_is_no_regular_file_is_refused_at_once(gwe: Application, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path in (pipe, tmp_path):
        with pytest.raises(CommandError, match="is no regular file"):
            run(path)
