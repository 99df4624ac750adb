"""/pages: pages as a visitor saw them."""

from __future__ import annotations

from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from history.schema import PAIR, query, reads
from history.selectors.found import page_found
from history.selectors.lists import events_of
from history.serializers import EventSerializer, PageSerializer
from history.told import page_told
from history.views.lists import ResourceView


class PageView(ResourceView):
    """One."""

    lists: ClassVar = ("events",)

    @extend_schema(
        operation_id="queryPage",
        parameters=query(lists=lists, is_list=False),
        responses=reads(PageSerializer, 404),
        auth=PAIR,
    )
    def get(self, request: Request, page_id: str) -> Response:
        """The page of this id."""
        asked = self.asked(is_list=False)
        return self.one(page_found(self.application, page_id), page_told, asked)


class PageEventsView(ResourceView):
    """A page's events."""

    filters: ClassVar = ("age", "eventName", "eventType", "category")

    @extend_schema(
        operation_id="queryEventsByPage",
        parameters=query(filters),
        responses=reads(EventSerializer(many=True), 404),
        auth=PAIR,
    )
    def get(self, request: Request, page_id: str) -> Response:
        """Events on the page, by the server's time."""
        asked = self.asked(is_list=True)
        return self.events(events_of(page_found(self.application, page_id)), asked)
