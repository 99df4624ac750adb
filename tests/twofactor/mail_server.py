"""A real SMTP receiver (aiosmtpd) of one test, on a thread, at a port of its own."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Session


@dataclass
class Inbox:
    """Whom it refuses, and what it took. ``recipient`` and ``data`` are the replies."""

    recipient: str = "250 OK"
    sender: str = "250 OK"
    data: str = "250 taken"
    port: int = 0
    got: list[Any] = field(default_factory=list)
    sessions: list[Session] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)

    async def handle_MAIL(self, server, session, envelope, address, options):  # noqa: N802 - aiosmtpd's
        self.sessions.append(session)
        envelope.mail_from = address
        return self.sender

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802 - aiosmtpd's
        self.recipients.append(address)
        envelope.rcpt_tos.append(address)
        return self.recipient

    async def handle_DATA(self, server, session, envelope):  # noqa: N802 - aiosmtpd's
        self.got.append(envelope)
        return self.data

    def authenticate(self, server, session, envelope, mechanism, data):
        right = (data.login, data.password) == (b"desk", b"lantern-oak-9")
        return AuthResult(success=right, handled=False, auth_data=data.login.decode() if right else None)


class _Controller(Controller):
    """Bound before it starts: nobody else gets the port."""

    def __init__(self, inbox: Inbox, **words: Any) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        inbox.port = self.listener.getsockname()[1]
        super().__init__(inbox, hostname="127.0.0.1", port=inbox.port, authenticator=inbox.authenticate, **words)

    def _create_server(self):
        return self.loop.create_server(self._factory_invoker, sock=self.listener, ssl=self.ssl_context)


@contextmanager
def mail_server(inbox: Inbox | None = None, **words: Any) -> Iterator[Inbox]:
    """Serve until the end of the block."""
    inbox = inbox or Inbox()
    controller = _Controller(inbox, **words)
    controller.start()
    try:
        yield inbox
    finally:
        controller.stop()
