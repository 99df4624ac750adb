"""System checks of the foundation."""

from ipaddress import ip_network
from pathlib import Path
from typing import Any

import pytest

from config import checks


def test_more_workers_than_the_stores_carry_name_the_lines_to_change(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(settings.DATABASES["default"], "ENGINE", "config.sqlite")
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    assert checks.faults_of_workers(1) == []
    database, cache = checks.faults_of_workers(2)
    assert "DATABASE_URL=" in database
    assert "CACHE_URL=" in cache
    settings.DESKGATE_WORKERS = 2
    assert [message.id for message in checks.workers_share_their_stores()] == ["deskgate.W001"] * 2


def test_trusting_every_address_is_warned_of(settings: Any) -> None:
    settings.DESKGATE_TRUSTED_PROXIES = (ip_network("10.0.0.0/8"), ip_network("0.0.0.0/0"), ip_network("::/0"))
    assert [message.id for message in checks.proxies_are_not_everybody()] == ["deskgate.W002"] * 2


def test_a_var_directory_open_to_others_is_warned_of(settings: Any, tmp_path: Path) -> None:
    settings.DESKGATE_VAR_DIR = tmp_path
    tmp_path.chmod(0o700)
    assert checks.files_are_private() == []
    tmp_path.chmod(0o755)
    assert [message.id for message in checks.files_are_private()] == ["deskgate.W003"]
