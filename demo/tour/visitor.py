"""Who walks: asks by HTTP, prints each request as a curl line to paste and its answer, and stops where one differs."""

from __future__ import annotations

import base64
import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import HTTPRedirectHandler, OpenerDirector, ProxyHandler, Request, build_opener

SECONDS = 15
"""For one answer."""
LONGEST = 1_500
"""Characters of an answer that are printed."""
TOLD = ("set-cookie", "location", "www-authenticate", "etag", "x-csrf-header", "x-csrf-token", "paging-next")
"""Headers that are printed with an answer."""


class Astray(Exception):
    """The walk cannot go on; the words are for the terminal."""


@dataclass(frozen=True)
class Answer:
    """What came back; header names are lower-case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The body as JSON; None when it is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None


@dataclass(frozen=True)
class Question:
    """One request. ``user`` is a Basic pair, ``form`` and ``data`` (JSON) are bodies."""

    method: str
    url: str
    user: tuple[str, str] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, str] | None = None
    data: Any = None

    @property
    def curl(self) -> str:
        """As a newcomer types it; single quotes keep ``!`` and ``\\`` from the shell."""
        body = self.form is not None or self.data is not None
        words = ["curl", "-s"] + (["-X", self.method] if self.method != ("POST" if body else "GET") else [])
        words += ["-u", ":".join(self.user)] if self.user else []
        for name, value in self.headers.items():
            words += ["-b", value] if name == "Cookie" else ["-H", f"{name}: {value}"]
        for name, value in (self.form or {}).items():
            words += ["-d", f"{name}={value}"]
        if self.data is not None:
            words += ["-H", "Content-Type: application/json", "-d", json.dumps(self.data)]
        return shlex.join([*words, self.url])

    def request(self) -> Request:
        """The same for urllib."""
        headers = dict(self.headers)
        body = None
        if self.user:
            headers["Authorization"] = "Basic " + base64.b64encode(":".join(self.user).encode()).decode()
        if self.form is not None:
            body = urlencode(self.form).encode()
        if self.data is not None:
            body, headers["Content-Type"] = json.dumps(self.data).encode(), "application/json"
        return Request(self.url, data=body, headers=headers, method=self.method)


class _Stay(HTTPRedirectHandler):
    """Redirects are answers."""

    def redirect_request(self, *words: Any) -> None:
        return None


class Visitor:
    """At one demo. ``say`` writes a line."""

    def __init__(self, url: str) -> None:
        self.url = url.rstrip("/")
        # No proxy of the environment: the demo answers this machine only.
        self._opener: OpenerDirector = build_opener(ProxyHandler({}), _Stay)

    def say(self, words: str = "") -> None:
        print(words, flush=True)

    def ask(self, words: str, method: str, path: str, *, status: int = 200, **rest: Any) -> Answer:
        """Say ``words``, ask, print, and go on when the answer has this status. Raises Astray."""
        question = Question(method, f"{self.url}{path}", **rest)
        self.say(f"\n# {words}\n$ {question.curl}")
        answer = self._answer(question)
        self.say(_shown(answer))
        if answer.status != status:
            raise Astray(f"{method} {path} answered {answer.status} instead of {status}.")
        return answer

    def expect(self, holds: object, words: str) -> None:
        """Go on when it holds. Raises Astray."""
        if not holds:
            raise Astray(f"The answer differs: {words}.")

    def look_for_the_demo(self) -> None:
        """Raises Astray when none answers: in demo mode every answer names its process."""
        try:
            answer = self._answer(Question("GET", f"{self.url}/readyz"))
        except Astray:
            raise Astray(f"No demo answers at {self.url}. Start one with: make run") from None
        if "x-deskgate-worker" not in answer.headers:
            raise Astray(f"What answers at {self.url} is not the demo. Start one with: make run")
        if answer.status != 200:
            raise Astray(f"The demo at {self.url} is not ready: {answer.body.decode(errors='replace').strip()}")

    def _answer(self, question: Question) -> Answer:
        try:
            with self._opener.open(question.request(), timeout=SECONDS) as got:
                return Answer(got.status, _lower(got.headers.items()), got.read())
        except HTTPError as refused:
            with refused:
                return Answer(refused.code, _lower(refused.headers.items()), refused.read())
        except (URLError, OSError) as error:
            raise Astray(f"{question.url} does not answer: {getattr(error, 'reason', error)}") from None


def _lower(items: Any) -> dict[str, str]:
    return {str(name).lower(): str(value) for name, value in items}


def _shown(answer: Answer) -> str:
    lines = [f"< {answer.status}"]
    lines += [f"< {name}: {answer.headers[name]}" for name in TOLD if name in answer.headers]
    told = answer.json
    text = (
        answer.body.decode(errors="replace").strip() if told is None else json.dumps(told, indent=2, ensure_ascii=False)
    )
    lines += [text[:LONGEST] + (" …" if len(text) > LONGEST else "")] if text else []
    return "\n".join(lines)
