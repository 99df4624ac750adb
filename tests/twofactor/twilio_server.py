"""A server that speaks Twilio's Messages API, by the magic numbers of its test credentials (reference part D.4)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from time import sleep
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from django.test import Client

SID = "AC" + "0" * 31 + "1"
TOKEN = "token-of-the-account-7"
SERVICE = "MG" + "a" * 32
BY_RECIPIENT = {
    "+15005550001": (400, 21211),
    "+15005550002": (400, 21612),
    "+15005550003": (400, 21408),
    "+15005550004": (400, 21610),
    "+15005550009": (400, 21614),
    "+15005550020": (429, 20429),
    "+15005550021": (500, 20500),
    "+15005550022": (400, 99999),
    "+15005550023": (400, 30450),
}
BY_SENDER = {"+15005550001": (400, 21212), "+15005550007": (400, 21606), "+15005550008": (400, 21611)}
SILENT, PAGE, GARBLED, REDIRECTS, FAILED_AT_ONCE = (f"+150055500{number}" for number in (30, 31, 32, 33, 34))


@dataclass
class Twilio:
    """What it was asked for: one form per message."""

    port: int = 0
    forms: list[dict[str, str]] = field(default_factory=list)

    @property
    def sid(self) -> str:
        return f"SM{len(self.forms):032x}"


def _error(status: int, code: int) -> tuple[int, str]:
    told = {"code": code, "message": f"Error {code}", "more_info": f"https://example.com/{code}", "status": status}
    return status, json.dumps(told)


def _answer(state: Twilio, form: dict[str, str], authorization: str) -> tuple[int, str]:
    if authorization != "Basic " + base64.b64encode(f"{SID}:{TOKEN}".encode()).decode():
        return _error(401, 20003)
    known = BY_RECIPIENT.get(form["To"]) or BY_SENDER.get(form.get("From", ""))
    if known:
        return _error(*known)
    if form["To"] == SILENT:
        sleep(5)
    if form["To"] == PAGE:
        return 502, "<html>Bad gateway</html>"
    if form["To"] == GARBLED:
        return 201, "{"
    if form["To"] == REDIRECTS:
        return 307, ""
    if form["To"] == FAILED_AT_ONCE:
        return 201, json.dumps({"sid": state.sid, "status": "failed", "error_code": 30007})
    return 201, json.dumps({"sid": state.sid, "status": "queued", "error_code": None, "to": form["To"]})


@contextmanager
def twilio_server() -> Iterator[Twilio]:
    """Serve until the end of the block."""
    state = Twilio()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            sent = self.rfile.read(int(self.headers["Content-Length"])).decode()
            assert self.path == f"/2010-04-01/Accounts/{SID}/Messages.json"
            form = {name: values[0] for name, values in parse_qs(sent, strict_parsing=True).items()}
            state.forms.append(form)
            status, body = _answer(state, form, self.headers["Authorization"])
            self.send_response(status)
            if status == 307:
                self.send_header("Location", "http://127.0.0.1:1/")
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *args: Any) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        server.block_on_close = False
        state.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield state
        server.shutdown()


def signature(url: str, form: dict[str, str], token: str = TOKEN) -> str:
    """As Twilio documents it: HMAC-SHA1 over the address and the sorted parameters."""
    text = url + "".join(name + form[name] for name in sorted(form))
    return base64.b64encode(hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()).decode()


def report(url: str, status: str, *, token: str = TOKEN, signed: str | None = None, **form: str) -> Any:
    """Twilio's callback to this address, as it would come behind a proxy: under whatever host."""
    form = {"MessageStatus": status, "AccountSid": SID} | form
    sign = signature(url, form, token) if signed is None else signed
    where = urlsplit(url)
    path = where.path + (f"?{where.query}" if where.query else "")
    kind = "application/x-www-form-urlencoded"
    http = Client(raise_request_exception=False, enforce_csrf_checks=True)
    return http.post(path, urlencode(form), content_type=kind, headers={"X-Twilio-Signature": sign})
