"""Lines of an import, each read into a visit or an event: as the API takes them, and as its GETs tell them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from config.http.errors import BadRequest, MissingParameter, Refusal
from config.http.json import read_json
from config.http.members import Member, members_read
from history.arrivals import Arrival, arrival_of, derived_id
from history.files import LONGEST_LINE, Line
from history.records import TIME, Json, NewVisit, needed, visit_of

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_TIMES = (Member("serverTimestamp", "received_at", TIME), Member("timestamp", "happened_at", TIME))
_RELATIVE = ("timestamp", "serverTimestamp", "startDate")


@dataclass(frozen=True, slots=True)
class Told:
    """What a line tells: a visit, or an event of it. ``at`` is when the server heard of it, in ms."""

    number: int
    visit_id: UUID
    at: int
    visit: NewVisit | None = None
    arrival: Arrival | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """A line that was not taken, and why; ``text`` is the line, or its beginning."""

    number: int
    reason: str
    text: str


def line_read(line: Line, *, fingerprint: str, before: int | None = None) -> Told | Refused | None:
    """What the line tells; None of an empty one.

    An event without id gets one that follows from the file's fingerprint and the line's number. With ``before`` the
    line's times are how many ms before that they are.
    """
    text = line.text.removeprefix(_BYTE_ORDER_MARK) if line.number == 1 else line.text
    if line.is_too_long:
        return refused(line, f"The line is longer than {LONGEST_LINE} bytes.")
    if not text.strip():
        return None
    try:
        body = read_json(text)
        if not isinstance(body, dict):
            raise BadRequest("The line is no JSON object.")
        if before is not None:
            body = _placed(body, before)
        if "eventName" in body:
            return _event(line.number, body, fingerprint)
        if "visitId" in body:
            return _visit(line.number, body)
        raise BadRequest("The line has neither 'eventName', as an event, nor 'visitId', as a visit.")
    except Refusal as refusal:
        return refused(line, refusal.message.replace("The request body", "The line"))


def refused(line: Line, reason: str) -> Refused:
    """The line, as it is put aside."""
    shown = line.text[:1_000] if line.is_too_long else line.text
    return Refused(line.number, reason, shown.decode("utf-8", "backslashreplace"))


def _event(number: int, body: Json, fingerprint: str) -> Told:
    times: dict[str, Any] = members_read(body, _TIMES)
    at = times.get("received_at", times.get("happened_at"))
    if at is None:
        raise MissingParameter("The parameter 'timestamp' is missing.", field="timestamp")
    # In the order of the lines: events of one millisecond go by their id.
    key = UUID(int=derived_id(fingerprint).int >> 48 << 48 | number)
    visit_id, arrival = arrival_of(body, visit_id=None, now=at, event_id=key)
    return Told(number, visit_id, at, arrival=arrival)


def _visit(number: int, body: Json) -> Told:
    visit = visit_of(body)
    needed("visitId", "visitId", {name: value for name, value in body.items() if value is not None})
    if visit.started_at is None:
        raise MissingParameter("The parameter 'startDate' is missing.", field="startDate")
    return Told(number, visit.visit_id, visit.started_at, visit=visit)


def _placed(body: Json, before: int) -> Json:
    ago = {name: body[name] for name in _RELATIVE if isinstance(body.get(name), int)}
    return body | {name: before - value for name, value in ago.items()}
