"""Web engagement history: what a visitor did, for those who know the pair; and where his browser sends it."""

from __future__ import annotations

import uuid

from demo.tour.visitor import Visitor

TITLE = "Web engagement: the History API and its trackers' door"
ORDER = 50
PAIR = ("apiuserid", "demo-history-1!")
DATA = "/server/data"
WHO = f"{DATA}/identities/user%40example.com"
TRACKER = "/server/tracker/events?site=demo-site-key"
ORIGIN = {"Origin": "http://localhost:8080"}


def walk(visitor: Visitor) -> None:
    """Locked without the pair; an identity, its visits, its events page by page; an event sent; a tracker's event."""
    visitor.ask("Nobody reads without the pair", "GET", WHO, status=401)
    visitor.ask("Who is it?", "GET", WHO, user=PAIR)
    visits = visitor.ask("The visits of a month", "GET", f"{WHO}/visits?age=2592000", user=PAIR).json
    visitor.expect(len(visits) >= 3, "there are less than three visits")
    page = f"{WHO}/events?page_size=3"
    first = visitor.ask("The first three events", "GET", page, user=PAIR)
    cursor = first.headers.get("paging-next", "")
    visitor.expect(cursor, "there is no Paging-Next")
    second = visitor.ask("The next three: Paging-Next as page_start", "GET", f"{page}&page_start={cursor}", user=PAIR)
    visitor.expect(first.json[-1] != second.json[0], "the second page begins with the first one")

    visit = str(uuid.uuid4())
    event = {"eventID": str(uuid.uuid4()), "eventName": "SignIn", "data": {"userID": "tour@example.com"}}
    path = f"{DATA}/visits/{visit}/events"
    visitor.ask("A server of the site sends an event", "POST", path, user=PAIR, data=event, status=201)
    visitor.ask("The same again changes nothing", "POST", path, user=PAIR, data=event)
    entered = {"visitID": visit, "eventName": "PageEntered", "url": "http://localhost:8080/", "title": "Shop"}
    visitor.ask("A page sends one: no pair, and no answer", "POST", TRACKER, headers=ORIGIN, data=entered, status=204)
    elsewhere = {"Origin": "http://localhost:8081"}
    visitor.ask("A page of another origin does not", "POST", TRACKER, headers=elsewhere, data=entered, status=403)
    visitor.ask("Both events, as they are kept", "GET", path, user=PAIR)
