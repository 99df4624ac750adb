"""What senders write of visits, sessions and pages, read into frozen objects. Events: ``history.arrivals``.

Names and spellings are those of the vendor's sample bodies. A member that is null counts as not sent, one that is not
known is passed by.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from config.http.errors import MissingParameter
from config.http.members import Member, WrongMember, members_read, text, uuid, whole_number
from history.places import LATEST

Json = dict[str, Any]
LONGEST_URL = 4_096


@dataclass(frozen=True, slots=True)
class NewVisit:
    """The body of ``POST /visits``."""

    visit_id: UUID
    started_at: int | None
    user_agent: str
    global_visit_id: UUID | None


@dataclass(frozen=True, slots=True)
class NewSession:
    """The body of ``POST /visits/{id}/sessions``."""

    session_id: UUID
    identity_id: str
    started_at: int


@dataclass(frozen=True, slots=True)
class NewPage:
    """The body of ``POST /sessions/{id}/pages``."""

    page_id: UUID
    browser_page_id: str
    url: str
    title: str
    category: str
    started_at: int


def word(value: Any) -> str:
    found = str(text()(value)).strip()
    if not found:
        raise WrongMember(("", "This is empty."))
    return found


def identity(value: Any) -> str:
    """An identity's id; sites that number their users send the number."""
    return word(str(value) if isinstance(value, int) and not isinstance(value, bool) else value)


TIME = whole_number(0, LATEST)
ABOUT = (
    Member("browserPageID", "browser_page_id", text(64)),
    Member("url", "url", text(LONGEST_URL)),
    Member("title", "title", text(500)),
    Member("category", "category", text()),
)
_VISIT = (
    Member("visitId", "visit_id", uuid),
    Member("startDate", "started_at", TIME),
    Member("globalVisitID", "global_visit_id", uuid),
    Member("userAgent", "user_agent", text(1_000)),
)
_SESSION = (
    Member("sessionId", "session_id", uuid),
    Member("identityId", "identity_id", identity),
    Member("startDate", "started_at", TIME),
)
_PAGE = (Member("pageId", "page_id", uuid), Member("startDate", "started_at", TIME), *ABOUT)


def visit_of(body: Json) -> NewVisit:
    """The body of ``POST /visits``. Raises InvalidParameter."""
    values = members_read(body, _VISIT)
    return NewVisit(
        visit_id=values.get("visit_id") or uuid4(),
        started_at=values.get("started_at"),
        user_agent=values.get("user_agent", ""),
        global_visit_id=values.get("global_visit_id"),
    )


def session_of(body: Json, *, now: int) -> NewSession:
    """The body of ``POST /visits/{id}/sessions``. Raises MissingParameter, InvalidParameter."""
    values = members_read(body, _SESSION)
    needed("identityId", "identity_id", values)
    return NewSession(
        session_id=values.get("session_id") or uuid4(),
        identity_id=values["identity_id"],
        started_at=values.get("started_at", now),
    )


def page_of(body: Json, *, now: int) -> NewPage:
    """The body of ``POST /sessions/{id}/pages``. Raises InvalidParameter."""
    values = members_read(body, _PAGE)
    return NewPage(
        page_id=values.get("page_id") or uuid4(),
        browser_page_id=values.get("browser_page_id", ""),
        url=values.get("url", ""),
        title=values.get("title", ""),
        category=values.get("category", ""),
        started_at=values.get("started_at", now),
    )


def needed(sent: str, name: str, values: Mapping[str, Any], within: str = "") -> None:
    """Raise MissingParameter unless it was sent."""
    if name not in values:
        raise MissingParameter(f"The parameter '{within}{sent}' is missing.", field=f"{within}{sent}")
