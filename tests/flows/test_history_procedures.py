"""The seed's three procedures ("Authentication", Deployment Guide) in Chromium, step by step as they are written there.

After each the History API answers as it says.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.cast import PASSWORD
from tests.flows.recorders import provision
from tests.flows.server import Installation
from tests.flows.test_browser import ARGUMENTS
from tests.history.strategy_cast import drive
from tests.history.test_workflow import FILE
from tests.tools import missing, needs, program

pytestmark = [pytest.mark.live, pytest.mark.browser, pytest.mark.slow, needs("chromium"), needs("node")]

SERVER, WORKSPACE = "Web_Engagement_Server", "Interaction_Workspace"
USER, WORD = "apiuserid", "velvet-harbor-71"
VISIT = "2f3f9c9e-59a1-11e2-8f5e-00505625a04f"
ORS = ("orchestration", "harbor-lantern-18")
APPLICATIONS = f"""
roles:
  - {{contact-center: t100, name: Orchestration, privileges: [strategies:read, option-secrets:read]}}
  - {{contact-center: t100, name: Secrets, privileges: [option-secrets:read]}}
users:
  - {{contact-center: t100, user-name: keeper, roles: [Administrator, Secrets]}}
basic-credentials:
  - {{name: {ORS[0]}, password: {ORS[1]}, contact-center: t100, role: Orchestration}}
applications:
  - {{name: {SERVER}, type: web-engagement-server, contact-center: t100}}
  - {{name: {WORKSPACE}, type: interaction-workspace, contact-center: t100}}
strategies:
  - {{application: {SERVER}}}
"""


class Administrator:
    """The contact center's, in the admin; scripts are off, as everything works without."""

    def __init__(self, page: Any, url: str) -> None:
        self.page = page
        self.url = url
        page.goto(f"{url}/admin/")
        page.locator("#id_username").fill("t100\\keeper")
        page.locator("#id_password").fill(PASSWORD)
        page.keyboard.press("Enter")
        page.locator("#logout-form").wait_for()

    def select(self, application: str) -> None:
        """Provisioning > Environment > Applications, the application, its Options tab."""
        self.page.goto(f"{self.url}/admin/")
        self.page.get_by_role("link", name="Applications", exact=True).first.click()
        self.page.get_by_role("link", name=application, exact=True).click()
        self.page.get_by_role("link", name="Options", exact=True).first.click()
        assert "Provisioning" in self.page.locator(".breadcrumbs").inner_text()

    def set(self, option: str, value: str) -> None:
        """One in the table: a list of words or a text."""
        box = self.page.get_by_label(option, exact=True).first
        if box.evaluate("element => element.tagName") == "SELECT":
            box.select_option(value)
        else:
            box.fill(value)

    def new(self, section: str, name: str, value: str) -> None:
        """New, the three words, OK."""
        self.page.get_by_text("New Option", exact=True).click()
        form = self.page.locator("#new-option")
        for label, words in (("Section", section), ("Name", name), ("Value", value)):
            form.get_by_label(label).fill(words)
        form.get_by_role("button", name="OK").click()

    def save_and_close(self) -> None:
        self.page.get_by_role("button", name="Save & Close").click()
        assert self.page.url.endswith("/admin/environment/application/")


@pytest.fixture(scope="module")
def live(another: Installation) -> Iterator[str]:
    provision(another, APPLICATIONS)
    with another.serve() as url:
        yield url


@pytest.fixture(scope="module")
def keeper(live: str) -> Iterator[Administrator]:
    try:
        from playwright import sync_api as playwright
    except ImportError:
        missing("requirements-dev.txt is not installed")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program("chromium"), args=ARGUMENTS)
        page = browser.new_page(java_script_enabled=False)
        page.set_default_timeout(30_000)
        yield Administrator(page, live)
        browser.close()


def asked(live: str, pair: tuple[str, str] | None = None) -> int:
    return httpx.get(f"{live}/server/data/identities", auth=pair, timeout=30).status_code


def test_1_configuring_authentication_in_the_web_engagement_server(keeper: Administrator, live: str) -> None:
    assert asked(live) == 204, "open to this machine before"
    keeper.select(SERVER)
    keeper.set("security/auth-scheme", "Basic")
    keeper.set("security/user-id", USER)
    keeper.set("security/password", WORD)
    keeper.save_and_close()
    assert asked(live) == 401
    assert asked(live, (USER, "wrong")) == 401
    assert asked(live, (USER, WORD)) == 204
    keeper.select(SERVER)
    assert WORD not in keeper.page.content()


def test_2_configuring_authentication_in_interaction_workspace(
    keeper: Administrator, live: str, another: Installation
) -> None:
    keeper.select(WORKSPACE)
    for name, value in (("auth-scheme", "Basic"), ("user-id", USER), ("password", WORD)):
        keeper.new("gwe:security", name, value)
    table = keeper.page.locator("#result_list").inner_text()
    for name in ("auth-scheme", "user-id", "password"):
        assert f"gwe:security/{name}" in table
    assert "\N{BULLET}" * 8 in table
    assert WORD not in keeper.page.content()
    keeper.save_and_close()
    said = another.manage("history_probe", "--as", "workspace", "--url", f"{live}/server/data")
    assert "200" in said or "204" in said
    another.manage("check_config")


def test_3_configuring_authentication_in_the_default_engagement_strategy(
    keeper: Administrator, live: str, another: Installation, tmp_path: Path
) -> None:
    page = keeper.page
    page.goto(f"{live}/admin/")
    page.get_by_role("link", name="Engagement strategies", exact=True).first.click()
    page.get_by_role("link", name="default", exact=True).click()

    # Open default.workflow.
    page.get_by_role("link", name="Upload default.workflow…").click()
    file = tmp_path / "default.workflow"
    file.write_text(FILE, encoding="utf-8")
    page.locator("input[type=file]").set_input_files(str(file))
    page.get_by_role("button", name="Upload", exact=True).click()
    assert "restUser" in page.locator("#content").inner_text()
    page.get_by_role("button", name="Save", exact=True).click()

    # Find and set user and password in the properties at the Entry point (Start).
    assert "Properties of the Entry point (Start)" in page.locator("#content").inner_text()
    page.locator("#id_user").fill(USER)
    page.locator("#id_new_password").fill(WORD)
    page.locator("#id_pages_at_least").fill("2")
    page.get_by_role("button", name="Save", exact=True).click()

    # Regenerate the SCXML, and deploy.
    page.get_by_role("link", name="Regenerate SCXML…").click()
    page.get_by_role("button", name="Regenerate SCXML…").click()
    page.get_by_role("link", name="Deploy…").click()
    page.get_by_role("button", name="Deploy", exact=True).click()
    assert "deployed" in page.locator("#content").inner_text()
    assert WORD not in page.content()

    published = f"{live}/history/{SERVER}/strategies/default.scxml"
    assert httpx.get(published, timeout=30).status_code == 401
    document = httpx.get(published, auth=ORS, timeout=30)
    assert document.status_code == 200

    def decided() -> str:
        return str(drive(document.text, params={"visitId": VISIT})["decision"])

    assert decided() == "cancel", "there is no such visit"
    events = [{"eventName": "PageEntered", "browserPageID": each, "url": "https://shop.example.com/"} for each in "AB"]
    sent = httpx.post(f"{live}/server/data/visits/{VISIT}/events", json=events, auth=(USER, WORD), timeout=30)
    assert sent.status_code == 201
    assert decided() == "engage", "the visit has two pages"

    with page.expect_download() as download:
        page.get_by_role("link", name="Download default.workflow").click()
    written = Path(download.value.path()).read_text("utf-8")
    assert written == FILE.replace("''", f"'{USER}'").replace("'old&amp;&#x20;1'", f"'{WORD}'")
    said = another.manage("history_probe", "--as", "strategy", "--url", f"{live}/server/data")
    assert "was answered" in said
    another.manage("check_config")
