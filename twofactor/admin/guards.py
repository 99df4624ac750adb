"""Accounts that wait after wrong codes, and letting them go on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString

from config.admin.object_actions import ObjectAction
from config.context import current
from twofactor.admin.finding import ApplicationFilter, CallsAdmin, HomeFilter
from twofactor.admin.telling import NOTHING, told_number, told_text, told_time
from twofactor.models import Guard
from twofactor.options.limits import FAILURES_BEFORE_STOP
from twofactor.selectors.applications import own_applications
from twofactor.services.guards import guard_clear


class WaitsFilter(admin.SimpleListFilter):
    """Only those that wait at this moment."""

    title = "waits now"
    parameter_name = "waits"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("now", "Yes")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset.filter(waits_until__gt=timezone.now()) if self.value() == "now" else queryset


def _clear(request: HttpRequest, guard: Guard, data: Mapping[str, Any]) -> None:
    guard_clear(guard, reason=data["reason"])


@admin.register(Guard)
class GuardAdmin(CallsAdmin[Guard]):
    """Failures in a row, by account and by account and calling number."""

    menu_order = 60
    ordering = ("-changed_at", "-pk")
    list_display = ("told_account", "told_cli", "failures", "waits", "changed")
    list_filter: ClassVar[Any] = (WaitsFilter, "kind", ApplicationFilter, HomeFilter)
    search_help_text = "The whole account reference."
    fields = ("application", "kind", "told_account", "told_cli", "failures", "waits", "changed")
    object_actions = (ObjectAction("clear", "Clear…", _clear, "cleared", warning="The account may try again at once."),)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Guard]:
        """Without the rows of those whose last code was right."""
        return super().get_queryset(request).filter(failures__gt=0)

    def search_branches(self, term: str) -> list[Q]:
        """Accounts are counted in one spelling."""
        own = [one.pk for one in own_applications(current().principal)]
        return [Q(application_id__in=own, account=term.casefold())]

    @admin.display(description="account")
    def told_account(self, obj: Guard) -> SafeString:
        """As the caller of the face sent it."""
        return told_text(obj.account)

    @admin.display(description="calling number")
    def told_cli(self, obj: Guard) -> str:
        """Its end."""
        return told_number(obj.cli) or ("any" if obj.kind == Guard.Kind.ACCOUNT else "unknown")

    @admin.display(description="waits until (UTC)")
    def waits(self, obj: Guard) -> str:
        """Stopped for good, or the end of the wait."""
        if obj.failures >= FAILURES_BEFORE_STOP.of(obj.application):
            return "stopped until cleared"
        return told_time(obj.waits_until) or NOTHING

    @admin.display(description="last failure (UTC)")
    def changed(self, obj: Guard) -> str:
        """When it was counted."""
        return told_time(obj.changed_at)
