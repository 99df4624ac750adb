"""What proofs left behind: lockouts to release, sessions to end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import FailureCounter, Session
from accounts.services.lockout import lockout_release
from accounts.services.sessions import session_revoke
from config.admin.filters import ContactCenterFilter
from config.admin.governed import ReadOnlyAdmin
from config.admin.object_actions import ObjectAction


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
class LockoutAdmin(ReadOnlyAdmin[FailureCounter]):
    """Counted failures and what they locked."""

    menu_order = 50
    fields = ("kind", "subject", "contact_center", "failures", "window_ends_at", "locked_until")
    list_display = ("subject", "kind", "contact_center", "failures", "window_ends_at", "locked_until")
    list_filter = (LockedFilter, "kind", ContactCenterFilter)
    list_select_related = ("contact_center",)
    search_fields = ("subject",)
    object_actions = (
        ObjectAction("release", "Release…", _release, "released", warning="The subject may try again at once."),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[FailureCounter]:
        """Without the rows of those who got in: their tries were given back."""
        return super().get_queryset(request).filter(failures__gt=0)


class SessionContactCenterFilter(ContactCenterFilter):
    """By the user's contact center."""

    lookup = "user__contact_center"


@admin.register(Session)
class SessionAdmin(ReadOnlyAdmin[Session]):
    """Browsers signed in. The key's hash and the data are never shown."""

    menu_order = 60
    fields = ("kind", "user", "address", "user_agent", "created_at", "proved_at", "last_seen_at", "ends_at")
    list_display = ("user", "kind", "address", "created_at", "last_seen_at", "ends_at")
    list_display_links = None
    list_filter = ("kind", SessionContactCenterFilter)
    list_select_related = ("user__contact_center",)
    search_fields = ("user__user_name__exact", "address__exact")
    search_help_text = "The whole user name, or the address."
    object_actions = (ObjectAction("end", "End…", _end, "ended", warning="It is refused on its next request."),)
