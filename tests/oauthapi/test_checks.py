"""Our own deployment checks, where django-oauth-toolkit's warnings about legacy grants are silenced."""

import datetime

import pytest
from django.core import checks as django_checks
from django.db import connection

from environment.services import option_set
from oauthapi import checks
from tests.cast import alter

OURS = (checks.legacy_grants_have_an_end, checks.basic_on_authorize_is_off, checks.profile_is_strict)


def said() -> dict[str, str]:
    return {str(message.id): message.msg for check in OURS for message in check()}


@pytest.mark.django_db
def test_an_empty_database_is_warned_of_nothing():
    found = [message for check in OURS for message in check()]
    assert {message.id for message in found} == {"deskgate.I011", "deskgate.I012"}
    assert all(message.level < django_checks.WARNING and message.hint for message in found)


def test_a_client_with_legacy_grants_is_named_with_their_end(desk, spa):
    assert said()["deskgate.W010"] == "API client desk has the grants implicit, password (no end)."
    alter(desk, legacy_grants_until=datetime.date(2999, 12, 31))
    assert "(until 2999-12-31)" in said()["deskgate.W010"]
    alter(desk, legacy_grants_until=datetime.date(2020, 1, 1))
    assert "deskgate.W010" not in said()


def test_a_disabled_client_is_not_named(desk):
    alter(desk, enabled=False)
    assert "deskgate.W010" not in said()


def test_a_client_with_basic_on_authorize_is_named(desk):
    alter(desk, basic_on_authorize=True)
    assert "desk" in said()["deskgate.W011"]
    option_set(holder=None, section="oauth", name="basic-on-authorize", value="false")
    assert not {"deskgate.W011", "deskgate.I011"} & said().keys()


def test_under_the_strict_profile_nothing_is_left_to_say(desk):
    alter(desk, basic_on_authorize=True)
    option_set(holder=None, section="oauth", name="strict", value="true")
    assert said() == {}


@pytest.mark.django_db
def test_without_tables_nothing_is_asked_of_them(monkeypatch, django_assert_num_queries):
    monkeypatch.setattr(connection.introspection, "table_names", lambda: ["django_migrations"])
    with django_assert_num_queries(0):
        assert said() == {}


def test_they_run_at_deployment_only():
    registered = django_checks.registry.registry
    assert set(OURS) <= registered.deployment_checks
    assert not set(OURS) & registered.registered_checks
