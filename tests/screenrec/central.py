"""Recording Web Services as the tests play them: a real HTTP server in a thread, which keeps what it was asked."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.flows.server import free_port

ME, PING = "/api/v2/me", "/ping"
COOKIE = "rws=the-key-of-the-session-over-there"
USER = {"id": "0" * 32, "userName": "t100\\bob", "firstName": "Bob", "roles": ["ROLE_AGENT"], "password": ""}
SEATED = {"place": {"name": "Place_1"}, "devices": [{"dn": "7001", "switch": "SIP_Switch"}]}
LOGIN = {"statusCode": 0, "user": USER | SEATED}


@dataclass
class Said:
    """How it answers a path: status, body (JSON unless bytes), headers; ``late`` seconds after it was asked."""

    status: int = 200
    body: Any = field(default_factory=lambda: {"statusCode": 0})
    headers: dict[str, str] = field(default_factory=dict)
    late: float = 0

    @property
    def bytes(self) -> bytes:
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


@dataclass
class Asked:
    """One request that came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def what(self) -> str:
        return f"{self.method} {self.path.partition('?')[0]}"


class Central:
    """One server. ``login``, ``ping`` and ``logout`` say how it answers, ``asked`` what came,
    ``most_at_once`` how many requests it had at one time."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.most_at_once = self._now = 0
        self._counting = threading.Lock()
        self.login = Said(body=LOGIN, headers={"Set-Cookie": f"{COOKIE}; HttpOnly; Path=/; SameSite=None; Secure"})
        self.ping = Said()
        self.logout = Said()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def fails(self, **words: Any) -> None:
        """Everything is answered like this."""
        self.login = self.ping = self.logout = Said(**words)

    def close(self) -> None:
        """Nobody listens there any more."""
        self._server.shutdown()
        self._server.server_close()

    @property
    def whats(self) -> list[str]:
        """Method and path of each request."""
        return [each.what for each in self.asked]

    def _said(self, asked: Asked) -> Said:
        if asked.path.startswith(PING):
            return self.ping
        return self.logout if b"operationName" in asked.body else self.login

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        central = self

        class Handler(BaseHTTPRequestHandler):
            def _answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                asked = Asked(self.command, self.path, headers, body)
                central.asked.append(asked)
                said = central._said(asked)
                with central._counting:
                    central._now += 1
                    central.most_at_once = max(central.most_at_once, central._now)
                time.sleep(said.late)
                with central._counting:
                    central._now -= 1
                self.send_response(said.status)
                for name, value in said.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(said.bytes)))
                self.end_headers()
                self.wfile.write(said.bytes)

            do_GET = do_POST = _answer  # noqa: N815 - http.server's names

            def handle(self) -> None:
                # Who has waited long enough hangs up.
                try:
                    super().handle()
                except OSError:
                    return

            def log_message(self, *words: Any) -> None:
                """Quiet."""

        return Handler


@contextmanager
def central() -> Iterator[Central]:
    """One that listens until the block ends."""
    made = Central()
    try:
        yield made
    finally:
        made.close()


def nobody() -> str:
    """An address where nobody listens."""
    return f"http://127.0.0.1:{free_port()}"
