"""``check --deploy`` in production settings has nothing to say, and no more is silenced than is answered for."""

from __future__ import annotations

import json
import re
import secrets
import shutil
import sys

import pytest
from django.conf import settings

from config.keyring import new_ring_text
from tests import once
from tests.house.conftest import Place

SILENCED = ["oauth2_provider.W001", "oauth2_provider.W002", "oauth2_provider.W008"]
"""Legacy grants and http redirect URIs: oauthapi/checks.py names the clients instead."""


def production(**more: str) -> dict[str, str]:
    return {
        "DESKGATE_MODE": "production",
        "PUBLIC_URL": "https://auth.example.com",
        "SECRET_KEY": secrets.token_urlsafe(48),
        "DESKGATE_KEYS": new_ring_text(),
        "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none",
        "CACHE_URL": "redis://127.0.0.1:1/0",
    } | more


def test_exactly_three_warnings_are_silenced_by_id() -> None:
    assert settings.SILENCED_SYSTEM_CHECKS == SILENCED


@pytest.mark.slow
def test_production_settings_are_clean(place: Place) -> None:
    done = place.manage("check", "--deploy", "--fail-level", "WARNING", **production())
    assert done.returncode == 0, done.stderr
    assert "no issues (3 silenced)" in done.stdout


@pytest.mark.slow
def test_what_is_silenced_would_be_said_and_nothing_else(place: Place) -> None:
    """With the list emptied, Django and the toolkit say these three: none is silenced for nothing."""
    words = (
        "import os, json; os.environ['DJANGO_SETTINGS_MODULE'] = 'config.settings'; import django; django.setup(); "
        "from django.conf import settings; settings.SILENCED_SYSTEM_CHECKS = []; from django.core import checks; "
        "print(json.dumps(sorted(m.id for m in checks.run_checks(include_deployment_checks=True) if m.level >= 30)))"
    )
    done = place.run(sys.executable, "-c", words, timeout=120, **production())
    assert json.loads(done.stdout) == SILENCED, done.stderr


@pytest.mark.slow
def test_an_empty_production_database_is_clean(place: Place) -> None:
    own = production(DATABASE_URL="", WORKERS="1", CACHE_URL="")
    shutil.copyfile(once.migrated("")[0], place.var_dir / "db.sqlite3")
    done = place.manage("check", "--deploy", "--fail-level", "WARNING", **own)
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    assert set(re.findall(r"\(([a-z_0-9]+\.[WIE]\d+)\)", said)) == {"deskgate.I011", "deskgate.I012"}


@pytest.mark.slow
def test_who_does_not_speak_for_the_subdomains_hears_djangos_warnings(place: Place) -> None:
    done = place.manage("check", "--deploy", "--fail-level", "WARNING", **production(HSTS_SUBDOMAINS="false"))
    assert done.returncode == 1
    assert set(re.findall(r"[a-z_0-9]+\.W\d+", done.stderr)) == {"security.W005", "security.W021"}


@pytest.mark.slow
def test_development_says_what_production_would_want(place: Place) -> None:
    done = place.manage("check", "--deploy", "--fail-level", "WARNING")
    assert done.returncode == 1
    assert "security.W" in done.stderr


def test_production_without_anything_names_all_that_is_missing(place: Place) -> None:
    done = place.manage("check", DESKGATE_MODE="production")
    assert done.returncode == 2
    for name in ("SECRET_KEY", "DESKGATE_KEYS", "PUBLIC_URL"):
        assert f"{name}: missing" in done.stderr
