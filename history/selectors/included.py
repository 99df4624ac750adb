"""The lists that a resource carries when ``include_…`` asks for them: one statement for each, whatever the page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Count, Model, QuerySet, Sum

from config.http.errors import InvalidParameter
from history.asking import Depth
from history.models import Event, Identity, Page, Recognition, Session, Visit
from history.selectors.lists import MOST_DATA, Bytes
from history.told import Clock, Json, event_told, members_of, page_told, session_told, visit_told

MOST: Final = 10_000
"""Resources of one list in one answer."""


@dataclass(frozen=True, slots=True)
class _Child:
    """How rows of a list are found for many parents: ``parent`` is the column that holds a parent's ``key``."""

    rows: Callable[[Sequence[Any]], QuerySet[Any]]
    parent: str
    order: tuple[str, str]
    guid: str
    told: Callable[[Any, Clock], Json]
    key: str = "pk"


def _events(column: str, *, through_visit: bool = False) -> Callable[[Sequence[Any]], QuerySet[Any]]:
    def rows(parents: Sequence[Any]) -> QuerySet[Any]:
        key = "page_id" if column == "page_id" else "pk"
        found = Event.objects.prefetch_related("visit").filter(
            **{f"{column}__in": [getattr(one, key) for one in parents]}
        )
        return found.filter(visit_id__in={one.visit_id for one in parents}) if through_visit else found

    return rows


def _below(model: type[Model], column: str, *related: str) -> Callable[[Sequence[Any]], QuerySet[Any]]:
    return lambda parents: model._default_manager.prefetch_related(*related).filter(
        **{f"{column}__in": [one.pk for one in parents]}
    )


def _event(event: Event, _clock: Clock) -> Json:
    return event_told(event)


def _page(page: Page, clock: Clock) -> Json:
    return page_told(page, clock, {})


def _session(session: Session, clock: Clock) -> Json:
    return session_told(session, clock, {})


def _visit(recognition: Recognition, clock: Clock) -> Json:
    return visit_told(recognition.visit, clock, {})


_IN_TIME: Final = ("received_at", "id")
_BEGUN: Final = ("started_at", "id")
_OF_PAGE: Final = ("visit", "session", "identity")
_OF_SESSION: Final = ("visit", "identity")
CHILDREN: Final[Mapping[type[Model], Mapping[str, _Child]]] = {
    Visit: {
        "events": _Child(_events("visit_id"), "visit_id", _IN_TIME, "event_id", _event),
        "pages": _Child(_below(Page, "visit_id", *_OF_PAGE), "visit_id", _BEGUN, "page_id", _page),
        "sessions": _Child(_below(Session, "visit_id", *_OF_SESSION), "visit_id", _BEGUN, "session_id", _session),
    },
    Session: {
        "events": _Child(_events("session_id", through_visit=True), "session_id", _IN_TIME, "event_id", _event),
        "pages": _Child(_below(Page, "session_id", *_OF_PAGE), "session_id", _BEGUN, "page_id", _page),
    },
    Page: {
        "events": _Child(
            _events("page_id", through_visit=True), "page_id", _IN_TIME, "event_id", _event, key="page_id"
        ),
    },
    Identity: {
        "events": _Child(_events("identity_id"), "identity_id", _IN_TIME, "event_id", _event),
        "pages": _Child(_below(Page, "identity_id", *_OF_PAGE), "identity_id", _BEGUN, "page_id", _page),
        "visits": _Child(
            _below(Recognition, "identity_id", "visit"),
            "identity_id",
            ("started_at", "visit_id"),
            "visit.visit_id",
            _visit,
        ),
        "sessions": _Child(_below(Session, "identity_id", *_OF_SESSION), "identity_id", _BEGUN, "session_id", _session),
    },
}


def lists_of(
    parents: Sequence[Visit | Session | Page | Identity],
    included: Mapping[str, Depth],
    clock: Clock,
    *,
    is_list: bool = True,
) -> dict[int, dict[str, Json]]:
    """The included lists of each parent, by its key; empty ones are ``[]``.

    ``is_list``: the parents are a page of a list. Raises InvalidParameter beyond ``MOST`` and ``MOST_DATA``.
    """
    told: dict[int, dict[str, Json]] = {parent.pk: {} for parent in parents}
    for name, depth in included.items():
        if parents:
            for pk, members in _list_of(name, depth, parents, clock, is_list=is_list):
                told[pk][name] = members
    return told


def _list_of(
    name: str, depth: Depth, parents: Sequence[Visit | Session | Page | Identity], clock: Clock, *, is_list: bool
) -> Iterable[tuple[int, Json]]:
    child = CHILDREN[type(parents[0])][name]
    rows = child.rows(parents).order_by(*child.order)
    _check_size(rows, name, depth, is_list=is_list)
    if rows.model is Event and depth != "detail":
        rows = rows.defer("data_text")
    by_parent: dict[Any, list[Any]] = {}
    for row in rows:
        by_parent.setdefault(getattr(row, child.parent), []).append(row)
    for parent in parents:
        own = by_parent.get(getattr(parent, child.key), [])
        ids = [_guid(row, child.guid) for row in own]
        details = [child.told(row, clock) for row in own] if depth == "detail" else None
        yield parent.pk, members_of(name, ids, details)


def _check_size(rows: QuerySet[Any], name: str, depth: Depth, *, is_list: bool) -> None:
    """Before any row is fetched. Raises InvalidParameter."""
    some: Any = rows.prefetch_related(None)[: MOST + 1]
    data = 0
    if rows.model is Event and depth == "detail":
        some = some.annotate(bytes=Bytes("data_text")).values("bytes")
        sums = some.aggregate(count=Count("*"), data=Sum("bytes"))
        count, data = sums["count"], sums["data"] or 0
    else:
        count = some.values("pk").count()
    advice = (
        f"ask for a smaller page_size, or for the list of {name} itself."
        if is_list
        else (f"ask for the list of {name} itself.")
    )
    if count > MOST:
        field = f"include_{name}"
        raise InvalidParameter(f"The parameter '{field}' would include more than {MOST} {name}: {advice}", field=field)
    if data > MOST_DATA:
        field = f"include_{name}_detail"
        raise InvalidParameter(
            f"The parameter '{field}' would include more than {MOST_DATA // 2**20} MiB of data: {advice}", field=field
        )


def _guid(row: Any, path: str) -> str:
    for step in path.split("."):
        row = getattr(row, step)
    return str(row)
