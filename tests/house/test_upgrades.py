"""An installation of the last release: its rows come along, and its code goes on beside the new schema."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models.signals import pre_migrate
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import FailureCounter, Role
from environment.models import Installation

LANDED = [
    ("accounts", "0001_initial"),
    ("activity", "0001_initial"),
    ("environment", "0002_installation_row"),
    ("oauthapi", "0001_initial"),
]
"""What the first landing has."""
SECOND = [
    ("accounts", "0005_no_newline_ends_a_name"),
    ("activity", "0002_searchable"),
    ("environment", "0004_no_newline_ends_a_name"),
    ("oauthapi", "0002_say_what_may_introspect_means"),
    ("screenrec", None),
]
"""What the second one has."""
THIRD = [
    ("accounts", "0008_names_end_visibly"),
    ("activity", "0002_searchable"),
    ("environment", "0004_no_newline_ends_a_name"),
    ("oauthapi", "0002_say_what_may_introspect_means"),
    ("screenrec", "0001_initial"),
    ("history", None),
]
"""What the third one has."""
FOURTH = [
    ("accounts", "0010_privileges_of_history"),
    ("activity", "0002_searchable"),
    ("environment", "0004_no_newline_ends_a_name"),
    ("oauthapi", "0002_say_what_may_introspect_means"),
    ("screenrec", "0001_initial"),
    ("history", "0003_history_imports"),
    ("twofactor", None),
]
"""What the fourth one has."""
OF_TWO_FACTOR = ["two-factor:administer", "customers:administer", "two-factor-sessions:administer"]
# As the code of the last release writes it: it knows neither "name" nor "address".
COUNTS = (
    "INSERT INTO accounts_failurecounter (kind, subject, failures, window_ends_at) VALUES (%s, %s, 1, %s)"
    " ON CONFLICT DO NOTHING"
)


on_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="of PostgreSQL")


def migrate(targets: Sequence[tuple[str, str | None]]) -> None:
    MigrationExecutor(connection).migrate(targets)


def newest() -> list[tuple[str, str]]:
    return MigrationExecutor(connection).loader.graph.leaf_nodes()


@pytest.fixture
def landed(transactional_db: None) -> Iterator[None]:
    """The last release's schema; afterwards the newest again."""
    try:
        migrate(LANDED)
        yield
    finally:
        migrate(newest())


def count(kind: str, subject: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(COUNTS, [kind, subject, timezone.now()])


def indexes(table: str) -> set[str]:
    with connection.cursor() as cursor:
        return set(connection.introspection.get_constraints(cursor, table))


@pytest.mark.django_db
def test_the_last_release_goes_on_counting_failures_on_the_new_schema() -> None:
    count("client", "desk from 192.0.2.1")
    row = FailureCounter.objects.get()
    assert (row.failures, row.name, row.address) == (1, "", "")


def test_counters_of_the_last_release_are_named(landed: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(import_module("accounts.migrations.0003_name_the_counted"), "CHUNK", 2)
    told = {
        ("pair", "t100\\one from two from ::1"): ("t100\\one from two", "::1"),
        ("account", "t100\\one from two"): ("t100\\one from two", ""),
        ("address", "clients from ::1"): ("", "::1"),
        ("client", "desk from 192.0.2.1"): ("desk", "192.0.2.1"),
        ("credential", f"{'x' * 255} from ::1"): ("x" * 255, "::1"),
    }
    for kind, subject in told:
        count(kind, subject)
    migrate(newest())
    rows = FailureCounter.objects.all()
    assert {(row.kind, row.subject): (row.name, row.address) for row in rows} == told
    assert indexes("accounts_failurecounter") >= {"failure_counter_by_name", "failure_counter_by_address"}
    assert "session_by_address" in indexes("accounts_session")


def test_indexes_of_large_tables_are_built_and_dropped_without_a_lock(landed: None) -> None:
    """And only those: who reads or writes meanwhile meets no lock."""
    with CaptureQueriesContext(connection) as seen:
        migrate(newest())
        migrate(LANDED)
    large = {"activity_change", "activity_securityevent", "accounts_failurecounter", "accounts_session"}
    touched = [query["sql"] for query in seen if re.match(r"(CREATE|DROP) INDEX", query["sql"])]
    built = [sql for sql in touched if any(f'ON "{table}"' in sql for table in large)]
    named = {"change_by_object_name", "change_by_address", "change_by_action", "event_by_outcome",
             "failure_counter_by_name", "failure_counter_by_address", "session_by_address"}  # fmt: skip
    if connection.vendor == "postgresql":
        assert all(" INDEX CONCURRENTLY " in sql for sql in built), built
        assert {sql.split('"')[1] for sql in touched if sql.startswith("DROP INDEX CONCURRENTLY")} >= named
    assert {sql.split('"')[1] for sql in built} >= named


@on_postgresql
def test_a_build_that_was_broken_off_is_done_again(landed: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE INDEX session_by_address ON accounts_session (address, last_seen_at DESC)")
        cursor.execute("CREATE INDEX change_by_address ON activity_change (id)")
        cursor.execute("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'change_by_address'::regclass")
        cursor.execute("SELECT 'session_by_address'::regclass::oid")
        complete = cursor.fetchone()
    migrate(newest())
    with connection.cursor() as cursor:
        cursor.execute("SELECT 'session_by_address'::regclass::oid")
        assert cursor.fetchone() == complete
        cursor.execute(
            "SELECT indisvalid, pg_get_indexdef(indexrelid) FROM pg_index"
            " WHERE indexrelid = 'change_by_address'::regclass"
        )
        is_valid, definition = cursor.fetchone()
    assert is_valid
    assert definition.endswith("(address, id DESC)")


def test_the_built_in_roles_come_beside_those_that_are_there(transactional_db: None) -> None:
    migrate(SECOND)
    try:
        Role.objects.all().delete()
        Role.objects.create(name="Supervisor", contact_center=None, privileges=["users:write"])
        migrate(newest())
        shared = Role.objects.filter(contact_center=None)
        assert sorted(shared.values_list("name", flat=True)) == ["Administrator", "Agent", "Supervisor"]
        assert shared.get(name="Supervisor").privileges == ["users:write"]
        assert "basic-credentials:administer" in shared.get(name="Administrator").held_privileges()
    finally:
        migrate(newest())


def test_who_administered_all_of_a_contact_center_still_does(transactional_db: None) -> None:
    """Else he could no longer hand on the built-in Administrator, which has the new privileges too."""
    check_full_roles(THIRD, ["history:administer", "strategies:administer"], later=OF_TWO_FACTOR)


def test_who_administered_all_before_two_factor_still_does(transactional_db: None) -> None:
    # The fixture's roles are those of the first landing: the privileges of history come on the way.
    migrate(THIRD)
    check_full_roles(FOURTH, OF_TWO_FACTOR)


def check_full_roles(landing: Sequence[tuple[str, str | None]], new: list[str], later: Sequence[str] = ()) -> None:
    """Roles that hold all privileges of a landing get the new ones, and those of later landings."""
    migrate(landing)
    try:
        before = Role.objects.get(name="Administrator", contact_center=None).privileges
        assert not set(new) & set(before)
        Role.objects.create(name="ROLE_FULL", privileges=[*before, "of-somebody-else:use"])
        Role.objects.create(name="ROLE_PART", privileges=before[1:])
        stamp = Installation.objects.get(pk=1).config_stamp
        migrate(newest())
        added = [*new, *later]
        assert Role.objects.get(name="Administrator", contact_center=None).privileges == [*before, *added]
        assert Role.objects.get(name="ROLE_FULL").privileges == [*before, "of-somebody-else:use", *added]
        assert Role.objects.get(name="ROLE_PART").privileges == before[1:]
        assert Installation.objects.get(pk=1).config_stamp != stamp
    finally:
        migrate(newest())


def limits() -> tuple[str, str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('statement_timeout'), current_setting('lock_timeout')")
        return cursor.fetchone()


@on_postgresql
@pytest.mark.django_db
def test_migrations_wait_for_a_lock_no_longer_than_requests_but_may_work_longer() -> None:
    seen: list[tuple[str, str]] = []

    def look(**words: Any) -> None:
        seen.append(limits())

    before = limits()
    pre_migrate.connect(look)
    try:
        call_command("migrate", verbosity=0)
    finally:
        pre_migrate.disconnect(look)
    assert set(seen) == {("0", "5s")}
    assert limits() == before == ("30s", "5s")
