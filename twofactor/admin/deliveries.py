"""Deliveries: what each try of each gateway came to. Destinations are masked, and stand here in no other way."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from config.admin.filters import ContactCenterFilter, RecentFilter
from config.admin.governed import ReadOnlyAdmin
from twofactor.models import Delivery


class HomeFilter(ContactCenterFilter):
    """By contact center, through the application."""

    lookup = "application__contact_center"


class TimeFilter(RecentFilter):
    """By when it was tried."""

    column = "made_at"


class GatewayFilter(admin.SimpleListFilter):
    """By gateway; the names are known, so that nobody has to look them up in the rows."""

    title = "gateway"
    parameter_name = "gateway"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(name, name) for name in ("smtp", "http", "twilio", "outbox", "test", "none")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        return queryset.filter(gateway=self.value()) if self.value() else queryset


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin[Delivery]):
    """Tries, the newest first."""

    menu_order = 60
    has_history = False
    list_display = ("made_at", "channel", "gateway", "outcome", "http_status", "status", "ms", "provider_code")
    list_filter = ("channel", GatewayFilter, "outcome", "test_call", TimeFilter, HomeFilter)
    list_select_related = ("application",)
    fields = (
        "made_at",
        "application",
        "channel",
        "gateway",
        "attempt",
        "destination_mask",
        "prefix",
        "outcome",
        "http_status",
        "detail",
        "ms",
        "provider_id",
        "provider_code",
        "status",
        "status_at",
        "test_call",
    )
