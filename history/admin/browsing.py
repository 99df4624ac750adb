"""Visits and the identities in them, for those who may read them. Nothing here is changed by hand."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import OuterRef, Q, Subquery
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from history.admin.finding import ApplicationFilter, HistoryAdmin, HomeFilter, OpenFilter, visits_named, visits_of
from history.admin.pages import identity_visits, visit_timeline
from history.admin.telling import brief_text, told_span, told_text, told_time
from history.models import Identity, Recognition, Visit
from history.selectors.spans import is_open


class NamedVisits(ChangeList):
    """With the first two who were recognised in each visit of the page: one read, bounded whatever was sent."""

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        shown: dict[Any, Any] = {visit.pk: visit for visit in self.result_list}
        named = Recognition.objects.filter(visit=OuterRef("pk")).order_by("identity_id").values("identity__identity_id")
        rows = Visit.objects.filter(pk__in=shown).order_by().annotate(one=Subquery(named[:1]), two=Subquery(named[1:2]))
        for key, *names in rows.values_list("pk", "one", "two"):
            shown[key].recognised = [name for name in names if name is not None]


@admin.register(Visit)
class VisitAdmin(HistoryAdmin[Visit]):
    """Visits, and on the page of each its timeline."""

    menu_order = 10
    change_form_template = "admin/history/visit.html"
    ordering = ("-received_at", "-id")
    list_filter = (OpenFilter, ApplicationFilter, HomeFilter)
    list_display = ("visit_id", "started", "lasted", "state", "who", "event_count")
    search_help_text = "The whole id of a visit, of a page or event of it, or of an identity (its newest 1,000)."
    fields = (
        ("visit_id", "application"),
        ("state", "lasted", "event_count"),
        ("started", "last_event", "last_received"),
        ("global_visit_id", "active_session_id", "user_agent_id"),
        "agent",
    )

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return NamedVisits

    def by_id(self, own: Q, one: UUID) -> list[Q]:
        return [own & Q(visit_id=one), Q(pk__in=visits_named(own, one))]

    def by_identity(self, ids: list[int]) -> list[Q]:
        return [Q(pk__in=visits_of(ids))]

    def page_of(self, request: HttpRequest, obj: Visit) -> dict[str, Any]:
        return visit_timeline(request, obj)

    @admin.display(description="started (UTC)")
    def started(self, obj: Visit) -> str:
        """By the browser's clock."""
        return told_time(obj.started_at)

    @admin.display(description="last event (UTC)")
    def last_event(self, obj: Visit) -> str:
        """By the browser's clock."""
        return told_time(obj.last_at)

    @admin.display(description="last received (UTC)")
    def last_received(self, obj: Visit) -> str:
        """By this server's clock."""
        return told_time(obj.received_at)

    @admin.display(description="lasted")
    def lasted(self, obj: Visit) -> str:
        """From its start to its last event so far."""
        return told_span(obj.last_at - obj.started_at)

    @admin.display(description="state")
    def state(self, obj: Visit) -> str:
        """Whether more may come."""
        return "open" if is_open(obj) else "over"

    @admin.display(description="identities")
    def who(self, obj: Any) -> SafeString:
        """The first, and that there are more."""
        first, *others = obj.recognised or [""]
        return format_html("{}{}", brief_text(first), " and others" if others else "")

    @admin.display(description="user agent")
    def agent(self, obj: Visit) -> SafeString:
        """As the browser called itself."""
        return told_text(obj.user_agent, 1_000)


@admin.register(Identity)
class IdentityAdmin(HistoryAdmin[Identity]):
    """Visitors as their site knows them."""

    menu_order = 20
    change_form_template = "admin/history/identity.html"
    ordering = ("application_id", "identity_id", "id")
    list_display = ("brief_id", "brief_name", "brief_location", "visit_scope")
    search_help_text = "The whole identity ID."
    fields = ("told_id", "application", "told_name", "told_location", "told_entity", "visit_scope")

    def by_identity(self, ids: list[int]) -> list[Q]:
        return [Q(pk__in=ids)]

    def page_of(self, request: HttpRequest, obj: Identity) -> dict[str, Any]:
        return identity_visits(request, obj)

    @admin.display(description="identity ID")
    def brief_id(self, obj: Identity) -> SafeString:
        """Its beginning."""
        return brief_text(obj.identity_id)

    @admin.display(description="name")
    def brief_name(self, obj: Identity) -> SafeString:
        """Its beginning."""
        return brief_text(obj.name)

    @admin.display(description="location")
    def brief_location(self, obj: Identity) -> SafeString:
        """Its beginning."""
        return brief_text(obj.location)

    @admin.display(description="identity ID")
    def told_id(self, obj: Identity) -> SafeString:
        """The site's own."""
        return told_text(obj.identity_id, 255)

    @admin.display(description="name")
    def told_name(self, obj: Identity) -> SafeString:
        """As the site told it."""
        return told_text(obj.name, 255)

    @admin.display(description="location")
    def told_location(self, obj: Identity) -> SafeString:
        """As the site told it."""
        return told_text(obj.location, 255)

    @admin.display(description="entity in Contact Server")
    def told_entity(self, obj: Identity) -> SafeString:
        """As the site told it."""
        return told_text(obj.entity_in_cs, 255)
