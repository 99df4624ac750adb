"""A live server for other people's clients."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.flows.people import Person
from tests.flows.server import Installation, Listener, own_database


def _cache_beside(url: str) -> str:
    """Another database of the same Redis, so that no bucket is shared with the tests that run beside."""
    found = re.search(r"/(\d+)$", url)
    return re.sub(r"/\d+$", f"/{(int(found[1]) + 7) % 16}", url) if found else url


@contextmanager
def _installed(tmp_path_factory: pytest.TempPathFactory, name: str) -> Iterator[Installation]:
    var_dir = tmp_path_factory.mktemp(name)
    url = os.environ.get("DATABASE_URL", "")
    cache = _cache_beside(os.environ.get("CACHE_URL", ""))
    if not url.startswith("postgres"):
        yield Installation(var_dir, cache_url=cache)
        return
    with own_database(url, f"{name}_{os.getpid()}") as own:
        yield Installation(var_dir, own, cache)


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """An installation with the cast, on the store that the suite runs on."""
    with _installed(tmp_path_factory, "live") as made:
        yield made


@pytest.fixture(scope="module")
def another(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """An installation of this module's own, to serve with another PUBLIC_URL than ``live`` has: on SQLite one server
    alone may use the data."""
    with _installed(tmp_path_factory, "another") as made:
        yield made


@pytest.fixture(scope="session")
def live(installation: Installation) -> Iterator[str]:
    """The address of a running server."""
    with installation.serve() as url:
        yield url


@pytest.fixture
def person(live: str) -> Person:
    """Somebody with an empty cookie jar."""
    return Person(live)


@pytest.fixture
def listener() -> Iterator[Listener]:
    """The application's end of the redirect."""
    listening = Listener()
    yield listening
    listening.close()
