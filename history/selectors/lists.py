"""Lists of one door, each in order of time over an index that holds just that order (keyset paging).

A page costs the same however many rows there are: the index is entered at the mark and read on. What its rows name is
fetched apart: with a join the database may rather read all of the smaller table, and each row would bring its own copy.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from django.db.models import Func, IntegerField, Model, Q, QuerySet
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan
from django.db.models.lookups import GreaterThan

from history.arrivals import LONGEST_DATA, derived_id
from history.asking import ANY_CATEGORY
from history.cursors import Mark
from history.models import Event, Identity, Page, Recognition, Session, Visit

MOST: Final = 10_000
"""Rows of a list without ``page_size``; what is left is then told by a cursor too."""
MOST_DATA: Final = 8_388_608
"""Bytes of events' data in one answer; a few events may be beyond it, which are not worth a look at their sizes."""

M = TypeVar("M", bound=Model)
_Filter = Callable[[Any], Q]


class _Beyond(TupleGreaterThan):
    """Of rows: Django writes this with OR for SQLite, which then does not enter its index by it."""

    def as_sqlite(self, compiler: Any, connection: Any) -> Any:
        return GreaterThan.as_sql(self, compiler, connection)


class Bytes(Func):
    """Length of a text in bytes; the row's text itself stays where it is."""

    function = "OCTET_LENGTH"
    output_field = IntegerField()

    def as_sqlite(self, compiler: Any, connection: Any, **words: Any) -> Any:
        return self.as_sql(compiler, connection, template="LENGTH(CAST(%(expressions)s AS BLOB))", **words)


@dataclass(frozen=True, slots=True)
class Listed(Generic[M]):
    """The rows of one page, and the mark of the last one when more follow."""

    rows: list[M]
    more: Mark | None


@dataclass(frozen=True, slots=True)
class Source(Generic[M]):
    """Rows in their order: ``at`` and ``key`` are its columns; ``age`` is counted from ``at``."""

    rows: QuerySet[M]
    at: str
    key: str = "id"
    filters: Mapping[str, _Filter] | None = None

    def filtered(self, filters: Mapping[str, Any], *, now: int) -> Source[M]:
        """Only rows that pass all of these."""
        rows = self.rows
        for name, value in filters.items():
            if name == "age":
                rows = rows.filter(**{f"{self.at}__gte": now - value * 1_000})
            else:
                rows = rows.filter((self.filters or {})[name](value))
        return Source(rows, self.at, self.key, self.filters)

    def page(self, after: Mark | None, size: int | None) -> Listed[M]:
        """The ``size`` (None: ``MOST``) rows after a mark; fewer events where their data is beyond ``MOST_DATA``."""
        rows, most = self.rows, size or MOST
        if after is not None:
            rows = rows.filter(_Beyond(Tuple(self.at, self.key), tuple(after)))
        rows = rows.order_by(self.at, self.key)
        if rows.model is Event and most * LONGEST_DATA > MOST_DATA:
            most = _within(rows, most)
        found = list(rows[: most + 1])
        if len(found) <= most:
            return Listed(found, None)
        last: Any = found[most - 1]
        return Listed(found[:most], Mark(getattr(last, self.at), _attribute(last, self.key)))


def _within(rows: QuerySet[Any], most: int) -> int:
    """How many of the first rows stay within ``MOST_DATA``; one at least. Their data is not fetched for it."""
    total = 0
    sizes = rows.prefetch_related(None).values_list(Bytes("data_text"), flat=True)[:most]
    for count, size in enumerate(sizes):
        total += size
        if total > MOST_DATA:
            return max(1, count)
    return most


def _attribute(row: Any, path: str) -> Any:
    for step in path.split("__"):
        row = getattr(row, step)
    return row


def _same(column: str) -> _Filter:
    return lambda value: Q(**{column: value})


def _category(value: str) -> Q:
    return ~Q(category="") if value == ANY_CATEGORY else Q(category=value)


EVENT_FILTERS: Final[Mapping[str, _Filter]] = {
    "eventName": _same("event_name"),
    "eventType": _same("event_type"),
    "category": _category,
    "url": _same("url"),
    "browserPageID": _same("browser_page_id"),
    "globalVisitID": _same("global_visit_id"),
}
PAGE_FILTERS: Final[Mapping[str, _Filter]] = {
    "url": _same("url"),
    "title": _same("title"),
    "category": _category,
}


def events_of(parent: Visit | Session | Page | Identity) -> Source[Event]:
    """Events in order of the server's time. A session's and a page's are read through those of their visit."""
    if isinstance(parent, Identity):
        rows = parent.events.prefetch_related("visit")
    elif isinstance(parent, Visit):
        rows = parent.events.all()
    elif isinstance(parent, Session):
        rows = parent.visit.events.filter(session_id=parent.pk)
    else:
        rows = parent.visit.events.filter(page_id=parent.page_id)
    return Source(rows, "received_at", filters=EVENT_FILTERS)


def pages_of(parent: Visit | Session | Identity) -> Source[Page]:
    """Pages in order of their beginning."""
    return Source(parent.pages.prefetch_related("visit", "session", "identity"), "started_at", filters=PAGE_FILTERS)


def sessions_of(parent: Visit | Identity) -> Source[Session]:
    """Sessions in order of their beginning."""
    rows = parent.sessions.prefetch_related("visit", "identity")
    return Source(rows, "started_at", filters={"identityId": _same("identity__identity_id")})


def visits_of(identity: Identity) -> Source[Recognition]:
    """Visits in which the identity signed in or was recognised, in order of their beginning."""
    filters = {"globalVisitID": _same("visit__global_visit_id"), "userAgent": _same("visit__user_agent")}
    return Source(identity.recognitions.prefetch_related("visit"), "started_at", "visit_id", filters)


def identities_in(visit: Visit) -> Source[Recognition]:
    """Who signed in or was recognised in a visit, each with how he stands there."""
    rows = visit.recognitions.prefetch_related("identity")
    return Source(rows, "started_at", "identity_id", {"association": _same("scope")})


def identities_of(application_id: int) -> Source[Identity]:
    """All identities of a door, in the order in which they were first heard of."""
    rows = Identity.objects.filter(application_id=application_id)
    return Source(rows, "id", "id", {"location": _same("location"), "userAgent": _by_user_agent(application_id)})


def _by_user_agent(application_id: int) -> _Filter:
    def passes(user_agent: str) -> Q:
        visits = Visit.objects.filter(application_id=application_id, user_agent_id=derived_id("user agent", user_agent))
        seen = Recognition.objects.filter(visit__in=visits).values("identity_id")
        return Q(pk__in=seen)

    return passes
