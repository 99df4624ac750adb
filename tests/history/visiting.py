"""A world for tests of the History API: what a shop's server sent of two visits, and how its clients ask."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode
from uuid import UUID

from history.arrivals import derived_id
from history.urls import urlpatterns
from tests.history.asking import PAIR, ask

BASE = "/server/data"
SHOP = "https://shop.example.com"
START = 1_354_798_163_000
"""Milliseconds: when the first visit begins."""
ADA = "ada@example.com"


def guid(number: int) -> str:
    """A GUID that a test can read."""
    return str(UUID(int=number))


VISIT, OTHER, GLOBAL = guid(0xA1), guid(0xA2), guid(0xB1)
STARTED, ENTERED, CART, SIGNED, LEFT, NEXT, INFO, LONE = (guid(0xE1 + number) for number in range(8))
HOME = str(derived_id(UUID(VISIT), "page", "P1"))
CHECKOUT = guid(0xC2)
SESSION = str(derived_id(UUID(VISIT), "session", UUID(SIGNED)))
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64) Firefox/117"
AGENT = str(derived_id("user agent", FIREFOX))


def event(name: str, key: str | None = None, at: int = 0, **more: Any) -> dict[str, Any]:
    """An event as a sender writes it; ``at`` is seconds after ``START``."""
    told = {"eventName": name, "timestamp": START + at * 1_000, **more}
    return {"eventID": key, **told} if key else told


SENT = [
    event("VisitStarted", STARTED, 0, userAgent=FIREFOX, globalVisitID=GLOBAL),
    event("PageEntered", ENTERED, 1, browserPageID="P1", url=f"{SHOP}/", title="Shop"),
    event("AddToCart", CART, 2, browserPageID="P1", url=f"{SHOP}/", category="shoes", data={"price": 9.5, "a": [1]}),
    event("SignIn", SIGNED, 3, browserPageID="P1", data={
        "userID": ADA, "name": "Ada", "location": "Paris", "entityInCS": "CS1"}, globalVisitID=GLOBAL),
    event("PageExited", LEFT, 4, browserPageID="P1"),
    event("PageEntered", NEXT, 5, pageID=CHECKOUT, url=f"{SHOP}/pay", title="Pay", category="pay"),
    event("UserInfo", INFO, 6, pageID=CHECKOUT, data={"userID": ADA, "age": 36}),
]  # fmt: skip
"""The first visit's; of the second one there is only ``LONE``."""


def get(path: str, *, base: str = BASE, **query: Any) -> Any:
    """GET below a door with the pair."""
    return ask(f"{base}{path}{'?' if query else ''}{urlencode(query)}", PAIR)


def post(path: str, body: Any, *, base: str = BASE, **words: Any) -> Any:
    """POST JSON below a door with the pair."""
    words.setdefault("content_type", "application/json")
    return ask(f"{base}{path}", PAIR, method="post", data=body, **words)


def send(visit_id: str, *events: dict[str, Any], base: str = BASE) -> Any:
    """POST one event as an object, several as a batch."""
    return post(f"/visits/{visit_id}/events", list(events) if len(events) != 1 else events[0], base=base)


def visitor(identity_id: str, rest: str = "") -> str:
    """The path of an identity, percent-encoded."""
    return f"/identities/{quote(identity_id, safe='')}{rest}"


def populate(base: str = BASE) -> None:
    """Send what ``SENT`` and ``LONE`` are."""
    assert send(VISIT, *SENT, base=base).status_code == 201
    assert send(OTHER, event("Peek", LONE, 7), base=base).status_code == 201


def keys_of(answer: Any, name: str) -> list[str]:
    """The ids of a list, in order; [] of a 204."""
    if answer.status_code == 204:
        assert answer.content == b""
        return []
    assert answer.status_code == 200, answer.content
    return [each[name] for each in answer.json()]


def below() -> list[Any]:
    """The patterns of every resource below a door."""
    [resolver] = [each for each in urlpatterns if str(each.pattern) == "^server/data/"]
    return list(resolver.url_patterns)  # type: ignore[union-attr]
