"""Among a hundred thousand events the lists, searches, timelines and the purge still go by indexes."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from history.models import Event, Identity, Recognition, Session, Visit
from history.periodic import visits_left, visits_purge
from tests.admin_client import admin_of
from tests.history.rows import (
    DAY,
    make_event,
    make_identity,
    make_page,
    make_recognition,
    make_server,
    make_session,
    make_visit,
    now,
)
from tests.oauthapi.test_explain import ON_POSTGRESQL

VISITS, EVENTS_OF_EACH = 20_000, 5
LISTS = ("/admin/history/visit/", "/admin/history/identity/", "/admin/history/event/")
NUMBERS = "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {})"
UUID = "(lpad(to_hex({}), 32, '0'))::uuid" if ON_POSTGRESQL else "printf('%032x', {})"


def fill(model: Any, count: int, source: str, **columns: str) -> None:
    """Rows made by the database: a column is an SQL expression over ``n`` and over ``source``; others are empty."""
    told = {}
    for field in model._meta.local_fields:
        if field.column == "id":
            continue
        empty = "NULL" if field.null else "0" if field.get_internal_type().endswith("IntegerField") else "''"
        if field.get_internal_type() == "BooleanField":
            empty = "false"
        if field.get_internal_type() == "JSONField":
            empty = "'{}'"
        told[field.column] = columns.pop(field.column, empty)
    assert not columns
    select = f"SELECT {', '.join(told.values())} FROM {source}"
    numbers = NUMBERS.format(count)
    into = f"INSERT INTO {model._meta.db_table} ({', '.join(told)})"
    with connection.cursor() as cursor:
        cursor.execute(f"{numbers} {into} {select}" if ON_POSTGRESQL else f"{into} {numbers} {select}")


@pytest.fixture
def crowd(t100: Any, t200: Any) -> Any:
    """The other contact center's visits, one a minute until now; one of ours, which was long ago."""
    theirs = make_server(t200, "Theirs")
    last = now()
    fill(
        Visit,
        VISITS,
        "numbers",
        application_id=str(theirs.pk),
        visit_id=UUID.format("n"),
        received_at=f"{last} - n * 60000",
        started_at=f"{last} - n * 60000",
        last_at=f"{last} - n * 60000",
        event_count="5",
    )
    fill(Identity, VISITS, "numbers", application_id=str(theirs.pk), identity_id="'visitor ' || n")
    first = {model: model.objects.order_by("pk").values_list("pk", flat=True)[0] for model in (Visit, Identity)}
    pair = {"visit_id": f"{first[Visit] - 1} + n", "identity_id": f"{first[Identity] - 1} + n"}
    fill(Recognition, VISITS, "numbers", started_at=f"{last} - n * 60000", scope="'Recognized'", last_key="''", **pair)
    fill(Session, VISITS, "numbers", application_id=str(theirs.pk), session_id=UUID.format("n"), **pair)
    fill(
        apps.get_model("history.page"),
        VISITS,
        "numbers",
        application_id=str(theirs.pk),
        page_id=UUID.format("n"),
        **pair,
    )
    fill(
        Event,
        VISITS,
        "numbers, (SELECT 1 AS k UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5) AS ks",
        application_id=str(theirs.pk),
        event_id=UUID.format("n * 8 + k"),
        received_at=f"{last} - n * 60000",
        happened_at="n",
        event_name="'Looked'",
        event_type="'BUSINESS'",
        page_id=UUID.format("n"),
        **pair,
    )
    ours = make_visit(make_server(t100), ago=60 * DAY)
    ann = make_identity(ours.application)
    make_recognition(ours, ann)
    make_event(ours, page=make_page(ours), identity=ann, session=make_session(ours, ann))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return ours


def scans(call: Callable[[], object]) -> list[tuple[str, str]]:
    """(Statement, plan) of all that read one of our tables from end to end."""
    with CaptureQueriesContext(connection) as seen:
        call()
    told = [query["sql"] for query in seen if "history_" in query["sql"]]
    told = [sql for sql in told if re.match(r"SELECT|UPDATE|DELETE", sql)]
    assert told
    return [(sql, plan) for sql in told if is_scan(plan := plan_of(sql))]


def plan_of(sql: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {'' if ON_POSTGRESQL else 'QUERY PLAN '}{sql}")
        return "\n".join(str(row[0] if ON_POSTGRESQL else row[-1]) for row in cursor.fetchall())


def is_scan(plan: str) -> bool:
    if ON_POSTGRESQL:
        return "Seq Scan on history_" in plan
    # Walked in its order an index gives the first rows at once; applications are few.
    return bool(re.search(r"^SCAN (?!environment_|subquery|.* USING |\(subquery)", plan, re.MULTILINE))


def asked(browser: Any, address: str, **words: str) -> Callable[[], None]:
    def ask() -> None:
        assert browser.get(address, words).status_code == 200

    return ask


def test_lists_searches_and_pages_scan_nothing(crowd: Visit, alice: User, eve: User, root: User) -> None:
    event, ann = crowd.events.get(), Identity.objects.get(identity_id="ann@example.com")
    theirs = Visit.objects.order_by("pk").first()
    for who in (alice, eve, root):
        browser = admin_of(who)
        calls = [asked(browser, address) for address in LISTS]
        for text in (
            str(crowd.visit_id),
            str(event.event_id),
            str(event.page_id),
            "ann@example.com",
            "visitor 7",
            "no",
        ):
            calls += [asked(browser, address, q=text) for address in LISTS]
        calls += [asked(browser, LISTS[0], state=state) for state in ("open", "over")]
        calls += [asked(browser, address, application=str(crowd.application_id)) for address in LISTS]
        calls += [asked(browser, address, contact_center=str(alice.contact_center_id)) for address in LISTS]
        for row in (crowd, event, ann) if who is alice else (theirs,):
            assert row is not None
            page = f"/admin/history/{row._meta.model_name}/{row.pk}/change/"
            calls += [asked(browser, page), asked(browser, page, after="5.5")]
        for call in calls:
            assert scans(call) == []


def test_the_purge_scans_nothing_and_neither_do_the_checks_of_foreign_keys(crowd: Visit) -> None:
    Visit.objects.filter(pk__lt=crowd.pk - VISITS + 200).update(received_at=1)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    assert scans(visits_left) == []
    found = []
    with transaction.atomic():
        found += scans(visits_purge)
    assert found == []
    # What the database itself asks for each row that it deletes.
    lock = "FOR KEY SHARE OF x" if ON_POSTGRESQL else ""
    checked = 0
    for model in apps.get_app_config("history").get_models():
        for field in model._meta.local_fields:
            target = field.related_model
            if target in (Visit, Identity, Session) and getattr(field, "db_constraint", False):
                assert not is_scan(plan_of(f"SELECT 1 FROM {model._meta.db_table} x WHERE {field.column} = 7 {lock}"))
                checked += 1
    assert checked >= 9


def test_a_scan_would_be_seen(crowd: Visit) -> None:
    assert scans(lambda: list(Event.objects.filter(event_name="x").order_by()))
    assert is_scan(plan_of("SELECT 1 FROM history_event WHERE session_id = 7"))
