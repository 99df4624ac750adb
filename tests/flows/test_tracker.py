"""The sample tracker script in Chromium, at a listed origin and at another one; read back by the History API."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.flows.server import Installation, free_port
from tests.flows.test_browser import chromium as chromium
from tests.house.conftest import ROOT
from tests.tools import needs

pytestmark = [pytest.mark.live, pytest.mark.browser, needs("chromium")]

SCRIPT = ROOT / "docs/clients/tracker.js"
PAIR = ("apiuserid", "velvet-harbor-71")
LONGEST = 60
OPTIONS = """
contact-centers:
  - {{id: 7d1f0a52-30a4-4a64-9a43-0c6a0f6f2a01, number: 100, name: One, domains: [t100]}}
applications:
  - name: GWE
    type: web-engagement-server
    contact-center: t100
    options:
      security/auth-scheme: Basic
      security/user-id: apiuserid
      security/password: velvet-harbor-71
      tracker/site-key: shop-key
      tracker/origins: http://localhost:{port}
"""
PAGE = """<!DOCTYPE html><link rel="icon" href="data:,"><title>Shop</title><a href="/next">Next</a>
<script src="/tracker.js" data-server="{server}" data-site="shop-key"></script>"""


@contextmanager
def shop(port: int, server: str) -> Iterator[None]:
    """The shop's pages and its script at every name of this machine."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            is_script = self.path == "/tracker.js"
            body = SCRIPT.read_bytes() if is_script else PAGE.format(server=server).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/javascript" if is_script else "text/html")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *words: Any) -> None:
            """Quiet."""

    listening = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    threading.Thread(target=listening.serve_forever, daemon=True).start()
    try:
        yield
    finally:
        listening.shutdown()
        listening.server_close()


class Shop:
    """The shop and the server that hears of it."""

    def __init__(self, server: str, port: int) -> None:
        self.server = server
        self.home = f"http://localhost:{port}/"
        self.elsewhere = f"http://127.0.0.1:{port}/"

    def events(self, visit: str, count: int) -> list[dict[str, Any]]:
        """The visit's events, as soon as there are so many; what there is after ten seconds."""
        end = time.monotonic() + 10
        while True:
            answer = httpx.get(f"{self.server}/server/data/visits/{visit}/events", auth=PAIR)
            found: list[dict[str, Any]] = answer.json() if answer.status_code == 200 else []
            if len(found) >= count or time.monotonic() > end:
                return found
            time.sleep(0.1)

    def identities(self) -> int:
        return httpx.get(f"{self.server}/server/data/identities", auth=PAIR).status_code


@pytest.fixture(scope="module")
def visited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    var_dir: Path = tmp_path_factory.mktemp("tracker")
    port = free_port()
    file = var_dir / "shop.yaml"
    file.write_text(OPTIONS.format(port=port), encoding="utf-8")
    installation = Installation(var_dir, files=str(file))
    with installation.serve() as url, shop(port, f"{url}/server/tracker/events"):
        yield Shop(url, port)


@pytest.fixture
def tab(chromium: Any) -> Iterator[Any]:
    context = chromium.new_context()
    context.set_default_timeout(20_000)
    yield context.new_page()
    context.close()


def visit_of(tab: Any) -> str:
    return str(tab.evaluate("deskgate.visit"))


def test_the_script_is_short_and_needs_no_library() -> None:
    text = SCRIPT.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= LONGEST
    assert "import" not in text


def test_a_visitor_is_followed_from_page_to_page(visited: Shop, tab: Any) -> None:
    tab.goto(visited.home)
    visit = visit_of(tab)
    assert tab.evaluate("deskgate.event('AddToCart', {sku: '<b>7</b>'})") is True
    assert tab.evaluate("deskgate.signIn('user@example.com', {name: 'Uma'})") is True
    tab.get_by_role("link", name="Next").click()
    tab.wait_for_url("**/next")
    assert visit_of(tab) == visit
    events = visited.events(visit, 5)
    assert sorted(each["eventName"] for each in events) == [
        "AddToCart", "PageEntered", "PageEntered", "PageExited", "SignIn",
    ]  # fmt: skip
    by_name = {each["eventName"]: each for each in events if each["url"] == visited.home}
    assert by_name["AddToCart"]["data"] == {"sku": "<b>7</b>"}
    assert by_name["AddToCart"]["eventType"] == "BUSINESS"
    assert by_name["PageEntered"]["pageID"] == by_name["PageExited"]["pageID"] == by_name["SignIn"]["pageID"]
    who = httpx.get(f"{visited.server}/server/data/identities/user@example.com?include_visits=true", auth=PAIR).json()
    assert (who["name"], who["visitIds"]) == ("Uma", [visit])
    pages = httpx.get(f"{visited.server}/server/data/visits/{visit}/pages", auth=PAIR).json()
    assert [page["title"] for page in pages] == ["Shop", "Shop"]
    assert pages[0]["endDate"] > 0


def test_a_window_that_is_closed_says_so(visited: Shop, tab: Any) -> None:
    tab.goto(visited.home)
    visit = visit_of(tab)
    visited.events(visit, 1)
    tab.close(run_before_unload=True)
    assert [each["eventName"] for each in visited.events(visit, 2)] == ["PageEntered", "PageExited"]


WAYS = {
    "fetch": "body => fetch(ADDRESS, {method: 'POST', body}).then(answer => answer.status)",
    "fetch of JSON": "body => fetch(ADDRESS, {method: 'POST', body, headers: {'Content-Type': 'application/json'}})"
    ".then(answer => answer.status)",
    "a beacon of text/plain": "body => navigator.sendBeacon(ADDRESS, body) && 204",
    "a beacon of application/json": "body => navigator.sendBeacon("
    "ADDRESS, new Blob([body], {type: 'application/json'})) && 204",
}


@pytest.mark.parametrize("way", WAYS)
def test_every_way_that_a_page_has_is_taken(visited: Shop, tab: Any, way: str) -> None:
    said: list[str] = []
    tab.on("console", lambda message: said.append(message.text))
    tab.goto(visited.home)
    visit = visit_of(tab)
    address = f"{visited.server}/server/tracker/events?site=shop-key"
    body = f'{{"visitID": "{visit}", "eventName": "Asked"}}'
    assert tab.evaluate(WAYS[way].replace("ADDRESS", repr(address)), body) == 204
    assert "Asked" in [each["eventName"] for each in visited.events(visit, 2)]
    assert said == []


@pytest.mark.parametrize("way", WAYS)
def test_a_page_of_another_origin_stores_nothing(visited: Shop, tab: Any, way: str) -> None:
    tab.goto(visited.elsewhere)
    visit = visit_of(tab)
    address = f"{visited.server}/server/tracker/events?site=shop-key"
    body = f'{{"visitID": "{visit}", "eventName": "Asked"}}'
    script = WAYS[way].replace("ADDRESS", repr(address))
    # fetch reads no answer there; a beacon never tells.
    assert tab.evaluate(f"body => Promise.resolve(({script})(body)).catch(error => error.name)", body) in (
        "TypeError",
        204,
    )
    tab.evaluate("deskgate.event('Tried')")
    time.sleep(1)
    assert httpx.get(f"{visited.server}/server/data/visits/{visit}", auth=PAIR).status_code == 404


def test_a_page_cannot_read_the_history_with_its_key(visited: Shop, tab: Any) -> None:
    tab.goto(visited.home)
    script = "address => fetch(address, {credentials: 'include'}).then(() => 'read', error => error.name)"
    assert tab.evaluate(script, f"{visited.server}/server/data/identities?site=shop-key") == "TypeError"
    assert visited.identities() in (200, 204)
