"""What the change log and the security events have in common."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar, TypeVar

from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from activity.models import Happening
from config.admin.filters import ContactCenterIdFilter, RecentFilter
from config.admin.governed import ReadOnlyAdmin
from config.admin.searching import WholeWords
from config.context import current
from config.policy import visible

H = TypeVar("H", bound=Happening)


_OUT_OF_ORDER = 1_000
"""Rows by which the order of keys may differ from that of times: requests under way at the same moment."""


class HappenedFilter(RecentFilter):
    """By time, told to the database by key too: lists go by key, and it would read on to the first row of all."""

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        since = self.since()
        if since is None:
            return queryset
        first = (
            queryset.model._default_manager.filter(at__gte=since).order_by("at").values_list("pk", flat=True).first()
        )
        return queryset.none() if first is None else queryset.filter(at__gte=since, pk__gte=first - _OUT_OF_ORDER)


class HappeningAdmin(WholeWords, ReadOnlyAdmin[H]):
    """Newest first, to the second: two tries within a minute are told apart."""

    has_history = False
    list_filter: ClassVar[Any] = (HappenedFilter, ContactCenterIdFilter)

    @admin.display(description="at (UTC)")
    def when(self, obj: H) -> str:
        """The time to the second."""
        return told_time(obj.at)

    @admin.display(description="by")
    def actor(self, obj: H) -> str:
        """Kind and name of who did it."""
        return f"{obj.actor_kind} {obj.actor_name}".strip()

    @admin.display(description="contact center")
    def contact_center_name(self, obj: H) -> str:
        """Its name while it lives, else the id that was kept."""
        if obj.contact_center_id is None:
            return ""
        rows = visible(current().principal, apps.get_model(settings.DESKGATE_CONTACT_CENTERS)._default_manager.all())
        found = rows.filter(pk=obj.contact_center_id).first()
        return str(found or obj.contact_center_id)


def told_time(moment: datetime) -> str:
    """As in 2026-11-21 13:45:07."""
    return f"{moment:%Y-%m-%d %H:%M:%S}"
