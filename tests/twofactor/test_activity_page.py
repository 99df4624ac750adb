"""Activity: conversion, ends, codes and deliveries, production and test calls apart, drawn without script or style."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Role, User
from environment.models import Application, ContactCenter
from tests.admin_client import admin_of
from tests.twofactor.pages import page_of
from tests.twofactor.plans import scans
from tests.twofactor.session_rows import make_code, make_delivery, make_session
from tests.twofactor.settings_form import an_application
from twofactor.admin.charts import chart
from twofactor.models import FlowSession
from twofactor.selectors.activity import activity_of

pytestmark = pytest.mark.django_db
ACTIVITY = "/admin/twofactor/flowsession/activity/"


@pytest.fixture
def app(t100: ContactCenter) -> Application:
    return an_application(t100)


def of_application(application: Application) -> str:
    return f"/admin/environment/application/{application.pk}/page/activity/"


def tables(browser: Any, url: str, **asked: str) -> dict[str, list[list[str]]]:
    """Caption → rows of cells, the totals' row apart."""
    page = browser.get(url, asked)
    assert page.status_code == 200
    found = page_of(page).xpath("//div[@id='content-main']//table")
    return {
        table.xpath("./caption")[0].text_content(): [
            [cell.text_content() for cell in row.xpath("./th|./td")] for row in table.xpath("./tbody/tr")
        ]
        for table in found
        if table.xpath("./caption")
    }


def passed(application: Application, **words: Any) -> FlowSession:
    """A session that ended well, its code used after 20 s."""
    told: dict[str, Any] = {
        "state": "ended",
        "path": "success",
        "sends_used": 1,
        "authenticated_at": timezone.now(),
    } | words
    session = make_session(application, **told)
    code = make_code(session, consumed_at=session.started_at + timedelta(seconds=20))
    make_delivery(code, test_call=session.test_call)
    return session


@pytest.fixture
def busy(app: Application) -> Application:
    for _ in range(2):
        passed(app)
    make_session(app, method="", state="select")
    failed = make_session(app, state="ended", path="error", sends_used=1, ago=timedelta(days=2))
    code = make_code(failed)
    make_delivery(code, outcome="transient", gateway="twilio")
    make_delivery(code, attempt=2)
    passed(app, skipped=True, sends_used=0, method="")
    passed(app, test_call=True)
    passed(app, ago=timedelta(days=20))
    return app


def test_conversion_tells_how_far_each_days_sessions_came(busy: Application, alice: User) -> None:
    rows = tables(admin_of(alice), ACTIVITY)["Production calls: Conversion"]
    assert len(rows) == 7
    today, two_days_ago = rows[-1], rows[-3]
    assert today[0] == f"{timezone.now():%Y-%m-%d}"
    assert today[1:] == ["4", "2", "2", "2", "1", "66.7 %"]
    assert two_days_ago[1:] == ["1", "1", "1", "0", "0", "0.0 %"]
    assert rows[0][1:] == ["0", "0", "0", "0", "0", "\N{EN DASH}"]


def test_test_calls_are_told_apart(busy: Application, alice: User) -> None:
    told = tables(admin_of(alice), ACTIVITY)
    assert told["Test calls: Conversion"][-1][1:5] == ["1", "1", "1", "1"]
    assert told["Test calls: Ends"] == [["success", "1", "100.0 %"]]


def test_ends_codes_and_deliveries_add_up(busy: Application, alice: User) -> None:
    told = tables(admin_of(alice), ACTIVITY)
    assert told["Production calls: Ends"] == [["success", "3", "75.0 %"], ["error", "1", "25.0 %"]]
    assert told["Production calls: Codes"] == [["text message", "4", "3", "75.0 %"]]
    assert told["Production calls: Deliveries"] == [
        ["http", "4", "4", "0", "0.0 %"],
        ["twilio", "1", "0", "1", "100.0 %"],
    ]
    assert "20.0 s" in admin_of(alice).get(ACTIVITY).content.decode()


def test_the_span_is_one_seven_or_thirty_days(busy: Application, alice: User) -> None:
    browser = admin_of(alice)
    for asked, rows, ends in (("1", 1, "3"), ("7", 7, "3"), ("30", 30, "4"), ("9999", 7, "3"), ("x", 7, "3")):
        told = tables(browser, ACTIVITY, days=asked)
        assert len(told["Production calls: Conversion"]) == rows
        assert told["Production calls: Ends"][0][1] == ends


def test_nobody_sees_what_other_contact_centers_calls_came_to(
    busy: Application, alice: User, eve: User, root: User, t100: ContactCenter, make_user: Any
) -> None:
    assert tables(admin_of(eve), ACTIVITY) == {}
    assert tables(admin_of(root), ACTIVITY)["Production calls: Ends"][0][1] == "3"
    # Whoever has no such application is sent away as from anything that is not there.
    assert admin_of(eve).get(of_application(busy)).status_code in (302, 403)
    role = Role.objects.create(name="R", contact_center=t100, privileges=["applications:read", "options:read"])
    rita = admin_of(make_user("rita", t100, roles=[role]))
    assert rita.get(ACTIVITY).status_code == 403
    assert rita.get(of_application(busy)).status_code == 403


def test_an_application_has_its_own_page_and_the_list_leads_to_all(
    busy: Application, alice: User, t100: ContactCenter
) -> None:
    passed(an_application(t100, "Second"))
    browser = admin_of(alice)
    assert tables(browser, of_application(busy))["Production calls: Ends"][0] == ["success", "3", "75.0 %"]
    assert tables(browser, ACTIVITY)["Production calls: Ends"][0][1] == "4"
    assert ACTIVITY in browser.get("/admin/twofactor/flowsession/").content.decode()
    change = browser.get(f"/admin/environment/application/{busy.pk}/change/").content.decode()
    assert of_application(busy) in change


def test_the_charts_need_neither_script_nor_style_and_have_their_table(busy: Application, alice: User) -> None:
    page = admin_of(alice).get(ACTIVITY)
    body = page_of(page).get_element_by_id("content-main")
    assert len(body.xpath(".//figure")) == len(body.xpath(".//table")) == 8
    assert not body.xpath(".//*[@style]") + body.xpath(".//script") + body.xpath(".//style")
    assert "unsafe" not in page.headers["Content-Security-Policy"]
    assert body.xpath(".//figure/svg/rect/title")[0].text_content().endswith("started: 0")


def test_a_bar_is_as_high_as_its_share_of_the_scale() -> None:
    drawn = chart("T", ["a"], [("x", [50]), ("y", [25]), ("z", [0])])
    first, second, third = drawn.bars()
    assert (drawn.most, third.height) == (50, 0)
    assert first.height == pytest.approx(2 * second.height, abs=0.2)
    assert [chart("T", ["a"], [("x", [value])]).most for value in (0, 1, 3, 11, 21, 51)] == [1, 1, 5, 20, 50, 100]


def test_words_of_callers_are_escaped_in_drawing_and_table(app: Application, alice: User) -> None:
    passed(app, path="<b>x</b>")
    assert "<b>x</b>" not in admin_of(alice).get(ACTIVITY).content.decode()


def test_the_reads_go_by_indexes_and_are_as_many_for_any_number_of_sessions(
    busy: Application, t200: ContactCenter
) -> None:
    def ask() -> object:
        return activity_of([busy], days=30, test_call=False, now=timezone.now())

    with CaptureQueriesContext(connection) as first:
        ask()
    theirs = an_application(t200, "Theirs")
    for _ in range(40):
        passed(theirs)
        passed(busy)
    with CaptureQueriesContext(connection) as again:
        ask()
    assert len(again) == len(first) <= 5
    assert scans(ask) == []
