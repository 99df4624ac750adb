"""Visits in Chromium: what strangers typed widens no page of a telephone's width, and runs nowhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.cast import PASSWORD
from tests.flows.server import Installation
from tests.flows.test_browser import browse, chromium, pytestmark

__all__ = ["browse", "chromium", "pytestmark"]
ROWS = """
from environment.models import ContactCenter
from tests.history.rows import *
app = make_server(ContactCenter.objects.first(), 'Wide_NUMBER')
long, script = "w" * 2000, "<img src=x onerror=alert(1)>"
visit = make_visit(app, user_agent=long[:1000], event_count=1)
who = make_identity(app, long[:255], name=script, location=long[:255])
make_recognition(visit, who)
session = make_session(visit, who)
page = make_page(visit, url="javascript:alert(1)//" + long[:1900], title=script + long[:400], category=long[:255])
words = {"event_name": long[:255], "category": script, "data": {long: long}}
event = make_event(visit, page=page, identity=who, session=session, **words)
print("KEYS", visit.pk, who.pk, event.pk)
"""


@pytest.mark.parametrize("width", [390, 1280])
def test_no_page_is_wider_than_the_screen(
    browse: Callable[..., Any], installation: Installation, live: str, width: int
) -> None:
    said = installation.manage("shell", "-c", ROWS.replace("NUMBER", str(width)))
    keys = next(line for line in said.splitlines() if line.startswith("KEYS"))
    visit, who, event = (f"{one}/change/" for one in keys.split()[1:])
    page = browse(java_script_enabled=True, viewport={"width": width, "height": 800})
    page.on("dialog", lambda dialog: pytest.fail(f"it ran: {dialog.message}"))
    page.goto(f"{live}/admin/")
    page.locator("#id_username").fill("root")
    page.locator("#id_password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.locator("#logout-form").wait_for()
    for path in (f"visit/{visit}", f"identity/{who}", f"event/{event}", "visit/", "identity/", "event/"):
        assert page.goto(f"{live}/admin/history/{path}").status == 200
        for summary in page.locator(".dg-what summary").all():
            summary.click()
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert page.locator("#content img[src=x], #content a[href^=javascript]").count() == 0
