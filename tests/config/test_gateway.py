"""config.gateway: what granian hands in wrongly is put right before Django sees it."""

import io
import json
from typing import Any

import pytest

from config.gateway import Environ, Gateway

LIMIT = 100


class Told:
    """A WSGI application that keeps what it was told."""

    environ: Environ
    body: bytes

    def __call__(self, environ: Environ, start_response: Any) -> list[bytes]:
        self.environ = environ
        self.body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        start_response("200 OK", [])
        return [b"ok"]


def ask(
    body: bytes = b"", process: dict[str, str] | None = None, *, terminated: bool = True, **environ: Any
) -> tuple[Told, list[str], dict[str, str], bytes]:
    told = Told()
    statuses: list[str] = []
    headers: dict[str, str] = {}
    gateway = Gateway(told, process_environ=process or {}, body_limit=LIMIT)
    base = {
        "REQUEST_METHOD": "POST",
        "PATH_INFO": "/auth/v3/oauth/token",
        "wsgi.input": io.BytesIO(body),
        "wsgi.input_terminated": terminated,
    }

    def start(status: str, pairs: list[tuple[str, str]]) -> None:
        statuses.append(status)
        headers.update(pairs)

    answer = b"".join(gateway((process or {}) | base | environ, start))
    return told, statuses, headers, answer


def test_the_process_environment_does_not_reach_the_request() -> None:
    process = {"SECRET_KEY": "geheim", "PATH": "/bin", "HTTP_X_GWS_USER": "root", "CONTENT_TYPE": "text/evil"}
    told, *_ = ask(process=process, HTTP_ACCEPT="*/*")
    assert set(told.environ) == {
        "REQUEST_METHOD", "PATH_INFO", "wsgi.input", "wsgi.input_terminated", "HTTP_ACCEPT", "CONTENT_LENGTH",
    }  # fmt: skip


def test_a_real_header_stays_where_a_variable_has_its_name() -> None:
    told, *_ = ask(process={"HTTP_HOST": "evil", "HTTP_PROXY": "http://p"}, HTTP_HOST="localhost", HTTP_PROXY="x")
    assert told.environ["HTTP_HOST"] == "localhost"
    assert "HTTP_PROXY" not in told.environ


def test_a_chunked_body_is_read() -> None:
    told, *_ = ask(b"grant_type=x")
    assert told.body == b"grant_type=x"


def test_a_server_that_does_not_end_the_stream_is_not_read() -> None:
    told, *_ = ask(b"next request", terminated=False)
    assert "CONTENT_LENGTH" not in told.environ


@pytest.mark.parametrize("length", ["", str(LIMIT + 1)])
def test_a_body_over_the_limit_is_413_in_the_dialect(length: str) -> None:
    told, statuses, headers, answer = ask(b"x" * (LIMIT + 1), CONTENT_LENGTH=length)
    assert not hasattr(told, "environ")
    assert statuses[0].startswith("413 ")
    assert headers["Content-Type"] == "application/json"
    assert headers["X-Request-ID"]
    assert "status" in json.loads(answer)


def test_a_body_at_the_limit_passes() -> None:
    told, *_ = ask(b"x" * LIMIT)
    assert len(told.body) == LIMIT


@pytest.mark.parametrize(("path", "status"), [("/auth/v3/oauth/token", "400 "), ("/admin/login/", "400 ")])
def test_a_body_that_ends_early_is_400(path: str, status: str) -> None:
    told, statuses, *_ = ask(b"a=", CONTENT_LENGTH="50", PATH_INFO=path)
    assert not hasattr(told, "environ")
    assert statuses[0].startswith(status)


def test_a_get_is_never_waited_for() -> None:
    told, *_ = ask(b"a=", REQUEST_METHOD="GET", CONTENT_LENGTH="50")
    assert (told.body, told.environ["CONTENT_LENGTH"]) == (b"", "0")


def test_the_admins_forms_may_be_twice_as_long() -> None:
    told, *_ = ask(b"x" * (LIMIT + 1), CONTENT_LENGTH=str(LIMIT + 1), PATH_INFO="/admin/import/")
    assert len(told.body) == LIMIT + 1


def test_a_body_over_the_admins_limit_is_413() -> None:
    _, statuses, *_ = ask(b"x", CONTENT_LENGTH=str(2 * LIMIT + 1), PATH_INFO="/admin/import/")
    assert statuses[0].startswith("413 ")
