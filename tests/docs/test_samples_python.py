"""The Python samples of docs/clients/, each started as printed against the demo, and used as its page says."""

from __future__ import annotations

import ast
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from tests.docs.pages import CLIENTS, Page
from tests.flows.people import Person, members_of
from tests.house.test_readme import blocks

MAX_LINES = 60
AGENT = {"username": "agent", "password": "demo-agent-1!", "tenant": "t100"}
DEMO_ID = "9350e2fc-a1dd-4c65-8d40-1f75a2e080dd"
LIBRARIES = {"authlib", "httpx", "joserfc", "requests"}

live = pytest.mark.live


def samples() -> list[tuple[str, str]]:
    return [(path.name, text) for path in sorted(CLIENTS.glob("*.md")) for text in blocks(path, "python")]


@pytest.mark.parametrize(("page", "sample"), samples(), ids=lambda text: text.split("\n")[0][:40])
def test_a_sample_is_short_says_what_it_is_and_needs_few_libraries(page: str, sample: str) -> None:
    assert len(sample.splitlines()) <= MAX_LINES
    tree = ast.parse(sample)
    assert ast.get_docstring(tree)
    imported = {name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names}
    imported |= {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    assert {name.partition(".")[0] for name in imported} <= LIBRARIES | sys.stdlib_module_names


@contextmanager
def started(sample: str, directory: Path, **environ: str) -> Iterator[subprocess.Popen[str]]:
    """The sample as a program of its own."""
    file = directory / "sample.py"
    file.write_text(sample, encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, "-W", "error::SyntaxWarning", str(file)],
        cwd=directory,
        env={**os.environ, **environ},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def said_by(sample: str, directory: Path) -> str:
    """What the sample prints until its end."""
    with started(sample, directory) as process:
        said, _ = process.communicate(timeout=60)
        assert process.returncode == 0, said
        return said


@contextmanager
def serving(sample: str, directory: Path, port: int) -> Iterator[None]:
    """The sample, once it listens."""
    with started(sample, directory) as process:
        end = time.monotonic() + 60
        while not _listens(port):
            assert process.poll() is None, process.communicate()[0]
            assert time.monotonic() < end, "the sample did not listen"
            time.sleep(0.1)
        yield


def _listens(port: int) -> bool:
    with socket.socket() as asking:
        return asking.connect_ex(("127.0.0.1", port)) == 0


def token_of(page: Page, client: tuple[str, str], **form: str) -> str:
    answer = requests.post(f"{page.api}/oauth/token", data=form, auth=client, timeout=30)
    return str(answer.json()["access_token"])


@live
def test_the_web_application_signs_in_refreshes_and_signs_out(page_of: Callable[[str], Page], tmp_path: Path) -> None:
    page = page_of("server.md")
    person = Person(page.api)
    with serving(page.python("A web application"), tmp_path, page.port):
        assert person.http.get(f"{page.home}/").text == "Nobody is signed in."
        back = person.signs_in(f"{page.home}/sign-in", **AGENT)
        assert set(members_of(back)) == {"code", "state", "iss"}
        before = person.http.cookies["my_web"]
        who = person.http.get(back.headers["Location"])
        assert who.url == f"{page.home}/"
        assert who.json()["loginName"] == "agent"
        assert person.http.cookies["my_web"] != before
        assert person.http.get(f"{page.home}/refresh").json()["loginName"] == "agent"

        gone = person.http.get(f"{page.home}/sign-out")
        assert gone.url == f"{page.home}/"
        assert gone.text == "Nobody is signed in."
        assert person.opens(f"{page.home}/sign-in").url.startswith(f"{page.api}/sign-in?")


@live
def test_the_web_application_takes_no_answer_that_this_browser_did_not_ask_for(
    page_of: Callable[[str], Page], tmp_path: Path
) -> None:
    page = page_of("server.md")
    with serving(page.python("A web application"), tmp_path, page.port):
        back = Person(page.api).signs_in(f"{page.home}/sign-in", **AGENT)
        stranger = requests.get(back.headers["Location"], timeout=30)
        assert stranger.text == "Nobody is signed in."


@live
def test_the_resource_server_admits_users_and_nobody_else(page_of: Callable[[str], Page], tmp_path: Path) -> None:
    page = page_of("server.md")
    demo = ("external_api_client", "demo-external-secret")
    users = token_of(page, demo, grant_type="password", username=r"t100\agent", password="demo-agent-1!")
    own = token_of(page, demo, grant_type="client_credentials")
    with serving(page.python("An API"), tmp_path, page.port):

        def calls(authorization: str) -> requests.Response:
            return requests.get(f"{page.home}/calls", headers={"Authorization": authorization}, timeout=30)

        assert calls(f"Bearer {users}").json()["in"] == DEMO_ID
        assert calls(f"Bearer {own}").status_code == 403
        for nobody in ("", "Bearer", "Bearer x", f"Basic {users}"):
            assert calls(nobody).status_code == 401
        requests.post(f"{page.api}/oauth/revoke", data={"token": users}, auth=demo, timeout=30)
        assert calls(f"Bearer {users}").status_code == 401


@live
def test_the_desktop_signs_in_by_the_browser_on_a_free_port(page_of: Callable[[str], Page], tmp_path: Path) -> None:
    page = page_of("desktop.md")
    asked, browser = tmp_path / "asked", tmp_path / "browser.py"
    browser.write_text(f"import sys\nopen({str(asked)!r}, 'w').write(sys.argv[1] + '\\n')\n", encoding="utf-8")
    with started(page.python("An agent's desktop"), tmp_path, BROWSER=f"{sys.executable} {browser} %s &") as process:
        end = time.monotonic() + 60
        while not (asked.exists() and asked.read_text().endswith("\n")):
            assert process.poll() is None, process.communicate()[0]
            assert time.monotonic() < end, "no browser was opened"
            time.sleep(0.1)
        person = Person(page.api)
        back = person.signs_in(asked.read_text().strip(), **AGENT)
        location = back.headers["Location"]
        # Somebody else's page knows the port, not the state.
        requests.get(f"{location.partition('?')[0]}?code=stolen&state=x", timeout=30)
        assert "You can close this window now." in person.http.get(location).text
        said, _ = process.communicate(timeout=60)
    assert process.returncode == 0, said
    assert said == f"agent {DEMO_ID} ['ROLE_AGENT']\n"


@live
def test_the_vendors_way_ends_with_nobody_signed_in(page_of: Callable[[str], Page], tmp_path: Path) -> None:
    assert said_by(page_of("desktop.md").python("The vendor's way"), tmp_path) == "agent 0\n0\n403\n"


@live
def test_the_end_of_the_vendors_way_is_a_file_that_could_be_provisioned(
    page_of: Callable[[str], Page], tmp_path: Path
) -> None:
    page = page_of("desktop.md")
    (text,) = page.blocks("yaml by-hand")
    file = tmp_path / "end.yaml"
    file.write_text(text, encoding="utf-8")
    done = page.demo.manage("provision", str(file), "--dry-run", "--detailed-exitcode", DESKGATE_MODE="demo")
    assert done.returncode == 2, done.stdout + done.stderr
    assert "2 to change" in done.stdout


@live
def test_the_script_keeps_one_token_for_its_calls(page_of: Callable[[str], Page], tmp_path: Path) -> None:
    assert said_by(page_of("script.md").python("A script"), tmp_path) == "my_script ['ROLE_REPORTING']\n" * 2


@live
def test_the_deployment_script_makes_everything_once(page_of: Callable[[str], Page], tmp_path: Path) -> None:
    sample = page_of("script.md").python("A deployment script")
    first = said_by(sample, tmp_path)
    assert [line.partition(" with ")[0] for line in first.splitlines()] == [
        "made contact center t400",
        "added origin https://desk.example.com",
        "made client my_deployed_web",
    ]
    assert said_by(sample, tmp_path) == ""
