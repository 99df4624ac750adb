"""What proofs left behind: lockouts to release, sessions to end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import FailureCounter, Session
from accounts.selectors import users_named
from accounts.services.lockout import countable, lockout_release
from accounts.services.sessions import session_revoke
from config.admin.filters import ContactCenterFilter, RecentFilter
from config.admin.governed import ReadOnlyAdmin
from config.admin.links import Link, list_links
from config.admin.object_actions import ObjectAction
from config.admin.searching import WholeWords


class LockedFilter(admin.SimpleListFilter):
    """Only what is locked at this moment."""

    title = "locked now"
    parameter_name = "locked"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("now", "Yes")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(locked_until__gt=timezone.now()) if self.value() == "now" else queryset


def _release(request: HttpRequest, counter: FailureCounter, data: Mapping[str, Any]) -> None:
    lockout_release(counter, reason=data["reason"])


def _end(request: HttpRequest, session: Session, data: Mapping[str, Any]) -> None:
    session_revoke(session, reason=data["reason"])


@admin.register(FailureCounter)
class LockoutAdmin(WholeWords, ReadOnlyAdmin[FailureCounter]):
    """Counted failures and what they locked."""

    menu_order = 50
    has_history = False
    fields = ("kind", "subject", "contact_center", "failures", "window_ends_at", "locked_until")
    list_display = ("subject", "locked_until", "failures", "kind", "window_ends_at", "contact_center")
    list_filter = (LockedFilter, "kind", ContactCenterFilter)
    list_select_related = ("contact_center",)
    search_fields = ("name", "address")
    search_help_text = "The whole user name (tenant\\user), client ID or address."
    object_actions = (
        ObjectAction("release", "Release…", _release, "released", warning="The subject may try again at once."),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[FailureCounter]:
        """Without the rows of those who got in: their tries were given back."""
        return super().get_queryset(request).filter(failures__gt=0)

    def search_branches(self, term: str) -> list[Q]:
        """Counted are users by tenant and name, whatever was typed; so a bare name means everybody called so."""
        names = {countable(term), *(countable(str(user)) for user in users_named(term))}
        return [Q(name__in=names), Q(address=term)]

    def related_links(self, request: HttpRequest, obj: FailureCounter) -> list[Link]:
        name = obj.real_name or obj.name
        named = list_links(self.admin_site, request, ("Security events", "activity.securityevent"), q=name)
        label = f"Security events from {obj.address}"
        return [*named, *list_links(self.admin_site, request, (label, "activity.securityevent"), q=obj.address)]


class SessionContactCenterFilter(ContactCenterFilter):
    """By the user's contact center."""

    lookup = "user__contact_center"


class SessionSeenFilter(RecentFilter):
    """By the last request."""

    title = "last seen"
    column = "last_seen_at"


@admin.register(Session)
class SessionAdmin(WholeWords, ReadOnlyAdmin[Session]):
    """Browsers signed in. The key's hash and the data are never shown."""

    menu_order = 60
    fields = ("kind", "user", "address", "user_agent", "created_at", "proved_at", "last_seen_at", "ends_at")
    list_display = ("user", "ends_at", "last_seen_at", "kind", "address", "created_at")
    list_display_links = None
    list_filter = (SessionSeenFilter, "kind", SessionContactCenterFilter)
    list_select_related = ("user__contact_center",)
    search_fields = ("user", "address")
    search_help_text = "The whole user name (tenant\\user), or the address."
    object_actions = (
        ObjectAction(
            "end",
            "End…",
            _end,
            "ended",
            warning="It is refused on its next request. Tokens that came from it live on: "
            "“Sign out everywhere…” on the user's page ends them too.",
        ),
    )

    def search_branches(self, term: str) -> list[Q]:
        return [Q(user__in=users_named(term)), Q(address=term)]
