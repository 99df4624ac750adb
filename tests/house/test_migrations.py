"""Migrations: none missing, all apply from empty, and back."""

from __future__ import annotations

import re

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from tests.house.conftest import Place

OURS = ("activity", "environment", "accounts", "oauthapi", "screenrec", "history", "twofactor")


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


@pytest.mark.django_db
def test_this_store_has_all_of_them() -> None:
    executor = MigrationExecutor(connection)
    assert not executor.migration_plan(executor.loader.graph.leaf_nodes())


@pytest.mark.slow
def test_they_apply_from_empty_and_a_second_time_do_nothing(place: Place) -> None:
    assert place.manage("migrate", "--verbosity", "0").returncode == 0
    again = place.manage("migrate")
    assert "No migrations to apply" in again.stdout
    assert place.manage("check", "--database", "default", "--fail-level", "WARNING").returncode == 0


def test_each_says_what_it_does() -> None:
    names = [name for app, name in MigrationLoader(None).disk_migrations if app in OURS]
    assert not [name for name in names if re.search(r"_auto_|_alter_\w+_and_more$", name)]


def test_ours_make_every_model_of_oauth_and_theirs_only_one_empty_table() -> None:
    state = MigrationLoader(None).project_state()
    swapped = {"application", "accesstoken", "refreshtoken", "grant", "idtoken"}
    assert all(state.models["oauth2_provider", name].options.get("swappable") for name in swapped)
