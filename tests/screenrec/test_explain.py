"""At a hundred thousand ended sessions the look-ups, the job and the admin's list still go by indexes."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from accounts.models import User
from environment.models import Place
from screenrec.models import RecorderSession
from screenrec.periodic import expire, sessions_purge
from tests.activity.test_explain import opened
from tests.admin_client import admin_of
from tests.oauthapi.test_explain import ON_POSTGRESQL, Statements
from tests.screenrec.desktop import ME, SEAT, Desktop

ENDED = 100_000
LIST = "/admin/screenrec/recordersession/"
TABLE = "screenrec_recordersession"


@pytest.fixture
def crowded(desktop: Desktop, carl: User, places: dict[str, Place]) -> Desktop:
    """Bob's and carl's open sessions among those of the last weeks, copied from one that bob ended; he pings."""
    desktop.log_in(SEAT)
    desktop.log_out()
    names = [str(field.column) for field in RecorderSession._meta.local_fields if field.column != "id"]
    before = "{} - n * interval '20 seconds'" if ON_POSTGRESQL else "datetime({}, '-' || (20 * n) || ' seconds')"
    apart = {name: before.format(name) for name in ("logged_in_at", "ended_at")}
    apart |= {"key_hash": "'key ' || n", "address": "'10.0.' || n % 200 || '.' || n % 250"}
    copied = [apart.get(name, name) for name in names]
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {ENDED}) "
            f"INSERT INTO {TABLE} ({', '.join(names)}) SELECT {', '.join(copied)} FROM {TABLE}, numbers"
            if ON_POSTGRESQL
            else f"INSERT INTO {TABLE} ({', '.join(names)}) WITH RECURSIVE numbers(n) AS "
            f"(SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {ENDED}) "
            f"SELECT {', '.join(copied)} FROM {TABLE}, numbers"
        )
        cursor.execute("ANALYZE")
    Desktop(carl).log_in()
    desktop.log_in(SEAT)
    desktop.ping()
    return desktop


def plan_of(sql: str, params: Any) -> str:
    """What the database would do, left to itself."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {'' if ON_POSTGRESQL else 'QUERY PLAN '}{sql}", params)
        return "\n".join(str(row[0] if ON_POSTGRESQL else row[-1]) for row in cursor.fetchall())


def plans(call: object) -> str:
    statements = Statements()
    with connection.execute_wrapper(statements):
        call()  # type: ignore[operator]
    return "\n".join(plan_of(sql, params) for sql, params in statements.seen if TABLE in sql)


def test_everything_goes_by_an_index_among_a_hundred_thousand(crowded: Desktop, alice: User, root: User) -> None:
    assert RecorderSession.objects.count() == ENDED + 3
    end = {"operationName": "EndContactCenterSession"}
    calls = {
        "by key": lambda: crowded.ping(),
        "by agent": lambda: crowded.ask("GET", "/ping", pair=True),
        "login": lambda: crowded.log_in(SEAT),
        "job": expire,
        "purge": lambda: sessions_purge(),
        "logout": lambda: crowded.ask("POST", ME, end),
    }
    for name, call in calls.items():
        told = plans(call)
        assert told, name
        if name == "job":
            assert "recorder_session_by_ended" in told or "recorder_session_open_once" in told, told
        assert f"Seq Scan on {TABLE}" not in told, (name, told)
        assert f"SCAN {TABLE}\n" not in f"{told}\n", (name, told)
        # An order by the login's time would read every ended session on the way to an open one.
        assert "recorder_session_by_login" not in told, (name, told)
    for browser in (admin_of(alice), admin_of(root)):
        for asked in ({}, {"q": "t100\\bob"}, {"q": "127.0.0.1"}, {"q": "10.0.0.7"}):
            told = plans(lambda browser=browser, asked=asked: opened(browser, LIST, **asked))
            assert f"Seq Scan on {TABLE}" not in told, (asked, told)
            assert f"SCAN {TABLE}" not in told, (asked, told)
            assert "recorder_session_by_login" not in told, (asked, told)
        for state in ("ended", "all"):
            statements = Statements()
            with connection.execute_wrapper(statements):
                opened(browser, LIST, state=state)
            # As many as a page or a bounded count takes: reading on stops there.
            assert all("LIMIT" in sql for sql, _ in statements.seen if TABLE in sql)
