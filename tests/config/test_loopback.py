"""config.serving.loopback, without a process (tests/screenrec/test_srs_process.py has one)."""

from __future__ import annotations

import re
from typing import Any

import pytest

from config.serving.loopback import LoopbackDoor

PATHS = re.compile(r"/(?:api/v2(?:/.*)?|version/?|ping/?|livez|readyz)\Z", re.DOTALL)


def ask(path: str = "/version", *, known_as: str = "", **environ: str) -> tuple[str, dict[str, str], dict[str, Any]]:
    """Status, headers, and the environment that reached the application (empty: none did)."""
    reached: dict[str, Any] = {}
    begun: list[Any] = []

    def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
        reached.update(environ)
        start_response("200 OK", [("strict-Transport-Security", "max-age=1"), ("X-Kept", "1")])
        return [b""]

    door = LoopbackDoor(application, paths=PATHS, dialect="recorder", known_as=known_as)
    door({"PATH_INFO": path, "REQUEST_METHOD": "GET"} | environ, lambda *words: begun.extend(words))
    return begun[0], dict(begun[1]), reached


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LocalHost", "127.0.0.1:8090", "localhost:65535"])
def test_this_machines_names_pass(host: str) -> None:
    assert ask(HTTP_HOST=host)[0] == "200 OK"


@pytest.mark.parametrize("host", ["", "evil", "localhost,evil", "evil,localhost", "localhost\n", "[::1]", "127.0.0.1:"])
def test_other_names_reach_nobody(host: str) -> None:
    status, _, reached = ask(HTTP_HOST=host)
    assert (status, reached) == ("403 Forbidden", {})


def test_no_host_reaches_nobody() -> None:
    assert ask()[0] == "403 Forbidden"


@pytest.mark.parametrize("path", ["/", "/admin/", "/api/v20", "/versions", "/ping/x", "/version\n", "/livez/"])
def test_other_paths_reach_nobody(path: str) -> None:
    status, _, reached = ask(path, HTTP_HOST="localhost")
    assert (status, reached) == ("404 Not Found", {})


@pytest.mark.parametrize("path", ["/api/v2", "/api/v2/me", "/version/", "/ping", "/ping/", "/livez", "/readyz"])
def test_the_recorders_paths_pass(path: str) -> None:
    assert ask(path, HTTP_HOST="localhost")[0] == "200 OK"


def test_forwarding_headers_are_dropped_and_the_host_becomes_the_installations() -> None:
    sent = {"HTTP_X_FORWARDED_FOR": "203.0.113.9", "HTTP_FORWARDED": "for=1", "HTTP_X_REAL_IP": "203.0.113.9"}
    reached = ask(HTTP_HOST="localhost", HTTP_ORIGIN="https://desk.example.com", known_as="a.example.com", **sent)[2]
    assert not reached.keys() & sent.keys()
    assert (reached["HTTP_HOST"], reached["HTTP_ORIGIN"]) == ("a.example.com", "https://desk.example.com")
    assert ask(HTTP_HOST="localhost")[2]["HTTP_HOST"] == "localhost"


def test_hsts_is_taken_out_of_answers() -> None:
    assert ask(HTTP_HOST="localhost")[1] == {"X-Kept": "1"}
