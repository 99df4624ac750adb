"""System checks of the foundation. All are warnings: an error would also stop ``migrate``; ``serve`` refuses itself."""

import stat
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core import checks

Apps = Sequence[AppConfig] | None

SQLITE_LINE = "DATABASE_URL=postgres://deskgate@127.0.0.1:5432/deskgate"
REDIS_LINE = "CACHE_URL=redis://127.0.0.1:6379/0"


def faults_of_workers(workers: int) -> list[str]:
    """What forbids that many web processes, one line each, naming the line to change; empty when nothing does."""
    faults = []
    if workers > 1 and settings.DATABASES["default"]["ENGINE"] == "config.sqlite":
        faults.append(f"{workers} web processes do not share SQLite. Set {SQLITE_LINE} or WORKERS=1.")
    if workers > 1 and settings.CACHES["default"]["BACKEND"].endswith("LocMemCache"):
        faults.append(f"{workers} web processes do not share a cache in memory. Set {REDIS_LINE} or WORKERS=1.")
    return faults


@checks.register(checks.Tags.database)
def workers_share_their_stores(app_configs: Apps = None, **kwargs: Any) -> list[checks.CheckMessage]:
    """deskgate.W001: more web processes are configured than the stores carry."""
    return [checks.Warning(fault, id="deskgate.W001") for fault in faults_of_workers(settings.DESKGATE_WORKERS)]


@checks.register(checks.Tags.security)
def proxies_are_not_everybody(app_configs: Apps = None, **kwargs: Any) -> list[checks.CheckMessage]:
    """deskgate.W002: a trusted network that holds every address lets any caller choose his own address."""
    return [
        checks.Warning(f"TRUSTED_PROXIES holds {network}: any caller can forge his address.", id="deskgate.W002")
        for network in settings.DESKGATE_TRUSTED_PROXIES
        if network.prefixlen == 0
    ]


@checks.register(checks.Tags.security)
def files_are_private(app_configs: Apps = None, **kwargs: Any) -> list[checks.CheckMessage]:
    """deskgate.W003: other accounts of this machine can read the key file or the database."""
    directory = Path(settings.DESKGATE_VAR_DIR)
    if directory.is_dir() and stat.S_IMODE(directory.stat().st_mode) & 0o077:
        return [checks.Warning(f"{directory} is open to others. Run: chmod 700 {directory}", id="deskgate.W003")]
    return []
