"""The admin in Chromium: an administrator's day with clients, tokens, refusals, sessions and lockouts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from tests.cast import PASSWORD, basic
from tests.flows.test_browser import browse, chromium, pytestmark

__all__ = ["browse", "chromium", "pytestmark"]
CALLBACK = "http://127.0.0.1:8080/initialize"


class Desk:
    """root's browser at the admin, and the client's side of the wire."""

    def __init__(self, page: Any, url: str) -> None:
        self.page, self.url = page, url

    def opens(self, path: str) -> None:
        """An admin page."""
        assert self.page.goto(f"{self.url}/admin/{path}").status == 200

    def presses(self, label: str) -> None:
        """A button or link of the page's own part."""
        main = self.page.locator("#content")
        self.clicks(main.get_by_role("link", name=label).or_(main.get_by_role("button", name=label)).first)

    def clicks(self, what: Any) -> None:
        """What leads to another page; looking at once would still see this one."""
        with self.page.expect_navigation():
            what.click()

    def searches(self, path: str, text: str) -> list[str]:
        """The rows that a list shows for this text."""
        self.opens(path)
        self.page.locator("#searchbar").fill(text)
        self.page.keyboard.press("Enter")
        self.page.wait_for_url("**?q=**")
        return [str(row) for row in self.page.locator("#result_list tbody tr").all_inner_texts()]

    def token(self, client_id: str, secret: str, **form: str) -> httpx.Response:
        """A call of the token endpoint."""
        headers = {"Authorization": basic(client_id, secret)}
        return httpx.post(f"{self.url}/auth/v3/oauth/token", data=form, headers=headers, timeout=30)

    def by_password(self, user: str, password: str = PASSWORD) -> httpx.Response:
        """The cast's client ``desk`` asks for a user."""
        form = {"grant_type": "password", "username": f"t100\\{user}", "password": password}
        return self.token("desk", "a-secret-somebody-chose", **form)

    def user_info(self, token: str) -> int:
        """The status of user info."""
        headers = {"Authorization": f"Bearer {token}"}
        return httpx.get(f"{self.url}/auth/v3/userinfo", headers=headers, timeout=30).status_code


@pytest.fixture
def desk(browse: Any, live: str) -> Iterator[Desk]:
    """Signed in by the form."""
    page = browse(java_script_enabled=True, viewport={"width": 1280, "height": 800})
    page.goto(f"{live}/admin/")
    page.get_by_label("User name").or_(page.locator("#id_username")).first.fill("root")
    page.locator("#id_password").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.locator("#logout-form").wait_for()
    yield Desk(page, live)
    # A hint for password managers, at level "verbose": a client's secret belongs to no user.
    browse.said[:] = [words for words in browse.said if not words.startswith("[DOM] Password forms should have")]


def _secret(page: Any) -> str:
    shown = [str(text) for text in page.locator(".dg-once code").all_inner_texts()]
    return shown[-1]


def _client(desk: Desk, client_id: str) -> str:
    """Make a confidential client of the client credentials and code grants; its secret."""
    page = desk.page
    desk.opens("oauthapi/apiclient/add/")
    page.locator("#id_client_id").fill(client_id)
    page.locator("#id_name").fill("Wallboard")
    page.get_by_label("client_credentials").check()
    page.locator("#id_redirect_uris").fill(CALLBACK)
    desk.clicks(page.get_by_role("button", name="Save & Close"))
    assert page.get_by_text("shown once and cannot be read again").is_visible()
    return _secret(page)


def test_a_client_is_made_rotated_and_cut_off(desk: Desk) -> None:
    page = desk.page
    first = _client(desk, "wallboard")
    grant = {"grant_type": "client_credentials"}
    token = desk.token("wallboard", first, **grant).json()["access_token"]
    assert desk.user_info(token) == 200
    desk.presses("Done")
    assert first not in page.content()
    page.reload()
    assert first not in page.content()

    desk.presses("Rotate secret…")
    page.get_by_label("Old secret stays good for").select_option("1 hour")
    page.get_by_label("Reason").fill("yearly")
    desk.clicks(page.get_by_role("button", name="Rotate secret…"))
    second = _secret(page)
    assert second != first
    assert [desk.token("wallboard", one, **grant).status_code for one in (first, second)] == [200, 200]
    desk.presses("Done")
    assert "the old one is good until" in page.content()

    desk.presses("Revoke tokens…")
    assert "tokens that the clients hold for themselves: 3" in page.content()
    page.get_by_label("Reason").fill("stolen")
    desk.clicks(page.get_by_role("button", name="Revoke tokens…"))
    page.get_by_text("signed out of all tokens").wait_for()
    assert desk.user_info(token) == 401
    assert desk.token("wallboard", second, **grant).status_code == 200


def test_the_sign_in_url_is_tried_before_anybody_meets_it(desk: Desk) -> None:
    page = desk.page
    _client(desk, "kiosk")
    desk.presses("Done")
    desk.presses("Sign-in URL")
    assert page.get_by_role("status").count() == 0
    desk.clicks(page.get_by_role("button", name="Test"))
    assert "Would show the sign-in page, then ask the user's consent." in page.get_by_role("status").inner_text()
    ready = page.locator(".dg-once code").first.inner_text()
    page.get_by_label("Scope").fill("openid nope")
    page.keyboard.press("Enter")
    page.wait_for_url("**nope**")
    assert "invalid_scope" in page.get_by_role("status").inner_text()
    assert "Not among the client's scopes: nope." in page.get_by_role("status").inner_text()
    for uri, words in ((CALLBACK, "rule: exact"), ("https://evil.example/cb", "Not allowed. None of the client's")):
        page.locator("#id_uri").fill(uri)
        desk.clicks(page.get_by_role("button", name="Check redirect URI"))
        page.wait_for_url("**?uri=**")
        assert words in page.get_by_role("status").inner_text()
    page.locator("#id_origin").fill("https://desk.example.com")
    desk.clicks(page.get_by_role("button", name="Check origin"))
    assert "settings/cors-origins of contact center One" in page.get_by_role("status").inner_text()
    page.goto(ready)
    assert page.title() == "Sign in · Deskgate"


def test_why_a_secret_was_refused_is_found_by_client_and_by_request(desk: Desk) -> None:
    refused = desk.token("spa-like-nobody", "wrong", grant_type="client_credentials")
    assert refused.status_code == 401
    assert "unknown" not in refused.text
    by_request = desk.searches("activity/securityevent/", refused.headers["X-Request-ID"])
    assert len(by_request) == 1
    assert "unknown or disabled client" in by_request[0]
    assert desk.searches("activity/securityevent/", "spa-like-nobody") == by_request
    desk.clicks(desk.page.locator("#result_list tbody a").first)
    desk.clicks(desk.page.get_by_role("link", name="Events of this request"))
    assert desk.page.locator("#result_list tbody tr").count() == 1


def test_a_session_is_ended(desk: Desk, browse: Callable[..., Any], live: str) -> None:
    user = browse()
    user.goto(f"{live}/auth/v3/sign-in")
    for label, text in (("Tenant", "t100"), ("User name", "leaving"), ("Password", PASSWORD)):
        user.get_by_label(label, exact=True).fill(text)
    with user.expect_navigation():
        user.get_by_role("button", name="Sign in").click()
    assert user.get_by_role("heading").inner_text() == "You are signed in"
    assert len(desk.searches("accounts/session/", "t100\\leaving")) == 1
    page = desk.page
    page.locator("#result_list tbody input[type=checkbox]").check()
    page.locator("select[name=action]").select_option("end")
    desk.clicks(page.get_by_role("button", name="Go"))
    page.get_by_label("Reason").fill("left the house")
    desk.clicks(page.get_by_role("button", name="End…"))
    page.get_by_text("1 session ended.").wait_for()
    user.reload()
    assert user.get_by_role("heading").inner_text() == "Sign in"


def test_a_lockout_is_released(desk: Desk) -> None:
    for _ in range(4):
        assert desk.by_password("changing", "wrong").status_code == 400
    assert desk.by_password("changing").status_code == 400
    rows = desk.searches("accounts/failurecounter/", "t100\\changing")
    assert any("account from one address" in row for row in rows)
    page = desk.page
    page.locator("#result_list thead input[type=checkbox]").check()
    page.locator("select[name=action]").select_option("release")
    desk.clicks(page.get_by_role("button", name="Go"))
    page.get_by_label("Reason").fill("he called")
    desk.clicks(page.get_by_role("button", name="Release…"))
    page.get_by_text(re.compile(r"released\.$")).wait_for()
    assert desk.by_password("changing").status_code == 200


def test_the_keyboard_reaches_every_button_of_a_client(desk: Desk) -> None:
    page = desk.page
    desk.opens("oauthapi/apiclient/?q=desk")
    desk.clicks(page.locator("#result_list tbody th a").first)
    reached: set[str] = set()
    for _ in range(80):
        page.keyboard.press("Tab")
        reached.add(str(page.evaluate("document.activeElement?.innerText || ''")).strip().casefold())
    assert {"sign-in url", "rotate secret…", "revoke tokens…", "disable…", "changes", "security events"} <= reached


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [390, 1280])
def test_the_screens_fit_their_window(desk: Desk, width: int, scheme: str) -> None:
    page = desk.page
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": width, "height": 800})
    desk.opens("oauthapi/apiclient/?q=desk")
    client = str(page.locator("#result_list tbody th a").first.get_attribute("href")).partition("change/")[0]
    shown = ("oauthapi/apiclient/", "activity/securityevent/", "activity/change/", "activity/joblease/")
    own = client.partition("/admin/")[2]
    for path in (*shown, "accounts/session/", "accounts/failurecounter/", f"{own}change/", f"{own}sign-in-url/?test=1"):
        desk.opens(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
