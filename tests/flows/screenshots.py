"""Makes the pictures of admin and token page in docs/screenshots anew: ``python -m tests.flows.screenshots [FOLDER]``.

By hand, from the checkout's root, with requirements-dev.txt and Chromium installed. It starts a demo of its own.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from shutil import which
from typing import Any

import httpx
from playwright.sync_api import sync_playwright

from tests.flows.server import BASE_DIR, Installation, free_port

CLIENT, SECRET = "external_api_client", "demo-external-secret"
TESTED = "redirect_uri=http%3A%2F%2F127.0.0.1%3A8765%2Fcb&response_type=code&scope=openid&test=Test"


def main(folder: Path) -> None:
    """Start the demo, make something to look at, and take each picture."""
    with tempfile.TemporaryDirectory() as var_dir:
        port = free_port()
        environ = {"DESKGATE_MODE": "demo", "PORT": str(port)}
        installation = Installation(Path(var_dir), environ=environ, files="demo/")
        history = [
            "import_history",
            "--relative",
            "--application",
            "Web_Engagement_Server",
            "demo/web-engagement.jsonl",
        ]
        installation.manage(*history)
        installation.manage("demo_calls")
        installation.manage("jobs", "--once")
        with installation.serve(port=port) as url, sync_playwright() as driver:
            browser = driver.chromium.launch(executable_path=which("chromium"), args=["--no-sandbox", "--disable-gpu"])
            page = browser.new_page(viewport={"width": 1280, "height": 800})
            page.set_default_timeout(120_000)
            _happen(url)
            _sign_in(page, url)
            _take(page, url, folder)
            _take_history(page, url, folder)
            _take_two_factor(page, url, folder)
            _take_token_page(browser.new_page(viewport={"width": 1280, "height": 800}), url, folder)
            browser.close()


def _happen(url: str) -> None:
    for secret, password in ((SECRET, "demo-agent-1!"), ("wrong", ""), (SECRET, "wrong")):
        form = {"grant_type": "password", "username": "t100\\agent", "password": password}
        httpx.post(f"{url}/auth/v3/oauth/token", data=form, auth=(CLIENT, secret), timeout=60)


def _sign_in(page: Any, url: str) -> None:
    page.goto(f"{url}/admin/")
    page.locator("#id_username").fill("admin")
    page.locator("#id_password").fill("demo-admin-1!")
    page.keyboard.press("Enter")
    page.locator("#logout-form").wait_for()


def _take(page: Any, url: str, folder: Path) -> None:
    def shot(name: str) -> None:
        page.screenshot(path=str(folder / f"admin-{name}.png"))

    page.goto(f"{url}/admin/oauthapi/apiclient/?q={CLIENT}")
    page.locator("#result_list tbody th a").first.click()
    client = str(page.url).partition("change/")[0]
    page.locator(".field-scopes").scroll_into_view_if_needed()
    shot("client")
    page.goto(f"{client}sign-in-url/?{TESTED}")
    shot("sign-in-url")
    page.goto(f"{url}/admin/activity/securityevent/?q={CLIENT}")
    shot("security-events")
    page.goto(f"{url}/admin/activity/joblease/")
    shot("jobs")
    page.goto(f"{client}do/rotate/")
    page.get_by_role("button", name="Rotate secret…").click()
    shot("secret-once")


def _take_history(page: Any, url: str, folder: Path) -> None:
    def options(application: str) -> None:
        page.goto(f"{url}/admin/environment/application/?q={application}")
        page.locator("#result_list tbody th a").first.click()
        page.get_by_role("link", name="Options", exact=True).first.click()

    options("Web_Engagement_Server")
    page.locator("#result_list tr", has_text="security/auth-scheme").first.scroll_into_view_if_needed()
    page.screenshot(path=str(folder / "history-security-options.png"), full_page=True)
    options("Interaction_Workspace")
    page.screenshot(path=str(folder / "history-workspace-options.png"))
    page.goto(f"{url}/admin/history/strategy/")
    page.locator("#result_list tbody th a").first.click()
    page.screenshot(path=str(folder / "history-strategy-properties.png"), full_page=True)
    page.goto(f"{url}/admin/history/visit/")
    page.locator("#result_list tbody tr").last.locator("a").first.click()
    page.locator(".dg-timeline").wait_for()
    page.screenshot(path=str(folder / "history-visit.png"))


def _take_two_factor(page: Any, url: str, folder: Path) -> None:
    def shot(name: str, *, full_page: bool = False) -> None:
        page.screenshot(path=str(folder / f"two-factor-{name}.png"), full_page=full_page)

    def at_application(button: str) -> None:
        page.goto(f"{url}/admin/environment/application/?q=Self_Service")
        page.locator("#result_list tbody th a").first.click()
        page.get_by_role("link", name=button).click()

    at_application("Two Factor Authentication Settings…")
    shot("settings")
    at_application("Try this application…")
    page.get_by_label("Account:").fill("1000")
    page.get_by_role("button", name="Call", exact=True).click()
    page.get_by_role("button", name="2 ·").click()
    page.locator(".dg-timeline", has_text="code.sent").wait_for()
    page.wait_for_load_state()
    shot("try")
    at_application("Activity…")
    shot("activity")
    page.goto(f"{url}/admin/twofactor/flowsession/?q=1000&test_call__exact=0")
    page.locator("#result_list tbody tr", has_text="text message").first.locator("th a").click()
    page.locator(".dg-timeline").first.screenshot(path=str(folder / "two-factor-session.png"))
    manager = ("customer_manager", "customer_manager@123")
    link = httpx.post(f"{url}/twofactor/v1/customers/1002/authenticator", auth=manager, timeout=60).json()["url"]
    page.set_viewport_size({"width": 480, "height": 800})
    page.goto(link)
    shot("enrolment", full_page=True)
    page.set_viewport_size({"width": 1280, "height": 800})


def _take_token_page(page: Any, url: str, folder: Path) -> None:
    page.goto(f"{url}/configuration/token")
    page.get_by_label("User name").fill("t100\\manager")
    page.get_by_label("Password", exact=True).fill("demo-manager-1!")
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Get a token").click()
    page.get_by_role("heading", name="Your token").wait_for()
    page.screenshot(path=str(folder / "token-page.png"), full_page=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else BASE_DIR / "docs" / "screenshots")
