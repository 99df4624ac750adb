"""Events as senders write them, read into frozen objects; every fault of an event is told at once.

Names and spellings are those of the vendor's sample body. A member that is null counts as not sent, one that is not
known is passed by; ``serverTimestamp`` of a sender is one of those: it is this server's word.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from uuid import NAMESPACE_URL, UUID, uuid4, uuid5

from config.http.errors import InvalidParameter, MissingParameter
from config.http.members import Member, Reader, WrongMember, members_read, text, uuid
from history.places import place_of
from history.records import ABOUT, TIME, Json, identity, needed, word
from history.turns import SIGN_IN, SIGN_OUT, TURNS, USER_INFO

VISIT_STARTED: Final = "VisitStarted"
PAGE_ENTERED: Final = "PageEntered"
PAGE_EXITED: Final = "PageExited"
SYSTEM_EVENTS: Final = frozenset({VISIT_STARTED, PAGE_ENTERED, PAGE_EXITED, SIGN_IN, SIGN_OUT, USER_INFO})
TYPES: Final = ("SYSTEM", "BUSINESS")
LONGEST_DATA = 32_768
"""Characters of an event's ``data``, as JSON."""
PROFILE: Final[Mapping[str, str]] = {"name": "name", "location": "location", "entityInCS": "entity_in_cs"}
"""Members of ``data`` that tell of an identity → our fields."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """An event that came in. Times are ms; ``user_id`` and ``profile`` (our fields) are those of a turn's ``data``."""

    event_id: UUID
    event_type: str
    event_name: str
    category: str
    happened_at: int
    received_at: int
    browser_page_id: str
    global_visit_id: UUID | None
    page_id: UUID | None
    url: str
    title: str
    user_agent: str
    data_text: str
    user_id: str
    profile: tuple[tuple[str, str], ...]

    @property
    def place(self) -> str:
        """Where in its visit it stands."""
        return place_of(self.happened_at, self.event_id)

    def is_system(self, *names: str) -> bool:
        """Whether it is one of these system events; a business event may bear the same name."""
        return self.event_type == "SYSTEM" and self.event_name in names

    @property
    def is_turn(self) -> bool:
        """Whether it moves the visit from one identity to another."""
        return self.is_system(*TURNS)


def _object(value: Any) -> Json:
    if not isinstance(value, dict):
        raise WrongMember(("", "This is an object."))
    if len(json.dumps(value, ensure_ascii=False)) > LONGEST_DATA:
        raise WrongMember(("", f"This is longer than {LONGEST_DATA} characters of JSON."))
    return value


def _one_of(*words: str) -> Reader:
    def read(value: Any) -> str:
        if value not in words:
            raise WrongMember(("", f"This is one of {', '.join(words)}."))
        return str(value)

    return read


EVENT = (
    Member("eventID", "event_id", uuid),
    Member("eventType", "event_type", _one_of(*TYPES)),
    Member("eventName", "event_name", word),
    Member("timestamp", "happened_at", TIME),
    Member("globalVisitID", "global_visit_id", uuid),
    Member("visitID", "visit_id", uuid),
    Member("pageID", "page_id", uuid),
    Member("userAgent", "user_agent", text(1_000)),
    Member("data", "data", _object),
    *ABOUT,
)
_TURN = (Member("userID", "user_id", identity),)


def arrival_of(
    body: Any, *, visit_id: UUID | None, now: int, user_agent: str = "", within: str = "", event_id: UUID | None = None
) -> tuple[UUID, Arrival]:
    """(its visit's id, the event) of one JSON object.

    ``visit_id`` is the path's (None: the body must name it), ``now`` the server's time in ms, ``event_id`` the id of an
    event that names none (default: a new one), ``within`` goes before the names of fields in refusals ("0." of a
    batch). Raises MissingParameter, InvalidParameter.
    """
    if not isinstance(body, dict):
        where = within.rstrip(".")
        raise InvalidParameter(f"The event{f' {where}' if where else ''} must be a JSON object.", field=where)
    values = members_read(body, EVENT, within=within)
    needed("eventName", "event_name", values, within)
    home = _home_of(values.pop("visit_id", None), visit_id, within)
    data = values.pop("data", {})
    name = values["event_name"]
    kind = values.get("event_type") or ("SYSTEM" if name in SYSTEM_EVENTS else "BUSINESS")
    turn = _turn_of(data, name, within) if kind == "SYSTEM" and name in TURNS else {}
    key = values.get("event_id") or event_id or uuid4()
    browser_page_id = values.get("browser_page_id", "")
    return home, Arrival(
        event_id=key,
        event_type=kind,
        event_name=name,
        category=values.get("category", ""),
        happened_at=values.get("happened_at", now),
        received_at=now,
        browser_page_id=browser_page_id,
        global_visit_id=values.get("global_visit_id"),
        page_id=_page_of(values, home, key, browser_page_id, is_system=kind == "SYSTEM", within=within),
        url=values.get("url", ""),
        title=values.get("title") or _title_in(data),
        user_agent=values.get("user_agent") or user_agent[:1_000],
        data_text=json.dumps(data, ensure_ascii=False, separators=(",", ":")) if data else "",
        user_id=turn.pop("user_id", ""),
        profile=tuple(sorted(turn.items())),
    )


def _home_of(sent: UUID | None, path: UUID | None, within: str) -> UUID:
    """The visit that an event belongs to: the path's, which the body may repeat, else the body's."""
    field = f"{within}visitID"
    home = sent or path
    if home is None:
        raise MissingParameter(f"The parameter '{field}' is missing.", field=field)
    if path not in (None, home):
        raise InvalidParameter(f"The parameter '{field}' is another than the path's.", field=field)
    return home


def batch_ids(number: int) -> list[UUID]:
    """New ids for the events of one batch that name none, in its order: events of one millisecond go by their id."""
    base = uuid4().int >> 16 << 16
    return [UUID(int=base + position) for position in range(number)]


def derived_id(*parts: object) -> UUID:
    """An id that follows from others, so that whoever derives it, and whenever, gets the same."""
    return uuid5(NAMESPACE_URL, "urn:deskgate:history:" + ":".join(str(part) for part in parts))


def _turn_of(data: Json, name: str, within: str) -> Json:
    """``user_id`` and what else a turn's data tells of its identity. A profile of a wrong kind is free content."""
    if name == SIGN_OUT:
        return {}
    values = members_read({"userID": data.get("userID")}, _TURN, within=f"{within}data.")
    if name == SIGN_IN:
        needed("data.userID", "user_id", values, within)
    if values:
        values |= {ours: data[sent][:255] for sent, ours in PROFILE.items() if isinstance(data.get(sent), str)}
    return values


def _page_of(
    values: Json, visit_id: UUID, event_id: UUID, browser_page_id: str, *, is_system: bool, within: str
) -> UUID | None:
    """The page's id: as it was sent, else what follows from the browser's id of it, or from the event that made it."""
    sent: UUID | None = values.get("page_id")
    if sent is not None:
        return sent
    if browser_page_id:
        return derived_id(visit_id, "page", browser_page_id)
    if is_system and values["event_name"] == PAGE_ENTERED:
        return derived_id(visit_id, "page of", event_id)
    if is_system and values["event_name"] == PAGE_EXITED:
        raise MissingParameter(f"The parameter '{within}pageID' is missing.", field=f"{within}pageID")
    return None


def _title_in(data: Json) -> str:
    title = data.get("title")
    return title[:500] if isinstance(title, str) else ""
