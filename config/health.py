"""``/livez`` and ``/readyz`` for balancers. Neither tells a secret, neither asks Redis or SMTP."""

import logging
import secrets
from collections.abc import Callable, Mapping

from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, JsonResponse

from config.encryption import ring, seal, unseal

logger = logging.getLogger(__name__)
PLACE = {"purpose": "health", "table": "health", "field": "canary", "row": "0"}

# Migrations are never taken back under a running server, so "all applied" stays true once seen.
_migrated: set[str] = set()


class NotReady(Exception):
    """A part says no; the words go to the log."""


def database_answers() -> None:
    """Raise unless the database answers a statement."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        cursor.fetchone()


def migrations_are_applied() -> None:
    """Raise NotReady while a migration waits."""
    name = str(connection.settings_dict["NAME"])
    if name in _migrated:
        return
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise NotReady("migrations wait")
    _migrated.add(name)


def keys_open_what_they_seal() -> None:
    """Raise unless the key ring seals and opens."""
    probe = secrets.token_hex(8)
    if unseal(seal(probe, **PLACE), **PLACE) != probe.encode():
        raise NotReady(f"key ring {ring().ids} does not open what it seals")


PARTS: dict[str, Callable[[], None]] = {
    "database": database_answers,
    "migrations": migrations_are_applied,
    "keys": keys_open_what_they_seal,
}


def livez(request: HttpRequest) -> JsonResponse:
    """``{"status": "ok"}``: the process answers. Asks nothing else, so a slow database does not get it killed."""
    return _answer(request, {"status": "ok"}, 200)


def readyz(request: HttpRequest) -> JsonResponse:
    """200 when every part works, else 503 with the failing parts' names."""
    states = {name: _state_of(name, part) for name, part in PARTS.items()}
    failed = [name for name, state in states.items() if state != "ok"]
    body = {"status": "unavailable" if failed else "ok", "failed": failed, "parts": states}
    return _answer(request, body, 503 if failed else 200)


def _state_of(name: str, part: Callable[[], None]) -> str:
    try:
        part()
    except Exception:
        logger.warning("readyz: %s failed", name, exc_info=True)
        return "failed"
    return "ok"


def _answer(request: HttpRequest, body: Mapping[str, object], status: int) -> JsonResponse:
    if request.method not in {"GET", "HEAD"}:
        refused = {"status": "method not allowed"}
        return JsonResponse(refused, status=405, headers={"Allow": "GET, HEAD", "Cache-Control": "no-store"})
    return JsonResponse(body, status=status, headers={"Cache-Control": "no-store"})
