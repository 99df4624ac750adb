"""Searches and filters of the big lists are index scans: what the database says itself, on either store."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client

from activity.jobs import registry
from activity.services import event_record
from tests.admin_client import admin_of
from tests.oauthapi.test_explain import Statements, scanned_tables

EVENTS = "/admin/activity/securityevent/"
BIG = {
    EVENTS,
    "/admin/activity/change/",
    "/admin/accounts/session/",
    "/admin/accounts/failurecounter/",
    "/admin/oauthapi/tokenfamily/",
    "/admin/twofactor/customer/",
    "/admin/oauthapi/accesstoken/",
    "/admin/oauthapi/refreshtoken/",
    "/admin/oauthapi/authorizationcode/",
    "/admin/twofactor/flowsession/",
    "/admin/twofactor/guard/",
}

# Contact centers and applications are at most thousands; "subquery" is what SQLite calls a bounded count.
SMALL = {
    "environment_contactcenter", "environment_application", "environment_installation", "environment_domain",
    "subquery",
}  # fmt: skip


def check(call: Callable[[], object]) -> None:
    statements = Statements()
    with connection.execute_wrapper(statements):
        call()
    assert statements.seen
    bad = {sql: tables for sql, params in statements.seen if (tables := scanned_tables(sql, params) - SMALL)}
    assert not bad, bad


def opened(browser: Client, address: str, **asked: str) -> None:
    assert browser.get(address, asked).status_code == 200


@pytest.mark.parametrize("address", sorted(BIG))
@pytest.mark.parametrize("text", ["t100\\bob", "bob", "desk", "10.0.0.1", "a-request-id"])
def test_a_search_scans_nothing(address, text, alice, bob, desk):
    event_record(name="x", user_name="t100\\bob", client_id="desk")
    browser = admin_of(alice)
    check(lambda: opened(browser, address, q=text))


@pytest.mark.parametrize(
    "asked", [{"outcome__exact": "refused"}, {"within": "today"}, {"within": "7"}, {"contact_center": "t100"}]
)
def test_a_filter_of_the_events_scans_nothing(asked, root, t100):
    browser = admin_of(root)
    words = {name: str(t100.pk) if value == "t100" else value for name, value in asked.items()}
    check(lambda: opened(browser, EVENTS, **words))


@pytest.mark.django_db
@pytest.mark.parametrize("job", [job for job in registry() if job.measure], ids=lambda job: job.name)
def test_what_is_left_is_counted_by_an_index(job):
    check(job.measure)
