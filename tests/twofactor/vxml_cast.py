"""Who plays in the calls of test_voicexml.py: an IVR with its pair, jo with address and phone, and what receives."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, quote

from django.test import Client

from accounts.models import Role
from environment.models import Application
from environment.services.options import options_set_many
from tests.accounts.configuring import register
from tests.cast import SECRET
from tests.twofactor.mail_server import Inbox
from tests.twofactor.sending import EMAIL, PHONE
from tests.twofactor.vxml_caller import FORM, Call
from twofactor.models import Caller, Customer

ENTRY = "/twofactor/vxml/TwoFactor"


def post(path: str, form: str, headers: dict[str, str]) -> Any:
    """What the platform's fetches come to."""
    http = Client(raise_request_exception=False)
    return http.generic("POST", path, form, content_type=FORM, headers=headers)


def ivr_entry(application: Application, name: str = "ivr") -> str:
    """Bind a new credential to the application; the entry address with its pair."""
    credential = register(
        application.contact_center, Role.objects.get(name="Administrator"), name, password=f"{SECRET}:@/"
    )
    Caller.objects.create(application=application, credential=credential)
    return f"https://{name}:{quote(f'{SECRET}:@/', safe='')}@auth.example.com{ENTRY}"


def call_at(entry: str, **form: str) -> Call:
    """A call that has come in."""
    said = {"account": "4711", "callId": "c1", "cli": PHONE, "dnis": "800", "testCall": "false"} | form
    return Call(post, entry).begins(**{name: value for name, value in said.items() if value})


def customer(application: Application, *, email: str = EMAIL, phone: str = PHONE) -> Customer:
    """jo."""
    assert application.contact_center is not None
    return Customer.objects.create(contact_center=application.contact_center, account="4711", email=email, phone=phone)


def configure(application: Application, **values: Any) -> None:
    """Options of the settings page, all at once; ``_`` stands for ``-``."""
    section = values.pop("section", "two-factor")
    sets = {(section, name.replace("_", "-")): str(value) for name, value in values.items()}
    options_set_many(holder=application, values=sets)


def code_in(text: str) -> str:
    """The code of a message."""
    (code,) = re.findall(r"\b[0-9]{4,9}\b", text)
    return str(code)


def wrong(code: str) -> str:
    """Another one, as long."""
    return "".join(str((int(digit) + 1) % 10) for digit in code)


@dataclass
class Told:
    """What a server was told, and what it answers by the last part of the address."""

    port: int = 0
    forms: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    answers: dict[str, str] = field(default_factory=dict)

    def at(self, name: str) -> str:
        return f"http://127.0.0.1:{self.port}/{name}"


@contextmanager
def listening(**answers: str) -> Iterator[Told]:
    """A gateway, or the customer's web services, at a port of its own."""
    told = Told(answers=answers)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            name = self.path.strip("/")
            told.forms.append((name, {key: values[0] for key, values in parse_qs(body).items()}))
            answer = told.answers.get(name, "").encode()
            self.send_response(200 if name in told.answers else 404)
            self.send_header("Content-Type", "application/xml; charset=utf-8")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *words: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told.port = server.server_address[1]
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield told
    finally:
        server.shutdown()
        server.server_close()


def mailed(inbox: Inbox) -> str:
    """The code of the newest message."""
    return code_in(inbox.got[-1].content.decode().partition("\r\n\r\n")[2])
