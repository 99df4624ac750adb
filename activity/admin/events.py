"""Why was I refused? With the inner reason that the public answer hides."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from activity.admin.happenings import HappeningAdmin
from activity.models import SecurityEvent
from config.admin.links import Link, list_links


@admin.register(SecurityEvent)
class SecurityEventAdmin(HappeningAdmin[SecurityEvent]):
    """Proofs given and refused, sessions and tokens begun and ended."""

    menu_order = 20
    fields = (
        "when",
        "name",
        "outcome",
        "refusal",
        "user_name",
        "client_id",
        "actor",
        "address",
        "request_id",
        "detail",
        "contact_center_name",
    )
    list_display = ("when", "told", "refusal", "whom", "address")
    list_filter = ("outcome", *HappeningAdmin.list_filter)
    search_fields = ("user_name", "client_id", "address", "request_id")
    search_help_text = (
        "The whole user name (tenant\\user), client ID, address or request ID (X-Request-ID of the answer); "
        "the newest 1,000 of each."
    )

    def related_links(self, request: HttpRequest, obj: SecurityEvent) -> list[Link]:
        site, events = self.admin_site, "activity.securityevent"
        return [
            *list_links(site, request, ("Changes of this request", "activity.change"), q=obj.request_id),
            *list_links(site, request, ("Events of this request", events), q=obj.request_id),
            *list_links(site, request, (f"Events of {obj.user_name}", events), q=obj.user_name),
            *list_links(site, request, (f"Events of {obj.client_id}", events), q=obj.client_id),
            *list_links(site, request, (f"Events from {obj.address}", events), q=obj.address),
        ]

    @admin.display(description="event")
    def told(self, obj: SecurityEvent) -> SafeString:
        """Its name, marked when refused."""
        if obj.outcome == SecurityEvent.Outcome.OK:
            return format_html("{}", obj.name)
        return format_html('{} <span class="dg-badge dg-warn">{}</span>', obj.name, obj.outcome)

    @admin.display(description="user, client")
    def whom(self, obj: SecurityEvent) -> str:
        """Whom it is about."""
        return ", ".join(filter(None, (obj.user_name, obj.client_id)))
