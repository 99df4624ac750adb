"""/sessions: from sign-in to sign-out (8.1.x; deprecated by the vendor, served for older clients)."""

from __future__ import annotations

from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from history.models import Page
from history.records import page_of
from history.schema import EXAMPLES, PAIR, query, reads, writes
from history.selectors.found import session_found
from history.selectors.lists import events_of, pages_of
from history.selectors.spans import now_ms
from history.serializers import EventSerializer, NewPageSerializer, PageSerializer, SessionSerializer
from history.services.retrying import again
from history.services.visits import page_create
from history.told import page_told, session_told
from history.views.lists import ResourceView


class SessionView(ResourceView):
    """One."""

    lists: ClassVar = ("pages", "events")

    @extend_schema(
        operation_id="querySession",
        parameters=query(lists=lists, is_list=False),
        responses=reads(SessionSerializer, 404),
        auth=PAIR,
    )
    def get(self, request: Request, session_id: str) -> Response:
        """The session of this id."""
        asked = self.asked(is_list=False)
        return self.one(session_found(self.application, session_id), session_told, asked)


class SessionPagesView(ResourceView):
    """A session's pages."""

    lists: ClassVar = ("events",)
    filters: ClassVar = ("age", "url", "title", "category")

    @extend_schema(
        operation_id="queryPagesBySession",
        parameters=query(filters, lists),
        responses=reads(PageSerializer(many=True), 404),
        auth=PAIR,
    )
    def get(self, request: Request, session_id: str) -> Response:
        """Pages of the session, by their beginning."""
        asked = self.asked(is_list=True)
        return self.many(pages_of(session_found(self.application, session_id)), page_told, asked)

    @extend_schema(
        operation_id="createNewPage",
        request=NewPageSerializer,
        responses=writes(PageSerializer, 404, 409),
        examples=EXAMPLES["page"],
        auth=PAIR,
    )
    def post(self, request: Request, session_id: str) -> Response:
        """Make a page of the session; no event comes of it."""
        now = now_ms()
        told = page_of(self.json(), now=now)
        session = session_found(self.application, session_id)
        page, is_new = again(lambda: page_create(session=session, told=told, now=now))
        page = Page.objects.select_related("visit", "session", "identity").get(pk=page.pk)
        return self.new(page_told(page, self.clock(), {}), is_new=is_new)


class SessionEventsView(ResourceView):
    """A session's events."""

    filters: ClassVar = ("age", "eventName", "eventType", "category", "url")

    @extend_schema(
        operation_id="queryEventsBySession",
        parameters=query(filters),
        responses=reads(EventSerializer(many=True), 404),
        auth=PAIR,
    )
    def get(self, request: Request, session_id: str) -> Response:
        """Events of the session, by the server's time."""
        asked = self.asked(is_list=True)
        return self.events(events_of(session_found(self.application, session_id)), asked)
