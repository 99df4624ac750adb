"""Events: the newest, and any by its id."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import admin
from django.contrib.admin.views.main import ChangeList
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from history.admin.browsing import VisitAdmin
from history.admin.finding import HistoryAdmin, visits_named
from history.admin.pages import event_url, identity_link, visit_link
from history.admin.telling import BRIEF, brief_text, told_json, told_text, told_time
from history.models import Event, Visit

_NEWEST = 100
_WHOLE = 70_000
"""Characters of an event's data on its own page: more than one event may bring."""


class NewestEvents(ChangeList):
    """Without a search, the newest events: no index holds them, but they are in the newest visits."""

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> QuerySet[Any]:
        rows = super().get_queryset(request, exclude_parameters)
        if self.query:
            return rows
        screen: Any = self.model_admin
        visits = screen.visits(request)
        for spec in self.filter_specs:
            visits = spec.queryset(request, visits)
        newest = list(visits.order_by("-received_at", "-pk").values_list("pk", flat=True)[:_NEWEST])
        first = rows.filter(visit__in=newest).order_by("-received_at", "-pk").values_list("pk", flat=True)[:_NEWEST]
        return rows.filter(pk__in=list(first))


@admin.register(Event)
class EventAdmin(HistoryAdmin[Event]):
    """The newest events, and any by its id; whole visits are on their own pages."""

    menu_order = 30
    ordering = ("-received_at", "-id")
    list_display = ("brief_name", "when", "brief_visit", "brief_identity", "brief_url")
    list_select_related = ("application", "visit", "identity")
    search_help_text = (
        "The whole id of an event, page, visit or identity (the newest 1,000 events); without one, the newest 100."
    )
    fields = (
        "event_id",
        "told_name",
        "event_type",
        "told_category",
        "application",
        "visit_shown",
        "when",
        "received",
        "told_url",
        "page_id",
        "told_browser_page",
        "global_visit_id",
        "identity_shown",
        "session_shown",
        "told_data",
    )

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return NewestEvents

    def visits(self, request: HttpRequest) -> QuerySet[Visit]:
        """The visits whose events may be seen."""
        return VisitAdmin(Visit, self.admin_site).get_queryset(request)

    def by_id(self, own: Q, one: UUID) -> list[Q]:
        visits = list(Visit.objects.filter(own, visit_id=one).values_list("pk", flat=True))
        return [own & Q(event_id=one), Q(visit_id__in=visits), Q(visit_id__in=visits_named(own, one), page_id=one)]

    def by_identity(self, ids: list[int]) -> list[Q]:
        return [Q(identity_id__in=ids)]

    def page_of(self, request: HttpRequest, obj: Event) -> dict[str, Any]:
        return {"object_links": [("In the visit's timeline", event_url(obj))]}

    @admin.display(description="event")
    def told_name(self, obj: Event) -> SafeString:
        """Its name."""
        return told_text(obj.event_name, 255)

    @admin.display(description="browser's time (UTC)")
    def when(self, obj: Event) -> str:
        """By the browser's clock."""
        return told_time(obj.happened_at)

    @admin.display(description="server's time (UTC)")
    def received(self, obj: Event) -> str:
        """By this server's clock."""
        return told_time(obj.received_at)

    @admin.display(description="category")
    def told_category(self, obj: Event) -> SafeString:
        """As it was sent."""
        return told_text(obj.category, 255)

    @admin.display(description="URL")
    def told_url(self, obj: Event) -> SafeString:
        """Text, no link: whoever looks here must not go where a stranger sends him."""
        return told_text(obj.url, 2_000)

    @admin.display(description="URL")
    def brief_url(self, obj: Event) -> SafeString:
        """Its beginning."""
        return brief_text(obj.url, 80)

    @admin.display(description="event")
    def brief_name(self, obj: Event) -> SafeString:
        """Its beginning."""
        return brief_text(obj.event_name)

    @admin.display(description="visit")
    def brief_visit(self, obj: Event) -> SafeString:
        """The beginning of its id, as a link."""
        return visit_link(obj.visit, brief=True)

    @admin.display(description="identity")
    def brief_identity(self, obj: Event) -> SafeString | None:
        """The beginning of who was signed in."""
        return identity_link(obj.identity, BRIEF) if obj.identity else None

    @admin.display(description="browser's page ID")
    def told_browser_page(self, obj: Event) -> SafeString | None:
        """As it was sent."""
        return told_text(obj.browser_page_id) or None

    @admin.display(description="visit")
    def visit_shown(self, obj: Event) -> SafeString:
        """Where its timeline is."""
        return visit_link(obj.visit)

    @admin.display(description="identity")
    def identity_shown(self, obj: Event) -> SafeString | None:
        """Who was signed in."""
        return identity_link(obj.identity) if obj.identity else None

    @admin.display(description="session")
    def session_shown(self, obj: Event) -> str | None:
        """The session it falls into."""
        return str(obj.session) if obj.session else None

    @admin.display(description="data")
    def told_data(self, obj: Event) -> SafeString | None:
        """The free content, whole."""
        return format_html('<pre class="dg-data">{}</pre>', told_json(obj.data_text, _WHOLE)) if obj.data_text else None
