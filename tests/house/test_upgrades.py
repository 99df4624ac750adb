"""An installation of the last release: its rows come along, and its code goes on beside the new schema."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from accounts.models import FailureCounter

LANDED = [
    ("accounts", "0001_initial"),
    ("activity", "0001_initial"),
    ("environment", "0002_installation_row"),
    ("oauthapi", "0001_initial"),
]
"""What the last release has."""
# As the code of the last release writes it: it knows neither "name" nor "address".
COUNTS = (
    "INSERT INTO accounts_failurecounter (kind, subject, failures, window_ends_at) VALUES (%s, %s, 1, %s)"
    " ON CONFLICT DO NOTHING"
)


def migrate(targets: list[tuple[str, str]]) -> None:
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
