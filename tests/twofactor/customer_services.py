"""A customer's own three web services on one server of a test: what each says, and what it was asked."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit

from environment.models import Application
from tests.config.listening import Listening, answer, listening
from tests.twofactor.services_cast import CHECK, SEND, VERIFY, put

Said = bytes | Callable[[socket.socket], None]
PATHS = {"check": "/check", "send": "/send", "verify": "/verify"}


def status(root: str, status: str, *methods: tuple[str, str]) -> bytes:
    """An answer as seed 004 writes it; ``methods`` are (name, value or "")."""
    each = "".join(f'<method name="{name}"' + (f' value="{value}"' if value else "") + "/>" for name, value in methods)
    listed = f"<methods>{each}</methods>" if methods else ""
    return answer(f"<{root}>\n<status>{status}</status>{listed}</{root}>".encode(), "Content-Type: application/xml")


@dataclass
class Services:
    """Who answers, by the service's path; ``asked`` holds (path, parameters) in the order of the requests."""

    check: Said = b""
    send: Said = b""
    verify: Said = b""
    port: int = 0
    server: Listening = field(default_factory=lambda: Listening(0))

    def finds(self, *methods: tuple[str, str], told: str = "success") -> None:
        """Contact methods of whoever is asked for."""
        self.check = status(CHECK, told, *methods)

    def sends(self, told: str = "success") -> None:
        """What the send says."""
        self.send = status(SEND, told)

    def verifies(self, told: str = "success") -> None:
        """What the check of a code says."""
        self.verify = status(VERIFY, told)

    @property
    def asked(self) -> list[tuple[str, dict[str, str]]]:
        return [_read(request) for request in self.server.requests]

    def times(self, service: str) -> int:
        """How often one of them was asked."""
        return sum(path == PATHS[service] for path, _sent in self.asked)

    def last(self, service: str) -> dict[str, str]:
        """The parameters that it was asked with last."""
        return [sent for path, sent in self.asked if path == PATHS[service]][-1]

    def answer(self, stream: socket.socket) -> None:
        """Say what the service of this request says."""
        path, _sent = _read(self.server.requests[-1])
        said: Said = getattr(self, path.removeprefix("/"))
        if callable(said):
            said(stream)
        else:
            stream.sendall(said)


@contextmanager
def services() -> Iterator[Services]:
    """Serve until the end of the block: all is well until a test says otherwise."""
    state = Services()
    state.finds(("email", "jo@customer.example"))
    state.sends()
    state.verifies()
    with listening(state.answer) as server:
        state.port, state.server = server.port, server
        yield state


def aimed(application: Application, state: Services, **options: str) -> None:
    """External codes by these services; test calls would ask where nobody is."""
    urls = {f"{name}_url": f"http://127.0.0.1:{state.port}{path}" for name, path in PATHS.items()}
    nowhere = {f"{name}_test": "http://127.0.0.1:9/" for name in urls}
    put(application, **({"code_generation": "external"} | urls | nowhere | options))


def _read(request: bytes) -> tuple[str, dict[str, str]]:
    """The path, and the parameters of address and body."""
    head, _, body = request.decode("latin-1").partition("\r\n\r\n")
    target = urlsplit(head.split(" ", 2)[1])
    sent = parse_qs(target.query, keep_blank_values=True) | parse_qs(body, keep_blank_values=True)
    return target.path, {name: values[-1] for name, values in sent.items()}
