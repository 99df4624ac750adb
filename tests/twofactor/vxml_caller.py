"""A caller in front of a small VoiceXML interpreter: fields, key grammars, silence, branches, submits, hang-ups and
returns, as VoiceXML 2.0's form interpretation algorithm (appendix C) does them. Every document that comes is read by
the standard first (``tests.twofactor.vxml_standard``).
"""

from __future__ import annotations

import ast
import re
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote, urlencode, urljoin, urlsplit

from lxml import etree

from tests.twofactor.vxml_standard import faults, name_of, parsed

FORM = "application/x-www-form-urlencoded"
Post = Callable[[str, str, dict[str, str]], Any]
"""(path, form as sent, headers) → Django's answer."""


def text_of(literal: str) -> str:
    """What an ECMAScript string literal means; Python reads the same escapes, but for pairs of surrogates."""
    value = ast.literal_eval(literal)
    return str(value).encode("utf-16", "surrogatepass").decode("utf-16")


@dataclass
class Call:
    """One call; ``entry`` is the address that the platform was given, with user:pass@ in it."""

    post: Post
    entry: str
    headers: dict[str, str] = field(default_factory=dict)
    heard: list[str] = field(default_factory=list)
    documents: list[bytes] = field(default_factory=list)
    sent: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)
    returned: dict[str, str] | None = None

    def begins(self, **form: str) -> Call:
        """Enter by <subdialog src= method="post" namelist=>."""
        self._address = self.entry
        self._variables: dict[str, str] = {}
        self._root: etree._Element | None = None
        self._submit(self.entry, form)
        return self

    def presses(self, keys: str) -> Call:
        """Press these, and wait until the platform takes them; none is silence."""
        assert self.returned is None, f"the call has gone on with {self.returned}"
        item = self._one("form", "field")
        if not keys:
            self._run(self._one("form", "field", "noinput"))
        elif matches(self._one("form", "field", "grammar"), keys.removesuffix("#")):
            self._variables[str(item.get("name"))] = keys.removesuffix("#")
            self._run(self._one("form", "field", "filled"))
        else:
            self._run(self._one("form", "field", "nomatch"))
        return self

    def waits(self) -> Call:
        """Say nothing."""
        return self.presses("")

    def hangs_up(self) -> Call:
        """Throw connection.disconnect.hangup."""
        self._throw("connection.disconnect.hangup")
        return self

    def repeats(self, number: int = -1) -> Any:
        """Send one of the requests again, as a platform does whose connection broke; the answer, unplayed."""
        address, form = self.sent[number]
        return self._ask(address, form)

    @property
    def prompt(self) -> str:
        """What was heard last."""
        return self.heard[-1]

    @property
    def grammar(self) -> etree._Element:
        """What the field takes."""
        return self._one("form", "field", "grammar")

    def _one(self, *path: str) -> etree._Element:
        node = self._root
        for name in path:
            assert node is not None
            (node,) = (child for child in node if name_of(child) == name)
        assert node is not None
        return node

    def _load(self, document: bytes) -> None:
        assert faults(document) == [], document.decode()
        self.documents.append(document)
        self._root, self._variables = parsed(document), {}
        for node in self._root:
            if name_of(node) == "var":
                self._variables[str(node.get("name"))] = text_of(str(node.get("expr")))
        (item,) = self._one("form")
        if name_of(item) == "block":
            self._run(item)
            return
        self.heard.append(" ".join("".join(map(str, self._one("form", "field", "prompt").itertext())).split()))

    def _run(self, content: etree._Element) -> None:
        """Execute until something leaves the document."""
        for node in self._branch(content) if name_of(content) == "if" else content:
            name = name_of(node)
            if name in ("var", "assign"):
                self._variables[str(node.get("name"))] = text_of(str(node.get("expr")))
            elif name == "if":
                self._run(node)
                return
            elif name == "submit":
                names = str(node.get("namelist")).split()
                self._submit(urljoin(self._address, str(node.get("next"))), {n: self._variables[n] for n in names})
                return
            else:
                assert name == "return", name
                self.returned = {each: self._variables[each] for each in str(node.get("namelist")).split()}
                return

    def _branch(self, choice: etree._Element) -> list[etree._Element]:
        taken = re.fullmatch(r"(\w+) == ('.*')", str(choice.get("cond")))
        assert taken, choice.get("cond")
        otherwise = [name_of(node) for node in choice].index("else")
        holds = self._variables[taken[1]] == text_of(taken[2])
        return list(choice)[:otherwise] if holds else list(choice)[otherwise + 1 :]

    def _throw(self, event: str) -> None:
        """The first handler whose event is a prefix of this one's name, by tokens (5.2.4)."""
        for node in self._root if self._root is not None else ():
            events = str(node.get("event", "")).split() if name_of(node) == "catch" else []
            if any(f"{event}.".startswith(f"{each}.") for each in events):
                self._run(node)
                return
        self.returned = {"uncaught": event}

    def _submit(self, address: str, form: dict[str, str]) -> None:
        self.sent.append((address, form))
        response = self._ask(address, form)
        self.statuses.append(response.status_code)
        if response.status_code != 200:
            self._throw(f"error.badfetch.http.{response.status_code}")
            return
        assert response["Content-Type"] == "application/voicexml+xml"
        assert response["Cache-Control"] == "no-store"
        self._address = address
        self._load(response.content)

    def _ask(self, address: str, form: dict[str, str]) -> Any:
        parts = urlsplit(address)
        headers = dict(self.headers)
        if parts.username is not None:
            pair = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
            headers["Authorization"] = "Basic " + b64encode(pair.encode()).decode()
        return self.post(parts.path, urlencode(form), headers)


def matches(grammar: etree._Element, keys: str) -> bool:
    """Whether the grammar's root rule takes exactly these keys (SRGS 1.0, DTMF mode)."""
    rules = {str(rule.get("id")): rule for rule in grammar}
    return re.fullmatch(_pattern(rules[str(grammar.get("root"))], rules), keys) is not None


def _pattern(node: etree._Element, rules: dict[str, etree._Element]) -> str:
    name = name_of(node)
    if name == "ruleref":
        return _pattern(rules[str(node.get("uri")).removeprefix("#")], rules)
    inside = [_pattern(child, rules) for child in node]
    if name == "one-of":
        return f"(?:{'|'.join(inside)})"
    whole = re.escape("".join((node.text or "").split())) + "".join(inside)
    fewest, dash, most = str(node.get("repeat", "1")).partition("-")
    return f"(?:{whole}){{{fewest}{',' if dash else ''}{most}}}"
