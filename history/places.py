"""Places: where in its visit something stands. By the browser's time, then by id: every order of arrival ends alike.

A place is text whose order is that of what it names.
"""

from __future__ import annotations

from uuid import UUID

LATEST = 253_402_300_799_999
"""The last millisecond of the year 9999."""


BEYOND = "~"
"""After every place, and whatever stands before one: of what no event and nobody told of yet."""


def place_of(at: int, key: UUID) -> str:
    """The place of something with this time (ms since 1970, 0 to ``LATEST``) and id."""
    return f"{at:016d}{key.hex}"


def parts_of(place: str) -> tuple[int, UUID]:
    """(time, id) of a place."""
    return int(place[:16]), UUID(place[16:])
