"""Errors are statusCode and statusMessage and nothing else, whatever went wrong and whoever notices."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import OperationalError
from django.test import override_settings

from accounts.models import User
from config.http.errors import Busy
from screenrec import options
from screenrec.flows import desk
from tests.screenrec.desktop import LOGOUT, ME, ORIGIN, Desktop, put, refused

UNKNOWN = ["/api/v2", "/api/v2/", "/api/v2/me/x", "/api/v2/users", "/api/v2/me/calls/7", "/api/v2/ME", "/api/v2/x%0Ay"]


@pytest.mark.parametrize("debug", [True, False])
@pytest.mark.parametrize("path", [*UNKNOWN, "/ping/x", "/version/x"])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_unknown_paths_are_404(path: str, method: str, debug: bool) -> None:
    with override_settings(DEBUG=debug):
        answer = Desktop().ask(method, path, [], Accept="text/html")
    refused(answer, 404, 6)
    assert answer["X-Request-ID"]


@pytest.mark.parametrize(
    "media",
    [
        "application/json", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
        "multipart/form-data", "application/xml", "application/json; charset=latin-1", "nonsense", "", "a/b; \x80",
    ],
)  # fmt: skip
def test_a_body_is_read_as_json_whatever_it_is_called(desktop: Desktop, media: str) -> None:
    headers = {"Content-Type": media}
    refused(desktop.ask("POST", ME, b"{", pair=True, **headers), 400, 2)
    assert desktop.ask("POST", ME, [], pair=True, **headers).status_code == 200
    assert desktop.ask("POST", ME, LOGOUT, **headers).json() == {"statusCode": 0}


@pytest.mark.parametrize("accept", ["text/html", "application/xml", "image/*", "nonsense"])
def test_the_answer_is_json_whatever_is_accepted(desktop: Desktop, accept: str) -> None:
    assert desktop.log_in(Accept=accept).json()["statusCode"] == 0
    refused(desktop.ask("POST", ME, b"{", Accept=accept), 400, 2)


@pytest.mark.parametrize(("method", "path", "body"), [("GET", ME, None), ("POST", ME, LOGOUT), ("GET", "/ping", None)])
def test_a_401_challenges_pages_as_x_basic_and_others_as_basic(method: str, path: str, body: Any, bob: User) -> None:
    put(options.REQUIRE_ORIGIN, "false")
    for origin, scheme in ((ORIGIN, "xBasic"), ("", "Basic")):
        for desktop in (Desktop(bob, password="wrong", origin=origin), Desktop(origin=origin)):
            answer = desktop.ask(method, path, body, pair=bool(desktop.pair))
            refused(answer, 401, 20)
            assert answer["WWW-Authenticate"] == f'{scheme} realm="Deskgate", charset="UTF-8"'


@pytest.mark.parametrize("host", ["evil.example.com", "a b", "x:y:z"])
def test_a_foreign_host_is_refused_in_the_dialect(host: str) -> None:
    refused(Desktop().ask("GET", ME, Host=host), 400, 2)


def failing(error: Exception) -> Any:
    def fail(*args: Any, **kwargs: Any) -> Any:
        raise error

    return fail


@pytest.mark.parametrize(
    ("error", "status"), [(RuntimeError("secret words"), 500), (OperationalError("lost"), 503), (Busy(), 503)]
)
def test_our_own_faults_are_told_in_it_too(
    desktop: Desktop, monkeypatch: pytest.MonkeyPatch, error: Exception, status: int
) -> None:
    monkeypatch.setattr(desk, "session_open", failing(error))
    answer = desktop.log_in()
    refused(answer, status, 4)
    assert "secret words" not in answer.content.decode()
    assert (status == 503) is ("Retry-After" in answer.headers)
    assert answer["Access-Control-Allow-Origin"] == ORIGIN
