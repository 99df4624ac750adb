"""What is the same for all tests of a run is made once, by the worker that needs it first; the others take a copy."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
from whitenoise.middleware import WhiteNoiseMiddleware

BASE_DIR = Path(__file__).resolve().parent.parent
DATABASES = "databases"
_shared: list[Path] = []
"""The directory of this run that all workers have; none outside a test run."""

Make = Callable[[Path, str], object]
"""Fills an empty VAR_DIR and an empty database, given by its URL; ``""`` is SQLite in that directory."""


def begin(config: pytest.Config) -> None:
    """Find the directory of this run."""
    base: Path = config._tmp_path_factory.getbasetemp()  # type: ignore[attr-defined]
    # A worker's is a directory in the controller's.
    _shared[:] = [(base.parent if hasattr(config, "workerinput") else base) / "once"]


def end(config: pytest.Config) -> None:
    """Drop the databases that were copied from; whoever started the workers does."""
    listed = _shared[0] / DATABASES if _shared else None
    if listed and listed.exists() and not hasattr(config, "workerinput"):
        for url in listed.read_text(encoding="utf-8").split():
            _sql(url, 'DROP DATABASE IF EXISTS "{}" WITH (FORCE)')


def filled(name: str, var_dir: Path, database_url: str, make: Make) -> None:
    """Fill ``var_dir`` and the empty database as ``make`` does: what it made once in this run is copied.

    ``name`` tells what is made, for all workers; its keys are the same in every copy.
    """
    if not _shared:
        make(var_dir, database_url)
        return
    made, url = _made(name, database_url, make)
    shutil.copytree(made, var_dir, dirs_exist_ok=True)
    if url:
        _sql(database_url, 'DROP DATABASE "{}"')
        _sql(database_url, f'CREATE DATABASE "{{}}" TEMPLATE "{_name(url)}"')


def migrated(database_url: str) -> tuple[Path, str]:
    """A database with the whole schema and no rows but the migrations', to copy from: a SQLite file, or a URL."""
    made, url = _made("migrated", database_url, migrate)
    return made / "db.sqlite3", url


def migrate(var_dir: Path, database_url: str) -> None:
    """Have ``manage.py migrate`` fill an empty database."""
    environ = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    environ |= {"VAR_DIR": str(var_dir), "DATABASE_URL": database_url}
    command = [sys.executable, "manage.py", "migrate", "--verbosity", "0"]
    subprocess.run(command, cwd=BASE_DIR, env=environ, check=True, timeout=300)


def _made(name: str, database_url: str, make: Make) -> tuple[Path, str]:
    shared = _shared[0]
    shared.mkdir(mode=0o700, exist_ok=True)
    url = ""
    if database_url:
        name = f"{name}-in-postgres"
        # Of this run alone, and never longer than the 63 bytes of a name.
        own = hashlib.sha256(f"{shared}{name}".encode()).hexdigest()[:24]
        url = urlunsplit(urlsplit(database_url)._replace(path=f"/deskgate_once_{own}"))
    made, draft = shared / name, shared / f"{name}.draft"
    with (shared / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            # What somebody left who failed.
            shutil.rmtree(draft, ignore_errors=True)
            draft.mkdir(mode=0o700)
            if url:
                with (shared / DATABASES).open("a", encoding="utf-8") as listed:
                    listed.write(f"{url}\n")
                _sql(url, 'DROP DATABASE IF EXISTS "{}" WITH (FORCE)')
                _sql(url, 'CREATE DATABASE "{}"')
            make(draft, url)
            draft.rename(made)
    return made, url


def _name(url: str) -> str:
    return urlsplit(url).path.removeprefix("/")


def _sql(url: str, statement: str) -> None:
    """Run it with the name of the URL's database, connected to another one."""
    import psycopg

    with psycopg.connect(urlunsplit(urlsplit(url)._replace(path="/postgres")), autocommit=True) as connection:
        connection.execute(statement.format(_name(url)).encode())


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: None) -> Iterator[None]:
    """The database of this worker's tests: a copy of the migrated one, which ``migrate`` then finds complete."""
    from django.db import connection

    creation: Any = connection.creation
    create = creation._create_test_db
    file, url = migrated(os.environ.get("DATABASE_URL", "") if connection.vendor == "postgresql" else "")

    def copying(verbosity: int, autoclobber: bool, keepdb: bool = False) -> str:
        path: str = create(verbosity, autoclobber, keepdb)
        if not keepdb:
            shutil.copyfile(file, path)
        return path

    with pytest.MonkeyPatch.context() as patch:
        if url:
            patch.setitem(connection.settings_dict["TEST"], "TEMPLATE", _name(url))
        else:
            patch.setattr(creation, "_create_test_db", copying)
        yield


@pytest.fixture(scope="session", autouse=True)
def static_files_found_once() -> Iterator[None]:
    """A test client makes the middleware anew, and each of them walked all static files (0.05 s) to serve the same."""
    walk = WhiteNoiseMiddleware.add_files_from_finders
    found: dict[tuple[str | None, int | None], dict[str, Any]] = {}

    def add(middleware: WhiteNoiseMiddleware) -> None:
        known = found.setdefault((middleware.static_prefix, middleware.max_age), {})
        if not known:
            beside, middleware.files = middleware.files, known
            walk(middleware)
            middleware.files = beside
        middleware.files.update(known)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(WhiteNoiseMiddleware, "add_files_from_finders", add)
        yield
