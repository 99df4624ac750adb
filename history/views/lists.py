"""What the resources' views share: telling one resource with its included lists, or a page of many."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, ClassVar, TypeVar

from rest_framework.response import Response

from config.http import plain_request
from config.http.errors import InvalidParameter
from history.asking import Asked, asked_of
from history.cursors import Listing, Mark, cursor_of, mark_of
from history.models import Event, Identity, Page, Session, Visit
from history.selectors.included import lists_of
from history.selectors.lists import Source
from history.selectors.spans import now_ms, visit_timeout
from history.told import Clock, Json, Lists, event_told
from history.views.base import HistoryView

PAGING_NEXT = "Paging-Next"
R = TypeVar("R", Visit, Session, Page, Identity)
Tell = Callable[[Any, Clock, Lists], Json]


class ResourceView(HistoryView):
    """A resource or a list of them; ``lists`` are those that each may include, ``filters`` those of a list's query."""

    lists: ClassVar[tuple[str, ...]] = ()
    filters: ClassVar[tuple[str, ...]] = ()

    def clock(self) -> Clock:
        """Now, and when a visit of this door is over."""
        return Clock(now_ms(), visit_timeout(self.application))

    def asked(self, *, is_list: bool) -> Asked:
        """The query. Raises InvalidParameter naming everything that is wrong."""
        query = plain_request(self.request).GET
        return asked_of(query, filters=self.filters if is_list else (), lists=self.lists, is_list=is_list)

    def one(self, row: R, tell: Tell, asked: Asked) -> Response:
        """200 with one resource."""
        clock = self.clock()
        lists = lists_of([row], asked.included, clock, is_list=False)
        return Response(tell(row, clock, lists[row.pk]))

    def many(
        self, source: Source[Any], tell: Tell, asked: Asked, *, of: Callable[[Any], Any] = lambda row: row
    ) -> Response:
        """200 with a page of resources; 204 without any. ``of`` gives the resource of a row."""

        def told(rows: Sequence[Any], clock: Clock) -> list[Json]:
            resources = [of(row) for row in rows]
            lists = lists_of(resources, asked.included, clock)
            return [tell(each, clock, lists[each.pk]) for each in resources]

        return self._page(source, told, asked)

    def events(self, source: Source[Event], asked: Asked) -> Response:
        """200 with a page of events; 204 without any."""
        return self._page(source, lambda rows, _clock: [event_told(row) for row in rows], asked)

    def _page(self, source: Source[Any], told: Callable[[Sequence[Any], Clock], list[Json]], asked: Asked) -> Response:
        listing = self._listing(asked)
        clock = self.clock()
        listed = source.filtered(asked.filters, now=clock.now).page(_start(listing, asked), asked.size)
        if not listed.rows:
            return Response(status=204)
        headers = {PAGING_NEXT: cursor_of(listing, listed.more)} if listed.more else {}
        return Response(told(listed.rows, clock), headers=headers)

    def _listing(self, asked: Asked) -> Listing:
        """Which list this is, whichever of a door's addresses was used."""
        path = (type(self).__name__, *(str(value) for _name, value in sorted(self.kwargs.items())))
        filters = {name: str(value) for name, value in asked.filters.items()}
        return Listing(self.application.pk, path, filters)

    def new(self, body: Json, *, is_new: bool) -> Response:
        """201 with what was made, 200 with what was there already."""
        return Response(body, status=201 if is_new else 200)


def _start(listing: Listing, asked: Asked) -> Mark | None:
    if not asked.start:
        return None
    mark = mark_of(listing, asked.start)
    if mark is None:
        raise InvalidParameter(
            "The parameter 'page_start' is no cursor of this list: send the value of Paging-Next as it came, with the "
            "same filters.",
            field="page_start",
        )
    return mark
