"""An agent's machine, and real HTTP servers on this one, which know nothing of Deskgate, in place of the others."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.db import connection

from screenrec import options
from tests.config.listening import Listening, listening
from tests.screenrec.central import Central, central
from tests.screenrec.desktop import put


@pytest.fixture(autouse=True)
def service(db: None) -> None:
    """On an agent's machine: no directory of its own, and this machine's addresses are listed, over http too."""
    put(options.ROLE, "srs")
    put(options.ALLOWED_SERVERS, "127.0.0.1")
    put(options.ALLOW_HTTP, "true")
    put(options.RWS_TIMEOUT, "1")


@pytest.fixture
def first() -> Iterator[Central]:
    with central() as made:
        yield made


@pytest.fixture
def peer() -> Iterator[Central]:
    with central() as made:
        yield made


@pytest.fixture
def listener() -> Iterator[Listening]:
    """Something that listens without speaking HTTP."""
    with listening(b"220 mail.example.com ESMTP\r\n") as made:
        yield made


@pytest.fixture
def every_column(db: None) -> Callable[[], str]:
    """All rows of all tables as one text."""

    def read() -> str:
        found = []
        with connection.cursor() as cursor:
            for table in connection.introspection.table_names():
                cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
                found.append(repr(cursor.fetchall()))
        return "\n".join(found)

    return read
