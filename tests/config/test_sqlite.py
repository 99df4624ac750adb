"""config.sqlite: writers of one process queue on a lock of their own."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import DatabaseError, OperationalError, transaction
from django.db.utils import ConnectionHandler

from config.sqlite.base import DatabaseWrapper
from config.stores import database_from_url

# The files are of these tests alone; the mark only lifts pytest-django's guard.
pytestmark = pytest.mark.django_db


@pytest.fixture
def database(tmp_path: Path) -> Iterator[DatabaseWrapper]:
    entry = database_from_url("sqlite:///lock.sqlite3", var_dir=tmp_path)
    entry["OPTIONS"]["timeout"] = 0.3
    handler = ConnectionHandler({"default": entry})
    wrapper = handler["default"]
    assert isinstance(wrapper, DatabaseWrapper)
    wrapper.inc_thread_sharing()
    wrapper.cursor().execute("CREATE TABLE counted (n INTEGER)")
    wrapper.cursor().execute("INSERT INTO counted VALUES (0)")
    yield wrapper
    wrapper.close()


def second(first: DatabaseWrapper, timeout: float = 10.0) -> DatabaseWrapper:
    options = dict(first.settings_dict["OPTIONS"], timeout=timeout)
    return DatabaseWrapper(dict(first.settings_dict, OPTIONS=options), "second")


def begin(database: DatabaseWrapper) -> None:
    database.set_autocommit(False, force_begin_transaction_with_broken_autocommit=True)


def test_the_measured_pragmas_are_set(database: DatabaseWrapper) -> None:
    def pragma(name: str) -> object:
        return database.cursor().execute(f"PRAGMA {name}").fetchone()[0]

    assert (pragma("journal_mode"), pragma("synchronous"), pragma("foreign_keys")) == ("wal", 2, 1)


def test_many_threads_lose_no_write(database: DatabaseWrapper) -> None:
    failed: list[BaseException] = []

    def add() -> None:
        mine = second(database)
        try:
            for _ in range(25):
                begin(mine)
                count = mine.cursor().execute("SELECT n FROM counted").fetchone()[0]
                mine.cursor().execute("UPDATE counted SET n = %s", [count + 1])
                mine.commit()
                mine.set_autocommit(True)
        except BaseException as error:  # noqa: BLE001 - told by the assertion below
            failed.append(error)
        finally:
            mine.close()

    threads = [threading.Thread(target=add) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed
    assert database.cursor().execute("SELECT n FROM counted").fetchone()[0] == 200


def test_a_writer_that_waits_too_long_is_told_that_the_database_is_locked(database: DatabaseWrapper) -> None:
    other = second(database, timeout=0.2)
    begin(database)
    with pytest.raises(OperationalError, match="database is locked"):
        begin(other)
    database.rollback()
    begin(other)
    other.rollback()
    other.close()


@pytest.mark.parametrize("end", ["rollback", "close"])
def test_the_lock_comes_back_however_a_transaction_ends(database: DatabaseWrapper, end: str) -> None:
    begin(database)
    getattr(database, end)()
    other = second(database, timeout=0.2)
    begin(other)
    other.rollback()
    other.close()


def test_a_begin_that_fails_keeps_no_lock(database: DatabaseWrapper, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "transaction_mode", "NONSENSE")
    with pytest.raises(DatabaseError):
        begin(database)
    other = second(database, timeout=0.2)
    begin(other)
    other.rollback()
    other.close()


@pytest.mark.django_db(transaction=True)
def test_an_atomic_block_of_django_gives_the_lock_back() -> None:
    connection = transaction.get_connection()
    if connection.vendor != "sqlite":
        pytest.skip("DATABASE_URL names PostgreSQL")
    with pytest.raises(RuntimeError), transaction.atomic():
        raise RuntimeError
    with transaction.atomic():
        assert connection._held is not None
    assert connection._held is None
