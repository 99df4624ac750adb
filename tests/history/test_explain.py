"""A page costs the same however many rows there are: what the database says itself, on either store."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db import connection

from environment.models import Application
from history.models import Identity, Visit
from tests.history.visiting import ADA, VISIT, event, get, guid, send, visitor
from tests.oauthapi.test_explain import Statements

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
ON_POSTGRESQL = connection.vendor == "postgresql"
PAGE = 100
MOST_BUFFERS = 130
"""Touched blocks of 8 KiB: for each of 101 rows its own, and some of the index."""
LISTS = {
    "events of an identity": (visitor(ADA, "/events"), "history_event", "event_by_identity"),
    "events of a visit": (f"/visits/{VISIT}/events", "history_event", "event_by_visit"),
    "pages of an identity": (visitor(ADA, "/pages"), "history_page", "page_by_identity"),
    "pages of a visit": (f"/visits/{VISIT}/pages", "history_page", "page_by_visit"),
    "sessions of an identity": (visitor(ADA, "/sessions"), "history_session", "visit_session_by_identity"),
    "sessions of a visit": (f"/visits/{VISIT}/sessions", "history_session", "visit_session_by_visit"),
    "visits of an identity": (visitor(ADA, "/visits"), "history_recognition", "recognition_by_start"),
}


def fill(begin: int, end: int, few: tuple[int, int]) -> None:
    """Events up to ``end``, a tenth of them ada's, another of one visit; and ``few`` of all else, by quarters."""
    if begin == 0:
        sent = [event("SignIn", guid(1), 1, data={"userID": ADA}), event("PageEntered", guid(2), 2, pageID=guid(3))]
        assert send(VISIT, *sent).status_code == 201
        assert send(guid(7), event("SignIn", guid(8), 1, data={"userID": "somebody"})).status_code == 201
    ada, other = (Identity.objects.get(identity_id=name).pk for name in (ADA, "somebody"))
    home = Visit.objects.get(visit_id=VISIT).pk
    copy("history_visit", *few, visit_id=guid_of(1), started_at="started_at + n", received_at="received_at + n")
    least = Visit.objects.order_by("pk").last().pk - few[1]  # type: ignore[union-attr]
    apart = f"(CASE WHEN n % {{}} = 1 THEN {home} ELSE {least} + 1 + n % {few[1] - few[0]} + {few[0]} END)"
    whose = f"(CASE WHEN n % {{}} = 0 THEN {ada} ELSE {other} END)"
    copy("history_event", begin, end, event_id=guid_of(2), visit_id=apart.format(10), identity_id=whose.format(10),
         received_at="received_at + n / 3", happened_at="happened_at + n")  # fmt: skip
    for table, column, kind in (("history_page", "page_id", 3), ("history_session", "session_id", 4)):
        columns: dict[str, Any] = {column: guid_of(kind), "visit_id": apart.format(4), "identity_id": whose.format(4)}
        copy(table, *few, started_at="started_at + n / 3", **columns)
    copy("history_recognition", *few, visit_id=f"{least} + n", identity_id=whose.format(4),
         started_at="started_at + n / 3")  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def guid_of(kind: int) -> str:
    """SQL of a GUID for each n."""
    begin = f"{kind}{'0' * 21}"
    return f"('{begin}' || lpad(n::text, 10, '0'))::uuid" if ON_POSTGRESQL else f"'{begin}' || printf('%010d', n)"


def copy(table: str, begin: int, end: int, **apart: str) -> None:
    """Rows like the table's first one; ``apart`` is the SQL of the columns that differ by n."""
    with connection.cursor() as cursor:
        columns = [each.name for each in connection.introspection.get_table_description(cursor, table)]
        names = [each for each in columns if each != "id"]
        numbers = (
            f"generate_series({begin + 1}, {end}) AS numbers(n)" if ON_POSTGRESQL
            else f"(WITH RECURSIVE numbers(n) AS (SELECT {begin + 1} UNION ALL SELECT n + 1 FROM numbers "
            f"WHERE n < {end}) SELECT n FROM numbers)"
        )  # fmt: skip
        if ON_POSTGRESQL:
            # A million rows' foreign keys would be looked up one by one; they are right as they are made.
            cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(names)}) SELECT {', '.join(apart.get(name, name) for name in names)} "
            f"FROM {numbers}, (SELECT * FROM {table} ORDER BY id LIMIT 1) AS first"
        )
        if ON_POSTGRESQL:
            cursor.execute("SET LOCAL session_replication_role = origin")


def deep(path: str, share: int) -> str:
    """A cursor three eighths down, or three thousand rows."""
    cursor: dict[str, str] = {}
    for _ in range(3):
        answer = get(path, page_size=min(1_000, share // 8), **cursor)
        cursor = {"page_start": answer["Paging-Next"]}
    return cursor["page_start"]


def explained(call: Callable[[], Any], table: str) -> tuple[str, int]:
    """(the plan of the statement that reads a page of this table, without figures; its touched blocks, 0 on SQLite)."""
    statements = Statements()
    with connection.execute_wrapper(statements):
        answer = call()
    assert answer.status_code == 200, answer.content
    assert len(answer.json()) == PAGE
    seen: list[Any] = [each for each in statements.seen if "LIMIT 101" in each[0] and f'FROM "{table}"' in each[0]]
    [(sql, params)] = seen
    with connection.cursor() as cursor:
        if not ON_POSTGRESQL:
            cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
            return "\n".join(str(row[-1]) for row in cursor.fetchall()), 0
        cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {sql}", params)
        [[told]] = cursor.fetchall()
    plan = (json.loads(told) if isinstance(told, str) else told)[0]["Plan"]
    return "\n".join(lines(plan)), plan["Shared Hit Blocks"] + plan["Shared Read Blocks"]


def lines(plan: dict[str, Any], depth: int = 0) -> list[str]:
    words = [plan.get(name, "") for name in ("Node Type", "Relation Name", "Index Name", "Index Cond", "Filter")]
    line = "  " * depth + " ".join(re.sub(r"'\d+'::bigint|\b\d+\b", "?", word) for word in words if word)
    return [line, *(each for inner in plan.get("Plans", ()) for each in lines(inner, depth + 1))]


def judged(events: int, others: int) -> dict[tuple[str, str], str]:
    """The plans of each list's first page and of a deep one: each is one walk of the one index, and bounded."""
    plans = {}
    for name, (path, table, index) in LISTS.items():
        share = events // 10 if "events" in name else others // 4
        for place, query in (("first", {}), ("deep", {"page_start": deep(path, share)})):
            plan, buffers = explained(partial(get, path, page_size=PAGE, **query), table)
            told = f"{name}, {place} page: {buffers} blocks\n{plan}"
            assert index in plan, told
            for word in ("Seq Scan", "Sort", "TEMP B-TREE", "Bitmap", "Hash"):
                assert word not in plan, told
            assert not re.search(rf"SCAN {table}", plan), told
            # The mark is where the index is entered, not a filter over everything before it.
            entered = r"ROW\(\w+, \w+\) > ROW\(\?, \?\)" if ON_POSTGRESQL else r"_at>\?|_at,\w+\)>\(\?,\?\)"
            assert bool(re.search(entered, plan)) is (place == "deep"), told
            assert buffers <= MOST_BUFFERS, told
            plans[name, place] = plan
    return plans


def test_a_page_is_one_walk_of_one_index(shop: Application) -> None:
    fill(0, 10_000, (0, 10_000))
    judged(10_000, 10_000)


@pytest.mark.skipif(not ON_POSTGRESQL, reason="of PostgreSQL; SQLite plans by rules that no size changes")
def test_a_page_costs_the_same_at_ten_thousand_and_at_a_million_events(shop: Application) -> None:
    fill(0, 10_000, (0, 10_000))
    few = judged(10_000, 10_000)
    fill(10_000, 1_000_000, (10_000, 100_000))
    assert judged(1_000_000, 100_000) == few
