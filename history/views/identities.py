"""/identities: visitors as the site knows them."""

from __future__ import annotations

from typing import ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from history.models import Recognition
from history.schema import IDENTITY, PAIR, query, reads
from history.selectors.found import identity_found, visit_found
from history.selectors.lists import events_of, identities_in, identities_of, pages_of, sessions_of, visits_of
from history.serializers import EventSerializer, IdentitySerializer, PageSerializer, SessionSerializer, VisitSerializer
from history.told import identity_told, page_told, session_told, visit_told
from history.views.lists import ResourceView

_LISTS = ("visits", "sessions", "pages", "events")


class IdentitiesView(ResourceView):
    """All of a door."""

    lists: ClassVar = _LISTS
    filters: ClassVar = ("location", "userAgent")

    @extend_schema(
        operation_id="queryIdentities",
        parameters=query(filters, lists),
        responses=reads(IdentitySerializer(many=True)),
        auth=PAIR,
    )
    def get(self, request: Request) -> Response:
        """Identities in the order in which they were first heard of."""
        asked = self.asked(is_list=True)
        return self.many(identities_of(self.application.pk), identity_told, asked)


class IdentityView(ResourceView):
    """One."""

    lists: ClassVar = _LISTS

    @extend_schema(
        operation_id="queryIdentity",
        parameters=[IDENTITY, *query(lists=lists, is_list=False)],
        responses=reads(IdentitySerializer, 404),
        auth=PAIR,
    )
    def get(self, request: Request, identity_id: str) -> Response:
        """The identity of this id."""
        asked = self.asked(is_list=False)
        return self.one(identity_found(self.application, identity_id), identity_told, asked)


class VisitIdentitiesView(ResourceView):
    """Those of a visit."""

    lists: ClassVar = ("visits", "pages", "events")
    filters: ClassVar = ("association",)

    @extend_schema(
        operation_id="queryIdentitiesByVisit",
        parameters=query(filters, lists),
        responses=reads(IdentitySerializer(many=True), 404),
        auth=PAIR,
    )
    def get(self, request: Request, visit_id: str) -> Response:
        """Who signed in or was recognised in the visit; ``visitScope`` is how he stands in it."""
        asked = self.asked(is_list=True)
        source = identities_in(visit_found(self.application, visit_id))
        return self.many(source, identity_told, asked, of=_as_there)


class IdentityVisitsView(ResourceView):
    """An identity's visits."""

    lists: ClassVar = ("pages", "events", "sessions")
    filters: ClassVar = ("age", "globalVisitID", "userAgent")

    @extend_schema(
        operation_id="queryVisitsByIdentity",
        parameters=[IDENTITY, *query(filters, lists)],
        responses=reads(VisitSerializer(many=True), 404),
        auth=PAIR,
    )
    def get(self, request: Request, identity_id: str) -> Response:
        """Visits in which the identity signed in or was recognised, by their beginning."""
        asked = self.asked(is_list=True)
        source = visits_of(identity_found(self.application, identity_id))
        return self.many(source, visit_told, asked, of=lambda row: row.visit)


class IdentitySessionsView(ResourceView):
    """An identity's sessions."""

    lists: ClassVar = ("pages", "events")
    filters: ClassVar = ("age",)

    @extend_schema(
        operation_id="querySessionsByIdentity",
        parameters=[IDENTITY, *query(filters, lists)],
        responses=reads(SessionSerializer(many=True), 404),
        auth=PAIR,
    )
    def get(self, request: Request, identity_id: str) -> Response:
        """From sign-in to sign-out, by their beginning (8.1.x)."""
        asked = self.asked(is_list=True)
        return self.many(sessions_of(identity_found(self.application, identity_id)), session_told, asked)


class IdentityPagesView(ResourceView):
    """An identity's pages."""

    lists: ClassVar = ("events",)
    filters: ClassVar = ("age", "url", "title", "category")

    @extend_schema(
        operation_id="queryPagesByIdentity",
        parameters=[IDENTITY, *query(filters, lists)],
        responses=reads(PageSerializer(many=True), 404),
        auth=PAIR,
    )
    def get(self, request: Request, identity_id: str) -> Response:
        """Pages that the identity saw, by their beginning."""
        asked = self.asked(is_list=True)
        return self.many(pages_of(identity_found(self.application, identity_id)), page_told, asked)


class IdentityEventsView(ResourceView):
    """An identity's events."""

    filters: ClassVar = ("age", "eventName", "eventType", "category", "url", "globalVisitID")

    @extend_schema(
        operation_id="queryEventsByIdentity",
        parameters=[IDENTITY, *query(filters)],
        responses=reads(EventSerializer(many=True), 404),
        auth=PAIR,
    )
    def get(self, request: Request, identity_id: str) -> Response:
        """Events of the identity, by the server's time."""
        asked = self.asked(is_list=True)
        return self.events(events_of(identity_found(self.application, identity_id)), asked)


def _as_there(row: Recognition) -> object:
    row.identity.visit_scope = row.scope
    return row.identity
