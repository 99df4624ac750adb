"""What tests of strategies share: an application with a strategy, the driver of generated SCXML, a History API."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from lxml import etree

from config.encryption import SealBroken
from environment.models import Application, ContactCenter
from environment.services import application_create
from history.models import Strategy
from history.scxml.judging import local_name
from history.services.strategies import strategy_create, strategy_password_plain
from tests.cast import basic
from tests.tools import program

RUNNER = Path(__file__).with_name("scxml_runner.js")
VISIT = "2f3f9c9e-59a1-11e2-8f5e-00505625a04f"
PAIR = ("apiuserid", "nimbus-ladle-77")
SESSION = "{http://www.genesyslab.com/modules/session}"
HOSTILE = [
    "plain",
    "it's",
    'double "quotes"',
    "back\\slash\\",
    "'); process.exit(7); ('",
    "</script><script>throw 1</script>",
    "]]>",
    "<!-- & &amp; &#65; -->",
    "\u2028 and \u2029",
    "äöü ßẞ",
    "日本語",
    "😀 beyond the plane \U0001d4b3",
    "${template} `ticks`",
    "\ufeffmark\ufffe",
    "%41%00",
    " blanks ",
    "$$_MY_PREFIX_$$",
]


def web_engagement(center: ContactCenter, name: str = "Web_Engagement_Server") -> Application:
    return application_create(name=name, type=Application.Type.WEB_ENGAGEMENT_SERVER, contact_center=center)


def a_strategy(center: ContactCenter, application: str = "Web_Engagement_Server", **words: Any) -> Strategy:
    words = {"user": PAIR[0], "password": PAIR[1]} | words
    return strategy_create(application=web_engagement(center, application), **words)


def strategy_pair_matches(strategy: Strategy, *, user: str, password: str) -> bool:
    """Whether its pair is this one; a password that does not open matches nothing."""
    try:
        return (strategy.user, strategy_password_plain(strategy)) == (user, password)
    except SealBroken:
        return False


def chart_of(text: str) -> dict[str, Any]:
    """The document as the runner wants it."""
    root = etree.fromstring(text.encode())
    return {
        "initial": root.get("initial"),
        "scripts": [one.text for one in root if local_name(one) == "script"],
        "states": _states(root),
    }


def _states(parent: Any) -> list[dict[str, Any]]:
    return [
        {
            "id": one.get("id"),
            "final": local_name(one) == "final",
            "initial": one.get("initial"),
            "data": [(each.get("id"), each.get("expr")) for each in one.iterfind("{*}datamodel/{*}data")],
            "onentry": [action for each in one.iterfind("{*}onentry") for action in _actions(each)],
            "transitions": [dict(each.attrib) | {"actions": _actions(each)} for each in one.iterfind("{*}transition")],
            "states": _states(one),
        }
        for one in parent
        if isinstance(one.tag, str) and local_name(one) in ("state", "final")
    ]


def _actions(parent: Any) -> list[dict[str, Any]]:
    return [
        {
            "tag": etree.QName(one).localname,
            "text": one.text,
            "attributes": dict(one.attrib),
            "actions": _actions(one),
        }
        for one in parent
        if isinstance(one.tag, str)
    ]


def drive(text: str, **job: Any) -> dict[str, Any]:
    """Run the document in node; what it entered, asked and decided."""
    sent = {"chart": chart_of(text), "params": {"visitId": VISIT}} | job
    node = program("node")
    assert node
    done = subprocess.run([node, str(RUNNER)], input=json.dumps(sent), capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def evaluated(expressions: list[str]) -> list[Any]:
    """The values of ECMAScript expressions, by node."""
    node = program("node")
    assert node
    script = (
        "process.stdout.write(JSON.stringify(JSON.parse(require('fs').readFileSync(0,'utf8')).map((e) => eval(e))))"
    )
    done = subprocess.run([node, "-e", script], input=json.dumps(expressions), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@dataclass
class HistoryApi:
    """A stand-in that demands the pair and tells one visit."""

    port: int
    pages: int = 3
    events: int = 5
    asked: list[str] = field(default_factory=list)

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/server/data"


@contextmanager
def history_api(user: str, password: str) -> Iterator[HistoryApi]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            api.asked.append(self.path)
            status, body = 200, _visit(api.pages, api.events)
            if self.headers["Authorization"] != basic(user, password):
                status, body = 401, {"code": 401, "title": "Not Authorized", "description": "No."}
            elif self.path != f"/server/data/visits/{VISIT}?include_pages=true&include_events=true":
                status, body = 404, {"code": 404, "title": "Not Found", "description": "No."}
            sent = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json; charset=UTF-8")
            self.send_header("Content-Length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

        def log_message(self, *words: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        api = HistoryApi(server.server_port)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield api
        server.shutdown()


def _visit(pages: int, events: int) -> dict[str, Any]:
    return {
        "eventIds": [f"e{n}" for n in range(events)] or None,
        "events": None,
        "pageIds": [f"p{n}" for n in range(pages)] or None,
        "pages": None,
        "visitId": VISIT,
        "startDate": 1354798164472,
        "endDate": 0,
    }
