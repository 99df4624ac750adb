"""Reading what a web service answered (reference parts E.4 and E.5): as a stream of events, so that no limit is passed
before it is noticed, and comments are seen, which a tree would leave out.
"""

from __future__ import annotations

from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from twofactor.models.sessions import Method
from twofactor.webservices.failures import ServiceFailed

LONGEST = 65_536
"""Bytes of an answer."""
DEEPEST = 8
MOST_ELEMENTS = 200
MOST_METHODS = 10
LONGEST_VALUE = 254
LONGEST_STATUS = 64

Methods = tuple[tuple[str, str], ...]


def read_answer(body: bytes, root: str) -> tuple[str, Methods]:
    """The status (trimmed, blanks collapsed, casefolded) and the methods of an answer whose root element is ``root``.

    Methods are (``Method`` value, address or ""): of several of one name the first, unknown names left out. Raises
    ServiceFailed: ``too-large``, ``not-xml``, ``dtd``, ``too-deep``, ``too-many-elements``, ``too-many-methods``,
    ``wrong-root``, ``no-status``, ``two-statuses``, ``bad-status``, ``bad-value``.
    """
    if len(body) > LONGEST:
        raise ServiceFailed("too-large")
    events = _Events(root)
    parser = DefusedXMLParser(target=events, forbid_dtd=True, forbid_entities=True, forbid_external=True)
    try:
        parser.feed(body)
        parser.close()
    except DefusedXmlException:
        raise ServiceFailed("dtd") from None
    except (ParseError, ValueError, LookupError):
        # The parser's words quote the document.
        raise ServiceFailed("not-xml") from None
    return _status(events), _methods(events.methods)


def _status(events: _Events) -> str:
    if events.statuses != 1:
        raise ServiceFailed("two-statuses" if events.statuses else "no-status")
    status = " ".join("".join(events.status_text).split()).casefold()
    if not status:
        raise ServiceFailed("no-status")
    if len(status) > LONGEST_STATUS or not status.isprintable():
        raise ServiceFailed("bad-status")
    return status


def _methods(found: list[tuple[str, str]]) -> Methods:
    if len(found) > MOST_METHODS:
        raise ServiceFailed("too-many-methods")
    methods: dict[str, str] = {}
    for name, written in found:
        method, value = name.strip().casefold(), written.strip()
        if method not in Method.values or method in methods:
            continue
        if len(value) > LONGEST_VALUE or not value.isprintable():
            raise ServiceFailed("bad-value")
        methods[method] = "" if method == Method.AUTHENTICATOR else value
    return tuple(methods.items())


class _Events:
    """The parser's target: keeps what is asked for, and raises ServiceFailed at the first thing too much."""

    def __init__(self, root: str) -> None:
        self._root = root
        self._path: list[str] = []
        self._elements = 0
        self.statuses = 0
        self.status_text: list[str] = []
        self.methods: list[tuple[str, str]] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self._in_status("bad-status")
        name = tag.rpartition("}")[2]
        if not self._path and name != self._root:
            raise ServiceFailed("wrong-root")
        self._path.append(name)
        self._elements += 1
        if len(self._path) > DEEPEST:
            raise ServiceFailed("too-deep")
        if self._elements > MOST_ELEMENTS:
            raise ServiceFailed("too-many-elements")
        if name == "status":
            self.statuses += 1
            if len(self._path) != 2:
                raise ServiceFailed("bad-status")
        elif self._path[1:] == ["methods", "method"]:
            self.methods.append((attributes.get("name", ""), attributes.get("value", "")))

    def end(self, tag: str) -> None:
        self._path.pop()

    def data(self, text: str) -> None:
        if self._path[1:] == ["status"]:
            self.status_text.append(text)

    def comment(self, text: str) -> None:
        # suc<!-- -->cess: one reader sees one word there, another two.
        self._in_status("bad-status")

    def pi(self, target: str, data: str = "") -> None:
        self._in_status("bad-status")

    def close(self) -> None:
        """Nothing is built."""

    def _in_status(self, reason: str) -> None:
        if self._path[1:] == ["status"]:
            raise ServiceFailed(reason)
