"""What pages of a web site send by themselves (``/server/tracker/events``), read into arrivals by visit.

Whatever stands in it was written by a visitor, or by anybody who looked into a page.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from config.http.errors import InvalidParameter
from history.arrivals import Arrival, arrival_of, batch_ids

MOST_EVENTS: Final = 100
"""Of one body."""
LONGEST_BODY: Final = 65_536
"""Bytes; the most that browsers let a page's beacons hold."""
BELIEVED: Final = 24 * 60 * 60 * 1_000
"""How far (ms) a browser's clock may be from ours; what a visitor's wrong clock says would stand first for ever."""


def tracked(body: Any, *, now: int, user_agent: str) -> Mapping[UUID, list[Arrival]]:
    """The events of each visit, visits in the order in which they are locked. ``now`` is the server's time in ms.

    ``user_agent`` is the browser's header, for events that name none. Raises MissingParameter, InvalidParameter.
    """
    if not isinstance(body, list):
        body, single = [body], True
    elif not 1 <= len(body) <= MOST_EVENTS:
        raise InvalidParameter(f"The body is an event, or a list of 1 to {MOST_EVENTS} events.")
    else:
        single = False
    browser = "".join(character for character in user_agent if character.isprintable())
    visits: dict[UUID, list[Arrival]] = {}
    for position, (one, new) in enumerate(zip(body, batch_ids(len(body)), strict=True)):
        within = "" if single else f"{position}."
        visit_id, arrival = arrival_of(one, visit_id=None, now=now, user_agent=browser, within=within, event_id=new)
        if abs(arrival.happened_at - now) > BELIEVED:
            arrival = replace(arrival, happened_at=now)
        visits.setdefault(visit_id, []).append(arrival)
    return dict(sorted(visits.items()))
