"""Recorder sessions: who is logged in where, ended here. Neither cookies nor tokens are ever shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest

from accounts.selectors import users_named
from config.admin.filters import ContactCenterFilter
from config.admin.governed import ReadOnlyAdmin
from config.admin.links import Link, list_links
from config.admin.object_actions import ObjectAction
from config.admin.searching import WholeWords
from config.http import principal_of
from screenrec.flows.desk import revoke
from screenrec.models import RecorderSession


class OpenFilter(admin.SimpleListFilter):
    """Open sessions unless something else is asked for."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("ended", "Ended"), ("all", "All")]

    def choices(self, changelist: Any) -> Any:
        """The first choice is called by what it shows."""
        for position, choice in enumerate(super().choices(changelist)):
            yield choice | {"display": "Open"} if position == 0 else choice

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() == "all":
            return queryset
        return queryset.filter(ended_at__isnull=self.value() != "ended")


def _end(request: HttpRequest, session: RecorderSession, data: Mapping[str, Any]) -> None:
    revoke(session, reason=data["reason"])


@admin.register(RecorderSession)
class RecorderSessionAdmin(WholeWords, ReadOnlyAdmin[RecorderSession]):
    """Agents logged in to the Screen Recording Service."""

    menu_order = 10
    has_history = False
    fields = (
        "user_name",
        "contact_center",
        "place_name",
        "held_devices",
        "channels",
        "login_code",
        "queue",
        "server_in_use",
        "peer_server",
        "origin",
        "address",
        "csrf",
        "started_at",
        "logged_in_at",
        "last_ping_at",
        "ends_at",
        "ended_at",
        "ended_because",
    )
    list_display = ("user_name", "place_name", "held_devices", "server_in_use", "last_ping_at", "logged_in_at")
    list_filter = (OpenFilter, ContactCenterFilter)
    list_select_related = ("contact_center",)
    search_fields = ("user", "address")
    search_help_text = "The whole user name (tenant\\user), or the address."
    object_actions = (
        ObjectAction(
            "end",
            "End…",
            _end,
            "ended",
            warning="The desktop is refused on its next call, and the devices are free at once. A desktop that goes by "
            "our page logs in again by itself: disable the user first to keep the agent out.",
            applies=lambda session: session.ended_at is None,
        ),
    )

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        """No column that says the same in every row: ends of open ones, the one contact center of who looks."""
        shown: tuple[str, ...] = self.list_display
        if principal_of(request).everywhere:
            shown += ("contact_center",)
        if request.GET.get(OpenFilter.parameter_name):
            shown += ("ended_at", "ended_because")
        return shown

    @admin.display(description="devices")
    def held_devices(self, session: RecorderSession) -> str:
        """As the agent's desktop named them."""
        return ", ".join(f"{each['dn']}@{each['switch']}" for each in session.devices)

    @admin.display(description="server in use")
    def server_in_use(self, session: RecorderSession) -> str:
        """Whose directory proved the agent."""
        return session.server or "this server"

    def search_branches(self, term: str) -> list[Q]:
        return [Q(user__in=users_named(term)), Q(user__isnull=True, user_name=term), Q(address=term)]

    def related_links(self, request: HttpRequest, obj: RecorderSession) -> list[Link]:
        return list_links(self.admin_site, request, ("Security events", "activity.securityevent"), q=obj.user_name)
