"""/visits: browser sessions, and what is sent to them."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.http import plain_request
from config.http.errors import InvalidParameter, NotFound
from config.http.json import read_json
from config.http.members import uuid_of
from history.arrivals import arrival_of, batch_ids
from history.records import session_of, visit_of
from history.schema import EXAMPLES, PAIR, query, reads, writes
from history.selectors.found import visit_found
from history.selectors.lists import events_of, pages_of, sessions_of
from history.selectors.spans import now_ms
from history.serializers import (
    EVENT_OR_EVENTS,
    NEW_EVENT_OR_EVENTS,
    EventSerializer,
    NewSessionSerializer,
    NewVisitSerializer,
    PageSerializer,
    SessionSerializer,
    VisitSerializer,
)
from history.services.events import events_take
from history.services.retrying import again
from history.services.visits import session_create, visit_create
from history.told import event_told, page_told, session_told, visit_told
from history.views.lists import ResourceView

MOST_EVENTS = 1_000
"""Of one batch."""


class VisitsView(ResourceView):
    """Where visits begin."""

    @extend_schema(
        operation_id="createNewVisit",
        request=NewVisitSerializer,
        responses=writes(VisitSerializer),
        examples=EXAMPLES["visit"],
        auth=PAIR,
    )
    def post(self, request: Request) -> Response:
        """Make a visit; no event comes of it. 200 with the one of this id when there is one."""
        told = visit_of(self.json())
        visit, is_new = again(lambda: visit_create(application=self.application, told=told, now=now_ms()))
        return self.new(visit_told(visit, self.clock(), {}), is_new=is_new)


class VisitView(ResourceView):
    """One."""

    lists: ClassVar = ("pages", "sessions", "events")

    @extend_schema(
        operation_id="queryVisit",
        parameters=query(lists=lists, is_list=False),
        responses=reads(VisitSerializer, 404),
        auth=PAIR,
    )
    def get(self, request: Request, visit_id: str) -> Response:
        """The visit of this id."""
        asked = self.asked(is_list=False)
        return self.one(visit_found(self.application, visit_id), visit_told, asked)


class VisitSessionsView(ResourceView):
    """A visit's sessions."""

    lists: ClassVar = ("pages", "events")
    filters: ClassVar = ("identityId", "age")

    @extend_schema(
        operation_id="querySessionsByVisit",
        parameters=query(filters, lists),
        responses=reads(SessionSerializer(many=True), 404),
        auth=PAIR,
    )
    def get(self, request: Request, visit_id: str) -> Response:
        """From sign-in to sign-out, by their beginning (8.1.x)."""
        asked = self.asked(is_list=True)
        return self.many(sessions_of(visit_found(self.application, visit_id)), session_told, asked)

    @extend_schema(
        operation_id="createNewSession",
        request=NewSessionSerializer,
        responses=writes(SessionSerializer, 404, 409),
        examples=EXAMPLES["session"],
        auth=PAIR,
    )
    def post(self, request: Request, visit_id: str) -> Response:
        """Open a session of an identity, as a SignIn would; no event comes of it."""
        now = now_ms()
        told = session_of(self.json(), now=now)
        visit = visit_found(self.application, visit_id)
        session, is_new = again(lambda: session_create(visit=visit, told=told, now=now))
        return self.new(session_told(session, self.clock(), {}), is_new=is_new)


class VisitPagesView(ResourceView):
    """A visit's pages."""

    lists: ClassVar = ("events",)
    filters: ClassVar = ("age", "url", "title", "category")

    @extend_schema(
        operation_id="queryPagesByVisit",
        parameters=query(filters, lists),
        responses=reads(PageSerializer(many=True), 404),
        auth=PAIR,
    )
    def get(self, request: Request, visit_id: str) -> Response:
        """Pages of the visit, by their beginning."""
        asked = self.asked(is_list=True)
        return self.many(pages_of(visit_found(self.application, visit_id)), page_told, asked)


class VisitEventsView(ResourceView):
    """A visit's events."""

    filters: ClassVar = ("age", "eventName", "eventType", "category", "url", "browserPageID")

    @extend_schema(
        operation_id="queryEventsByVisit",
        parameters=query(filters),
        responses=reads(EventSerializer(many=True), 404),
        auth=PAIR,
    )
    def get(self, request: Request, visit_id: str) -> Response:
        """Events of the visit, by the server's time."""
        asked = self.asked(is_list=True)
        return self.events(events_of(visit_found(self.application, visit_id)), asked)

    @extend_schema(
        operation_id="createNewEvent",
        request=NEW_EVENT_OR_EVENTS,
        responses=writes(EVENT_OR_EVENTS, 404, 409),
        examples=EXAMPLES["event"],
        auth=PAIR,
    )
    def post(self, request: Request, visit_id: str) -> Response:
        """Send an event, or a list of up to 1,000, all or none; the visit is made when it is not there.

        200 when all of them were known already: a known id changes nothing.
        """
        key = uuid_of(visit_id)
        if key is None:
            raise NotFound("There is no such visit.")
        body = _event_or_events(plain_request(request).body)
        bodies = body if isinstance(body, list) else [body]
        now = now_ms()
        arrivals = [
            arrival_of(each, visit_id=key, now=now, event_id=new, within=f"{place}." if body is bodies else "")[1]
            for place, (each, new) in enumerate(zip(bodies, batch_ids(len(bodies)), strict=True))
        ]
        taken = again(lambda: events_take(application=self.application, visit_id=key, arrivals=arrivals))
        told: Any = [event_told(event) for event in taken.events]
        return self.new(told if isinstance(body, list) else told[0], is_new=taken.is_new)


def _event_or_events(body: bytes) -> Any:
    """The body: an object, or a list of 1 to ``MOST_EVENTS``. Raises MalformedJson, InvalidParameter."""
    value = read_json(body) if body.strip() else {}
    if isinstance(value, list) and not 1 <= len(value) <= MOST_EVENTS:
        raise InvalidParameter(f"A batch is a list of 1 to {MOST_EVENTS} events.")
    return value
