"""Temporary authorization tokens: who took one, and for where; revoked here. Their text is kept nowhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import TemporaryToken
from accounts.selectors import users_named
from accounts.services.temporary_tokens import temporary_token_revoke
from config.admin.filters import ContactCenterFilter, RecentFilter
from config.admin.governed import ReadOnlyAdmin
from config.admin.object_actions import ObjectAction
from config.admin.searching import WholeWords


class StateFilter(admin.SimpleListFilter):
    """What a token is worth by its own row; the epochs that end it with others are not asked here."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("active", "Active"), ("expired", "Expired"), ("revoked", "Revoked")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        now = timezone.now()
        wanted = {
            "active": Q(revoked_at__isnull=True, expires_at__gt=now),
            "expired": Q(revoked_at__isnull=True, expires_at__lte=now),
            "revoked": Q(revoked_at__isnull=False),
        }.get(self.value() or "")
        return queryset.filter(wanted) if wanted else queryset


class IssuedFilter(RecentFilter):
    """By when it was issued."""

    title = "issued"
    column = "issued_at"


def _revoke(request: HttpRequest, token: TemporaryToken, data: Mapping[str, Any]) -> None:
    temporary_token_revoke(token, reason=data["reason"])


@admin.register(TemporaryToken)
class TemporaryTokenAdmin(WholeWords, ReadOnlyAdmin[TemporaryToken]):
    """Taken by administrators at /configuration/token."""

    menu_order = 45
    has_history = False
    fields = ("user", "contact_center", "issued_at", "expires_at", "last_used_at", "revoked_at", "address", "id")
    list_display = ("user", "contact_center", "issued_at", "expires_at", "last_used_at", "revoked_at")
    list_filter = (StateFilter, IssuedFilter, ContactCenterFilter)
    list_select_related = ("user__contact_center", "contact_center")
    search_fields = ("user", "id")
    search_help_text = "The whole user name (tenant\\user) or token ID (jti)."
    object_actions = (
        ObjectAction(
            "revoke",
            "Revoke…",
            _revoke,
            "revoked",
            warning="It is refused on its next use. Credentials registered with it live on.",
            applies=lambda token: token.revoked_at is None and token.expires_at > timezone.now(),
        ),
    )

    def search_branches(self, term: str) -> list[Q]:
        return [Q(user__in=users_named(term)), Q(pk=term)]
