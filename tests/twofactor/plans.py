"""What the database says of the way it would go."""

from __future__ import annotations

import re
from collections.abc import Callable

from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.oauthapi.test_explain import ON_POSTGRESQL


def scans(call: Callable[[], object]) -> list[str]:
    """Plans of statements that read one of the room's tables as it lies; walking an index in order is none."""
    with CaptureQueriesContext(connection) as seen:
        call()
    told = [query["sql"] for query in seen if "twofactor_" in query["sql"] and query["sql"].startswith("SELECT")]
    assert told
    return [plan for plan in map(_plan, told) if re.search(_SCAN, plan, re.MULTILINE)]


_SCAN = r"Seq Scan on twofactor_" if ON_POSTGRESQL else r"^SCAN twofactor_\w+(?! USING)\s*$"


def _plan(sql: str) -> str:
    with connection.cursor() as cursor:
        if ON_POSTGRESQL:
            # Few rows would make any planner scan: forbid it what it can do without.
            cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(f"EXPLAIN {'' if ON_POSTGRESQL else 'QUERY PLAN '}{sql}")
        return "\n".join([sql, *(str(row[0] if ON_POSTGRESQL else row[-1]) for row in cursor.fetchall())])
