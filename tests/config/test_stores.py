"""config.stores: DATABASE_URL and CACHE_URL."""

from pathlib import Path

import pytest

from config.stores import cache_from_url, database_from_url

VAR = Path("/srv/deskgate/var")


def test_sqlite_lies_under_var_unless_the_path_is_absolute() -> None:
    assert database_from_url("", var_dir=VAR)["NAME"] == VAR / "db.sqlite3"
    assert database_from_url("sqlite:///x.sqlite3", var_dir=VAR)["NAME"] == VAR / "x.sqlite3"
    assert database_from_url("sqlite:////data/x.sqlite3", var_dir=VAR)["NAME"] == Path("/data/x.sqlite3")


def test_postgres_carries_timeouts_and_asks_for_a_writable_server() -> None:
    entry = database_from_url("postgres://u:p%40ss@db1:5432,db2:5433/desk?sslmode=verify-full", var_dir=VAR)
    assert (entry["NAME"], entry["USER"], entry["PASSWORD"]) == ("desk", "u", "p@ss")
    assert (entry["HOST"], entry["PORT"]) == ("db1,db2", "5432,5433")
    options = entry["OPTIONS"]
    assert (options["target_session_attrs"], options["sslmode"]) == ("read-write", "verify-full")
    for word in ("statement_timeout", "lock_timeout", "jit=off"):
        assert word in options["options"]
    assert entry["CONN_MAX_AGE"] is None
    assert entry["CONN_HEALTH_CHECKS"] is True


@pytest.mark.parametrize("url", ["mysql://x", "postgres://db", "postgres://u:geheim@db/x?nonsense=1", "db.sqlite3"])
def test_a_bad_database_url_is_refused_without_its_password(url: str) -> None:
    with pytest.raises(ValueError, match=r"must|is|names") as refused:
        database_from_url(url, var_dir=VAR)
    assert "geheim" not in str(refused.value)


def test_a_cache_is_memory_or_redis_with_short_timeouts() -> None:
    assert cache_from_url("")["BACKEND"].endswith("LocMemCache")
    assert cache_from_url("redis://h:6379/1")["OPTIONS"]["socket_timeout"] == 0.05
    with pytest.raises(ValueError, match="redis"):
        cache_from_url("memcached://h")
