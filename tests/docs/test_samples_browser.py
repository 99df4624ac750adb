"""The page of docs/clients/browser-page.md in Chromium, served from another origin than the server's."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.docs.pages import Page
from tests.flows.test_browser import chromium as chromium
from tests.tools import needs

pytestmark = [pytest.mark.live, pytest.mark.browser, needs("chromium")]

MAX_LINES = 84
CLIENT = "my_page"


@pytest.fixture(scope="module")
def page(page_of: Callable[[str], Page]) -> Page:
    return page_of("browser-page.md")


@contextmanager
def served(html: str, port: int) -> Iterator[None]:
    """The page at every path of 127.0.0.1 (and so of localhost)."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(html.encode())

        def log_message(self, *words: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


class Reader:
    """Somebody with the page open in one browser; keeps what the console and the network said."""

    def __init__(self, chromium: Any, address: str) -> None:
        self.context = chromium.new_context()
        self.context.set_default_timeout(30_000)
        self.address = address
        self.console: list[str] = []
        self.refreshes: list[str] = []
        self.context.on("console", lambda message: self.console.append(message.text))
        self.context.on("weberror", lambda error: self.console.append(str(error.error)))
        self.context.on("request", self._sent)
        self.tab = self.opens()

    def _sent(self, request: Any) -> None:
        if "grant_type=refresh_token" in (request.post_data or ""):
            self.refreshes.append(request.url)

    def opens(self) -> Any:
        """Another tab."""
        tab = self.context.new_page()
        tab.goto(self.address)
        return tab

    def signs_in(self) -> None:
        self.clicks("Sign in")
        # Typing before the page put its own focus somewhere is a word on the console, and no fault of the page's.
        self.tab.wait_for_function("document.activeElement instanceof HTMLInputElement")
        self.tab.get_by_label("Tenant").fill("t100")
        assert self.tab.title() == "Sign in · Deskgate"
        self.tab.get_by_label("User name").fill("agent")
        self.tab.get_by_label("Password", exact=True).fill("demo-agent-1!")
        self.clicks("Sign in")

    def clicks(self, name: str, tab: Any = None) -> None:
        (tab or self.tab).get_by_role("button", name=name, exact=True).click()

    def reads(self, words: str, tab: Any = None) -> None:
        """Wait until the page says exactly this."""
        (tab or self.tab).get_by_role("status").get_by_text(words, exact=True).wait_for()

    def kept(self, name: str) -> str:
        """A token that the page keeps."""
        return str(self.tab.evaluate("name => JSON.parse(localStorage.getItem('tokens') ?? '{}')[name] ?? ''", name))


@pytest.fixture
def reader(chromium: Any, page: Page) -> Iterator[Reader]:
    (html,) = page.blocks("html")
    with served(html, page.port):
        reading = Reader(chromium, f"{page.home}/cb")
        yield reading
        reading.context.close()


def test_the_page_is_short_and_needs_no_library(page: Page) -> None:
    (html,) = page.blocks("html")
    assert len(html.splitlines()) <= MAX_LINES
    assert "src=" not in html.replace("frame.src =", "")
    assert "import" not in html


def test_sign_in_who_refresh_renew_and_sign_out(reader: Reader, page: Page) -> None:
    reader.signs_in()
    reader.reads("agent: ROLE_AGENT")
    assert reader.tab.url == f"{page.home}/cb"

    first = reader.kept("access_token")
    reader.clicks("Refresh")
    reader.reads("Refreshed.")
    assert reader.kept("access_token") != first
    assert len(reader.refreshes) == 1
    reader.clicks("Who am I?")
    reader.reads("agent: ROLE_AGENT")

    second = reader.kept("refresh_token")
    reader.clicks("Renew silently")
    reader.reads("Renewed.")
    assert reader.kept("refresh_token") != second
    reader.clicks("Who am I?")
    reader.reads("agent: ROLE_AGENT")

    last = reader.kept("access_token")
    with reader.tab.expect_navigation(url=f"{page.home}/cb"):
        reader.clicks("Sign out")
    reader.reads("Nobody is signed in.")
    assert reader.kept("access_token") == ""
    assert page.status_of_userinfo(last) == 401
    assert reader.console == []

    reader.clicks("Renew silently")
    reader.reads("login_required: The user is not signed in.")


def test_of_two_tabs_one_refreshes_while_the_other_waits(reader: Reader) -> None:
    reader.signs_in()
    reader.reads("agent: ROLE_AGENT")
    first = reader.kept("access_token")
    tabs = [reader.tab, reader.opens()]
    held: list[Any] = []
    reader.context.route("**/oauth/token", lambda route: held.append(route))
    reader.clicks("Refresh", tabs[0])
    for _ in range(300):
        if not held:
            tabs[0].wait_for_timeout(100)
    # While the answer to the first is on its way.
    reader.clicks("Refresh", tabs[1])
    tabs[1].wait_for_timeout(1_000)
    assert len(held) == 1
    held[0].continue_()
    # Chromium may show the other tab's write to localStorage late: what is then sent twice gives the same pair.
    reader.context.unroute("**/oauth/token")
    reader.context.route("**/oauth/token", lambda route: route.continue_())
    for route in held[1:]:
        route.continue_()
    for tab in tabs:
        reader.reads("Refreshed.", tab)
    assert reader.kept("access_token") != first
    for tab in tabs:
        reader.clicks("Who am I?", tab)
        reader.reads("agent: ROLE_AGENT", tab)
    assert reader.console == []


def test_an_access_token_that_ended_is_renewed_on_the_way(reader: Reader, page: Page) -> None:
    reader.signs_in()
    reader.reads("agent: ROLE_AGENT")
    page.revoke(reader.kept("access_token"), CLIENT)
    reader.clicks("Refresh")
    reader.reads("Refreshed.")
    page.revoke(reader.kept("access_token"), CLIENT)
    reader.clicks("Who am I?")
    reader.reads("agent: ROLE_AGENT")
    assert len(reader.refreshes) == 2


def test_the_page_takes_no_answer_that_it_did_not_ask_for(reader: Reader, page: Page) -> None:
    reader.tab.goto(f"{page.home}/cb?code=x&state=x&iss={page.api}")
    reader.reads("unexpected: This answer was not asked for.")
    assert reader.tab.url == f"{page.home}/cb"


def registered_otherwise(page: Page, file: Path, old: str, new: str) -> str:
    """Register a client that differs from the page's in one thing; the page of that client."""
    (entry,) = page.blocks("yaml")
    assert old in entry
    other = file.stem
    page.provision(entry.replace(CLIENT, other).replace(old, new), file)
    (html,) = page.blocks("html")
    return html.replace(f'"{CLIENT}"', f'"{other}"')


def test_a_page_of_another_site_signs_in_but_cannot_renew_silently(chromium: Any, page: Page, tmp_path: Path) -> None:
    """The session cookie is Lax: a frame of another site (localhost beside 127.0.0.1) does not send it."""
    elsewhere = f"http://localhost:{page.port}"
    html = registered_otherwise(page, tmp_path / "elsewhere.yaml", page.home, elsewhere)
    with served(html, page.port):
        reader = Reader(chromium, f"{elsewhere}/cb")
        reader.signs_in()
        reader.reads("agent: ROLE_AGENT")
        reader.clicks("Renew silently")
        reader.reads("login_required: The user is not signed in.")
        # The window itself takes the cookie along: no page asks.
        reader.clicks("Sign in")
        reader.reads("agent: ROLE_AGENT")
        assert reader.console == []
        reader.context.close()


def test_a_popup_loses_the_page_that_opened_it(reader: Reader, page: Page) -> None:
    """Why the page sends the window itself (Cross-Origin-Opener-Policy: the opener sees the popup as closed)."""
    with reader.context.expect_page() as opened:
        reader.tab.evaluate(
            "async url => { window.popup = open(url); }",
            f"{page.api}/oauth/authorize?client_id=external_api_client&response_type=code&redirect_uri={page.home}/cb",
        )
    opened.value.get_by_label("Password", exact=True).wait_for()
    assert reader.tab.evaluate("window.popup.closed")
    assert opened.value.evaluate("window.opener === null")


def test_without_its_origin_registered_the_page_reads_nothing(chromium: Any, page: Page, tmp_path: Path) -> None:
    html = registered_otherwise(
        page, tmp_path / "unread.yaml", f"allowed-origins: [{page.home}]", "allowed-origins: []"
    )
    with served(html, page.port):
        reader = Reader(chromium, f"{page.home}/cb")
        reader.signs_in()
        reader.reads("TypeError: Failed to fetch")
        assert any("blocked by CORS policy" in words for words in reader.console)
        reader.context.close()
