"""``make tour``: walks the rooms of a running demo, and says in one line why it cannot."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.config.test_serve import free_port
from tests.house.conftest import ROOT, Place

TOUR = (sys.executable, "-m", "demo.tour")


def one_line(done: subprocess.CompletedProcess[str]) -> str:
    """What it said to standard error; it ended with 1."""
    assert done.returncode == 1, done.stdout
    (line,) = done.stderr.splitlines()
    return line


@pytest.mark.live
@pytest.mark.slow
def test_it_walks_every_room_within_a_minute_and_again(demo: Place) -> None:
    began = time.monotonic()
    done = demo.run(*TOUR)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr
    assert time.monotonic() - began < 60
    rooms = [path.stem for path in (ROOT / "demo/tour/rooms").glob("*.py") if path.stem != "__init__"]
    assert done.stdout.count("=== ") == len(rooms) >= 3
    assert demo.run(*TOUR).returncode == 0

    lines = [line.removeprefix("$ ") for line in done.stdout.splitlines() if line.startswith("$ ")]
    (token,) = [line for line in lines if "grant_type=password" in line]
    pasted = subprocess.run(["sh", "-c", token], capture_output=True, text=True, check=True)
    assert json.loads(pasted.stdout)["token_type"] == "bearer"


@pytest.mark.parametrize("words", [(), ("http://127.0.0.1:{port}",)], ids=["by PORT", "by address"])
def test_without_a_demo_it_says_how_to_start_one(words: tuple[str, ...], place: Place) -> None:
    told = one_line(place.run(*TOUR, *(word.format(port=place.port) for word in words)))
    assert told == f"No demo answers at http://127.0.0.1:{place.port}. Start one with: make run"


def test_another_server_is_no_demo(place: Place, answering: Any) -> None:
    url = answering({})
    assert one_line(place.run(*TOUR, url)) == f"What answers at {url} is not the demo. Start one with: make run"


def test_an_answer_that_differs_is_named(place: Place, answering: Any) -> None:
    done = place.run(*TOUR, answering({"X-Deskgate-Worker": "1"}))
    assert one_line(done) == "POST /auth/v3/oauth/token answered 404 instead of 200."
    assert "$ curl -s -u external_api_client:demo-external-secret" in done.stdout


def test_it_needs_nothing_but_python(tmp_path: Path) -> None:
    script = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from demo.tour.__main__ import all_rooms; all_rooms()"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.fixture
def answering() -> Iterator[Any]:
    """A server whose ``/readyz`` is 200 with these headers, and everything else 404."""
    servers: list[ThreadingHTTPServer] = []

    def start(headers: dict[str, str]) -> str:
        class Handler(BaseHTTPRequestHandler):
            def _answer(self) -> None:
                self.send_response(200 if self.path == "/readyz" else 404)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_GET = do_POST = _answer  # noqa: N815 - http.server's names

            def log_message(self, *words: Any) -> None:
                """Quiet."""

        servers.append(ThreadingHTTPServer(("127.0.0.1", free_port()), Handler))
        threading.Thread(target=servers[-1].serve_forever, daemon=True).start()
        return f"http://127.0.0.1:{servers[-1].server_port}"

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()
