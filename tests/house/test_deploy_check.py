"""``check --deploy`` in production settings has nothing to say."""

from __future__ import annotations

import secrets

import pytest

from config.keyring import new_ring_text
from tests.house.conftest import Place


def production() -> dict[str, str]:
    return {
        "DESKGATE_MODE": "production",
        "PUBLIC_URL": "https://auth.example.com",
        "SECRET_KEY": secrets.token_urlsafe(48),
        "DESKGATE_KEYS": new_ring_text(),
        "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none",
        "CACHE_URL": "redis://127.0.0.1:1/0",
    }


@pytest.mark.slow
def test_production_settings_are_clean(place: Place) -> None:
    done = place.manage("check", "--deploy", "--fail-level", "WARNING", **production())
    assert done.returncode == 0, done.stderr
    assert "no issues" in done.stdout


@pytest.mark.slow
def test_only_the_warnings_we_answer_for_are_silenced(place: Place) -> None:
    done = place.manage("check", "--deploy", **production())
    from django.conf import settings

    assert f"({len(settings.SILENCED_SYSTEM_CHECKS)} silenced)" in done.stdout + done.stderr


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
