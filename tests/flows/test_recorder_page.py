"""The sample page of docs/screen-recording.md in Chromium, from an allowed origin and from another one."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.cast import PASSWORD
from tests.docs.test_samples_browser import served
from tests.flows.recorders import SEATS, counted, provision, recording
from tests.flows.server import Installation, free_port
from tests.flows.test_browser import ARGUMENTS
from tests.house.conftest import ROOT
from tests.house.test_readme import blocks
from tests.tools import missing, needs, program

pytestmark = [pytest.mark.live, pytest.mark.browser, pytest.mark.slow, needs("chromium")]

PLAIN, TLS = "role both, http", "manage.py srs --self-signed"
LIVES = "t100\\agent is connected."
FETCH = """async ([url, words]) => {
    try {
        const answer = await fetch(url, words);
        return { status: answer.status, body: await answer.text() };
    } catch (error) { return { failed: error.name }; }
}"""


@dataclass
class Desk:
    """A service, and the page as it is served at ``localhost`` (allowed) and at ``127.0.0.1`` (another origin)."""

    installation: Installation
    url: str
    port: int

    @property
    def page(self) -> str:
        return f"http://localhost:{self.port}/"

    @property
    def elsewhere(self) -> str:
        return f"http://127.0.0.1:{self.port}/"


@pytest.fixture(scope="module", params=[PLAIN, TLS])
def desk(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """The cast's installation, asked over http by ``manage.py serve``, and over https by ``manage.py srs``."""
    installation, port = Installation(tmp_path_factory.mktemp("recorder")), free_port()
    provision(installation, SEATS.format(origins=f"http://localhost:{port}"))
    (html,) = blocks(ROOT / "docs/screen-recording.md", "html")
    if request.param == PLAIN:
        with installation.serve() as url, served(html.replace("http://127.0.0.1:8000", url), port):
            yield Desk(installation, url, port)
        return
    with (
        recording(installation, "--self-signed") as recorder,
        served(html.replace("http://127.0.0.1:8000", recorder.url), port),
    ):
        yield Desk(installation, recorder.url, port)


class Agent:
    """Somebody at the page; keeps what went over the wire, and each time the browser wanted to ask for a password."""

    def __init__(self, context: Any, address: str) -> None:
        self.context = context
        self.context.set_default_timeout(30_000)
        self.sent: list[Any] = []
        self.password_boxes: list[str] = []
        self.tab = self.context.new_page()
        self.tab.on("requestfinished", lambda request: self.sent.append(request))  # the driver marks its handlers
        wire = self.context.new_cdp_session(self.tab)
        wire.on("Fetch.requestPaused", lambda e: wire.send("Fetch.continueRequest", {"requestId": e["requestId"]}))
        wire.on("Fetch.authRequired", lambda e: self._asked_for_a_password(wire, e))
        wire.send("Fetch.enable", {"handleAuthRequests": True})
        self.tab.goto(address)

    def _asked_for_a_password(self, wire: Any, event: dict[str, Any]) -> None:
        self.password_boxes.append(event["request"]["url"])
        answer = {"requestId": event["requestId"], "authChallengeResponse": {"response": "CancelAuth"}}
        wire.send("Fetch.continueWithAuth", answer)

    def logs_in(self, password: str = PASSWORD, place: str = "") -> None:
        self.tab.get_by_label("User name").fill("t100\\agent")
        self.tab.get_by_label("Password").fill(password)
        self.tab.get_by_label("Place").fill(place)
        self.clicks("Log in")

    def clicks(self, name: str) -> None:
        self.tab.get_by_role("button", name=name, exact=True).click()

    def reads(self, words: str) -> None:
        self.tab.get_by_role("status").get_by_text(words, exact=True).wait_for()

    def fetches(self, url: str, **words: Any) -> dict[str, Any]:
        """What a script of the page gets: status and body, or the name of the error that fetch throws."""
        found: dict[str, Any] = self.tab.evaluate(FETCH, [url, {"credentials": "include"} | words])
        return found

    def requests(self, method: str, path: str) -> list[Any]:
        return [each for each in self.sent if each.method == method and each.url.endswith(path)]


@pytest.fixture(scope="module")
def driver() -> Iterator[Any]:
    """Ends with this module: while Playwright runs, Django takes its thread for an asynchronous one."""
    try:
        from playwright import sync_api as playwright
    except ImportError:
        missing("requirements-dev.txt is not installed")
    with playwright.sync_playwright() as running:
        yield running


@pytest.fixture
def agent_at(driver: Any, tmp_path: Path) -> Iterator[Callable[..., Agent]]:
    """Open the page in a fresh browser: an agent's own, or a window that keeps no cookies of other sites."""
    opened: list[Any] = []

    def open_(address: str, *, incognito: bool = False) -> Agent:
        how = {"executable_path": program("chromium"), "args": ARGUMENTS}
        if incognito:
            opened.append(driver.chromium.launch(**how))
            return Agent(opened[-1].new_context(ignore_https_errors=True), address)
        # A context of ``launch`` is an incognito one: there the page's calls are a third party's, without cookies. So
        # they are in a window of Debian's Chromium, unless its owner decides as Chrome and Edge do from the start.
        (tmp_path / "Default").mkdir()
        (tmp_path / "Default" / "Preferences").write_text('{"profile": {"cookie_controls_mode": 0}}')
        opened.append(driver.chromium.launch_persistent_context(str(tmp_path), ignore_https_errors=True, **how))
        return Agent(opened[-1], address)

    yield open_
    for each in opened:
        each.close()


def csrf_token(agent: Agent) -> str:
    """The token of the last login's answer."""
    answers = [each.response().headers for each in agent.requests("POST", "/api/v2/me")]
    return next(headers["x-csrf-token"] for headers in reversed(answers) if "x-csrf-token" in headers)


def test_login_ping_and_logout_with_the_token(desk: Desk, agent_at: Callable[..., Agent]) -> None:
    agent = agent_at(desk.page)
    agent.logs_in(place="Place_1")
    agent.reads(LIVES)
    held = {"ended_at": None, "place_name": "Place_1", "csrf": True}
    assert counted(desk.installation, **held) == 1

    cookie = next(each for each in agent.context.cookies(desk.url) if each["name"] == "deskgate_recorder")
    assert cookie["httpOnly"]
    assert (cookie["secure"], cookie["sameSite"]) == (True, "None")
    assert agent.fetches(f"{desk.url}/ping") == {"status": 200, "body": '{"statusCode":0}'}
    assert agent.fetches(f"{desk.url}/ping", credentials="omit")["status"] == 401

    agent.clicks("Log out")
    agent.reads("Logged out.")
    assert counted(desk.installation, ended_because="logout", place_name="Place_1") == 1
    assert agent.fetches(f"{desk.url}/ping")["status"] == 401
    assert agent.password_boxes == []


def test_a_logout_without_the_token_is_403_and_the_session_stays(desk: Desk, agent_at: Callable[..., Agent]) -> None:
    agent = agent_at(desk.page)
    agent.logs_in()
    agent.reads(LIVES)
    words = {"method": "POST", "body": '{"operationName": "EndContactCenterSession"}'}
    refused = agent.fetches(f"{desk.url}/api/v2/me", **words)
    assert refused["status"] == 403
    assert "Missing or invalid Csrf token" in refused["body"]
    assert agent.fetches(f"{desk.url}/ping")["status"] == 200
    token = {"X-CSRF-TOKEN": csrf_token(agent)}
    assert agent.fetches(f"{desk.url}/api/v2/me", **words, headers=token)["status"] == 200


def test_a_reload_goes_on_with_the_cookie_alone(desk: Desk, agent_at: Callable[..., Agent]) -> None:
    agent = agent_at(desk.page)
    agent.logs_in()
    agent.reads(LIVES)
    agent.tab.reload()
    agent.reads("t100\\agent is still connected.")
    agent.clicks("Log out")
    agent.reads("Logged out.")
    assert "authorization" not in agent.requests("POST", "/api/v2/me")[-1].all_headers()


def test_a_window_that_keeps_no_cookie_of_other_sites_goes_on_with_the_pair(
    desk: Desk, agent_at: Callable[..., Agent]
) -> None:
    agent = agent_at(desk.page, incognito=True)
    with agent.tab.expect_response(lambda each: each.url.endswith("/ping"), timeout=40_000) as pinged:
        agent.logs_in()
        agent.reads(LIVES)
    assert agent.context.cookies(desk.url) == []
    assert pinged.value.status == 200
    agent.clicks("Log out")
    agent.reads("Logged out.")


def test_a_wrong_password_is_told_and_no_box_of_the_browser_opens(desk: Desk, agent_at: Callable[..., Agent]) -> None:
    agent = agent_at(desk.page)
    agent.logs_in("wrong")
    agent.reads("401/20: User name or password is wrong, or the account cannot be used now.")
    (refused,) = agent.requests("POST", "/api/v2/me")
    assert refused.response().headers["www-authenticate"].startswith("xBasic ")
    assert agent.fetches(f"{desk.url}/ping")["status"] == 401
    assert agent.password_boxes == []


def test_a_box_would_open_for_basic(desk: Desk, agent_at: Callable[..., Agent], asks_basic: str) -> None:
    """That the test above would see it."""
    agent = agent_at(desk.page)
    assert agent.fetches(asks_basic)["status"] == 401
    assert agent.password_boxes == [asks_basic]


def test_the_same_page_of_another_origin_reads_nothing_and_makes_no_session(
    desk: Desk, agent_at: Callable[..., Agent]
) -> None:
    before = counted(desk.installation)
    agent = agent_at(desk.elsewhere)
    agent.logs_in()
    agent.reads("No answer: Failed to fetch")
    simple: dict[str, Any] = {"method": "POST", "body": "[]", "headers": {"Content-Type": "text/plain"}}
    for path, words in (("/ping", {}), ("/version", {}), ("/api/v2/me", {}), ("/api/v2/me", simple)):
        assert agent.fetches(f"{desk.url}{path}", **words) == {"failed": "TypeError"}
    assert counted(desk.installation) == before


def test_a_page_of_another_origin_gets_nothing_out_of_the_agents_cookie(
    desk: Desk, agent_at: Callable[..., Agent]
) -> None:
    agent = agent_at(desk.page)
    agent.logs_in()
    agent.reads(LIVES)
    agent.tab.goto(desk.elsewhere)
    assert agent.fetches(f"{desk.url}/api/v2/me") == {"failed": "TypeError"}
    logout = {"method": "POST", "body": '{"operationName": "EndContactCenterSession"}'}
    assert agent.fetches(f"{desk.url}/api/v2/me", **logout) == {"failed": "TypeError"}
    agent.tab.goto(desk.page)
    agent.reads("t100\\agent is still connected.")


def test_a_session_that_ended_is_logged_in_again_by_the_next_ping(desk: Desk, agent_at: Callable[..., Agent]) -> None:
    agent = agent_at(desk.page)
    agent.logs_in(place="Place_2")
    agent.reads(LIVES)
    token = {"X-CSRF-TOKEN": csrf_token(agent)}
    logout = {"method": "POST", "body": '{"operationName": "EndContactCenterSession"}', "headers": token}
    assert agent.fetches(f"{desk.url}/api/v2/me", **logout)["status"] == 200
    with agent.tab.expect_response(lambda each: each.url.endswith("/ping") and each.status == 401, timeout=40_000):
        pass
    with agent.tab.expect_response(lambda each: each.url.endswith("/ping") and each.status == 200, timeout=40_000):
        pass
    assert counted(desk.installation, ended_at=None, place_name="Place_2") == 1


@pytest.fixture
def asks_basic() -> Iterator[str]:
    """A server that lets every page in and asks for a password by Basic."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(401)
            self.send_header("WWW-Authenticate", 'Basic realm="x"')
            self.send_header("Access-Control-Allow-Origin", self.headers.get("Origin", "null"))
            self.send_header("Access-Control-Allow-Credentials", "true")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *words: Any) -> None:
            """Quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/ping"
    server.shutdown()
    server.server_close()


def test_the_sample_is_one_page_without_a_library() -> None:
    (html,) = blocks(Path(ROOT / "docs/screen-recording.md"), "html")
    assert len(html.splitlines()) <= 90
    assert not re.search(r"\b(?:src|import)\b\s*[=(]", html)
