"""The statements of the hot paths are index scans: what the database says itself, on either store."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client

from accounts.services.credentials import credential_prove
from oauthapi.models import AccessToken, RefreshToken
from tests.cast import alter, basic, by_code, by_password, get, new_code, post_token, refreshed
from tests.oauthapi.browser import Browser

ON_POSTGRESQL = connection.vendor == "postgresql"
FORM = "application/x-www-form-urlencoded"
ONE_ROW = {"environment_installation"}
"""A table of one row is read as it stands."""


class Statements:
    """Every SELECT and UPDATE that runs inside, with its parameters."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, object]] = []

    def __call__(self, execute, sql, params, many, context):
        if sql.lstrip().startswith(("SELECT", "UPDATE")):
            self.seen.append((sql, params))
        return execute(sql, params, many, context)


def scanned_tables(sql: str, params: Any) -> set[str]:
    """Tables that the plan reads from end to end."""
    with connection.cursor() as cursor:
        if ON_POSTGRESQL:
            # Few rows would make any planner scan: forbid it what it can do without.
            cursor.execute("SET enable_seqscan = off")
            try:
                cursor.execute(f"EXPLAIN {sql}", params)
                plan = "\n".join(row[0] for row in cursor.fetchall())
            finally:
                cursor.execute("SET enable_seqscan = on")
            return set(re.findall(r"Seq Scan on (\w+)", plan))
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}", params)
        plan = "\n".join(str(row[-1]) for row in cursor.fetchall())
    aliases = dict(re.findall(r"(?:FROM|JOIN) \"?(\w+)\"? (?!ON|WHERE|LEFT|JOIN)\"?(\w{1,3})\"?\b", sql))
    tables = {alias: table for table, alias in aliases.items()}
    return {tables.get(name, name) for name in re.findall(r"^SCAN (\w+)", plan, re.MULTILINE)}


def check(call) -> None:
    statements = Statements()
    with connection.execute_wrapper(statements):
        call()
    assert statements.seen
    bad = {sql: tables for sql, params in statements.seen if (tables := scanned_tables(sql, params) - ONE_ROW)}
    assert not bad, bad


@pytest.fixture
def pair(spa, bob) -> dict:
    body = by_code(spa, new_code(spa, bob)).json()
    refreshed(spa, body["refresh_token"])
    return body


def test_the_bearer_check_scans_nothing(pair):
    check(lambda: get("/auth/v3/userinfo", pair["access_token"]))


def test_client_credentials_scan_nothing(desk):
    check(lambda: post_token(desk, grant_type="client_credentials"))


def test_a_refresh_scans_nothing(spa, pair):
    newest = refreshed(spa, pair["refresh_token"]).json()
    check(lambda: refreshed(spa, newest["refresh_token"]))


def test_a_repeated_refresh_scans_nothing(spa, pair):
    check(lambda: refreshed(spa, pair["refresh_token"]))


@pytest.mark.parametrize("endpoint", ["introspect", "revoke"])
@pytest.mark.parametrize("kind", ["access_token", "refresh_token", "unknown"])
def test_introspection_and_revocation_scan_nothing(desk, bob, endpoint, kind):
    token = by_password(desk, bob).get(kind, "x")
    headers = {"Authorization": basic("desk")}
    check(lambda: Client().post(f"/auth/v3/oauth/{endpoint}", f"token={token}", content_type=FORM, headers=headers))


def test_a_logout_scans_nothing(desk, bob):
    alter(desk, post_logout_redirect_uris=["https://desk.example.com/bye"])
    browser, tokens = Browser().signed_in(bob), by_password(desk, bob, scope="openid")
    check(lambda: browser.open(f"/auth/v3/oauth/end-session?id_token_hint={tokens['id_token']}"))


def test_a_code_exchange_scans_nothing(spa, bob):
    code = new_code(spa, bob)
    check(lambda: by_code(spa, code))


def test_a_password_grant_scans_nothing(desk, bob):
    check(lambda: post_token(desk, grant_type="password", username="t100\\bob", password="violet-anchor-42"))


def test_a_basic_credential_scans_nothing(t100, agents):
    from accounts.models import BasicCredential
    from accounts.services.credentials import credential_create

    credential_create(BasicCredential(name="Script", contact_center=t100, role=agents), password="open-sesame-42")
    check(lambda: credential_prove(name="sCRIPT", password="open-sesame-42"))


@pytest.mark.parametrize("model", [AccessToken, RefreshToken])
def test_what_the_purge_goes_by_is_indexed(model, db):
    check(lambda: list(model.objects.filter(expires_at__lt="2020-01-01T00:00:00Z").order_by("expires_at")[:10]))


def test_a_scan_would_be_seen(db, bob):
    """The check itself: a condition without an index is told."""
    from accounts.models import User

    with pytest.raises(AssertionError, match="accounts_user"):
        check(lambda: list(User.objects.filter(first_name="x").order_by()))
