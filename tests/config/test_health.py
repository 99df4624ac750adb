"""``/livez`` and ``/readyz``."""

from typing import Any

import pytest
from django.db import OperationalError, connection
from django.test import Client

from config import health
from config.keyring import new_ring_text


def test_livez_asks_no_database(client: Client) -> None:
    # Without the django_db mark any statement would fail this test.
    response = client.get("/livez")
    assert (response.status_code, response.json()) == (200, {"status": "ok"})
    assert response["Cache-Control"] == "no-store"


@pytest.mark.django_db
def test_readyz_is_200_when_every_part_works(client: Client) -> None:
    response = client.get("/readyz")
    assert response.status_code == 200
    assert response.json() == {
        "status": "ok",
        "failed": [],
        "parts": {"database": "ok", "migrations": "ok", "keys": "ok"},
    }


@pytest.mark.django_db
def test_readyz_names_the_part_that_fails_and_nothing_more(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def down() -> None:
        raise OperationalError("password geheim of db.internal refused")

    monkeypatch.setitem(health.PARTS, "database", down)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert response.json()["failed"] == ["database"]
    assert b"geheim" not in response.content


@pytest.mark.django_db
def test_readyz_is_503_while_a_migration_waits(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_migrated", set())
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'sessions'")
    assert client.get("/readyz").json()["failed"] == ["migrations"]


@pytest.mark.django_db
def test_the_answer_about_migrations_is_kept_once_it_is_yes(
    client: Client, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    monkeypatch.setattr(health, "_migrated", set())
    client.get("/readyz")
    with django_assert_num_queries(1):
        client.get("/readyz")


@pytest.mark.django_db
def test_readyz_follows_a_changed_key_ring(client: Client, settings: Any) -> None:
    settings.DESKGATE_KEYS = new_ring_text("later")
    assert client.get("/readyz").status_code == 200
    settings.DESKGATE_KEYS = "later:AAAA"
    assert client.get("/readyz").json()["failed"] == ["keys"]


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
def test_other_methods_are_405(client: Client, path: str) -> None:
    response = client.post(path)
    assert (response.status_code, response["Allow"]) == (405, "GET, HEAD")


def test_a_probe_by_the_machines_address_is_answered(client: Client) -> None:
    assert client.get("/livez", headers={"host": "10.1.2.3:8000"}).status_code == 200
