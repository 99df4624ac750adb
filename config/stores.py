"""Database and cache from their URLs, with the settings that were measured (docs/performance.md)."""

import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

# Milliseconds; a request that waits longer answers 503.
STATEMENT_TIMEOUT = 30_000
LOCK_TIMEOUT = 5_000
IDLE_IN_TRANSACTION_TIMEOUT = 60_000
CONNECT_TIMEOUT = 3  # seconds
SQLITE_TIMEOUT = 10  # seconds
REDIS_TIMEOUT = 0.05  # seconds
# Django's default of 300 would throw request-rate buckets out while they are needed (config.rates).
MEMORY_CACHE_ENTRIES = 20_000


def database_from_url(url: str, *, var_dir: Path) -> dict[str, Any]:
    """Return Django's DATABASES entry. Empty or ``sqlite:///path`` is SQLite (default ``var_dir/db.sqlite3``),
    ``postgres://`` anything libpq reads, several hosts too. Raises ValueError in words that quote no password."""
    scheme = url.partition(":")[0]
    if not url or scheme == "sqlite":
        return _sqlite(url.removeprefix("sqlite://").removeprefix("/"), var_dir)
    if scheme in {"postgres", "postgresql"}:
        return _postgres(url)
    raise ValueError("must begin with postgres:// or sqlite:///")


def cache_from_url(url: str) -> dict[str, Any]:
    """Return Django's CACHES entry: memory of the process, or Redis. Nothing in it is needed for a check to hold."""
    if not url:
        return {
            "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
            "LOCATION": "deskgate",
            "OPTIONS": {"MAX_ENTRIES": MEMORY_CACHE_ENTRIES},
        }
    if urlsplit(url).scheme not in {"redis", "rediss", "unix"}:
        raise ValueError("must begin with redis://, rediss:// or unix://")
    return {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": url,
        "KEY_PREFIX": "deskgate",
        "OPTIONS": {"socket_timeout": REDIS_TIMEOUT, "socket_connect_timeout": REDIS_TIMEOUT},
    }


def _sqlite(name: str, var_dir: Path) -> dict[str, Any]:
    path = var_dir / (name or "db.sqlite3")
    return {
        "ENGINE": "config.sqlite",
        "NAME": path,
        "CONN_MAX_AGE": None,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": SQLITE_TIMEOUT,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON",
        },
        # On disk, because threads of one shared-memory database answer "table is locked"; per process, so that
        # several test runs may go at once.
        "TEST": {"NAME": str(var_dir / f"test-{os.getpid()}.sqlite3")},
    }


def _postgres(url: str) -> dict[str, Any]:
    # Inside, because an installation on SQLite never needs libpq.
    from psycopg import ProgrammingError
    from psycopg.conninfo import conninfo_to_dict

    try:
        parts = conninfo_to_dict(url)
    except ProgrammingError:
        raise ValueError("is not a URL that libpq reads") from None
    name = parts.pop("dbname", None)
    if not name:
        raise ValueError("names no database")
    session = {
        "statement_timeout": STATEMENT_TIMEOUT,
        "lock_timeout": LOCK_TIMEOUT,
        "idle_in_transaction_session_timeout": IDLE_IN_TRANSACTION_TIMEOUT,
        "jit": "off",
    }
    given = str(parts.pop("options", "") or "")
    entry = {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": name,
        "USER": parts.pop("user", "") or "",
        "PASSWORD": parts.pop("password", "") or "",
        "HOST": parts.pop("host", "") or "",
        "PORT": parts.pop("port", "") or "",
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
    }
    # Later words win in libpq: what the URL says comes last.
    words = " ".join([*(f"-c {key}={value}" for key, value in session.items()), given]).strip()
    defaults = {
        "connect_timeout": CONNECT_TIMEOUT,
        "target_session_attrs": "read-write",
        "application_name": "deskgate",
    }
    return entry | {"OPTIONS": defaults | parts | {"options": words}}
