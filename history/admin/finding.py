"""How visits are found among millions: by whole ids, one index at a time, and by filters that are indexes too."""

from __future__ import annotations

from typing import Any, ClassVar, TypeVar
from uuid import UUID

from django.contrib import admin
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest

from config.admin.searching import NEWEST
from config.context import current
from config.http import principal_of
from config.policy import may
from config.principal import Principal
from environment.application_records import HomeFilter as HomeFilter
from environment.application_records import RecordsAdmin, RecordsFilter
from environment.models import Application
from history.admin.telling import plain_text
from history.models import Event, Identity, Page, Recognition, Visit
from history.selectors.spans import applications_seen, cut_offs, visit_timeout

M = TypeVar("M", bound=Model)


def own_applications(asking: Principal) -> list[Application]:
    """The applications whose visits he may read. (An order by time is one index read for each of them.)"""
    if asking.everywhere:
        return list(applications_seen())
    homes = Application.objects.filter(contact_center__in=asking.contact_center_ids)
    return [one for one in homes if may(asking, "read", Visit(application=one))]


class ApplicationFilter(RecordsFilter):
    """By the server that heard of it."""

    def own_applications(self, asking: Principal) -> list[Application]:
        return own_applications(asking)


class OpenFilter(admin.SimpleListFilter):
    """Open while something came within the time that its application waits."""

    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("open", "Open"), ("over", "Over")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() not in ("open", "over"):
            return queryset
        way = "received_at__gte" if self.value() == "open" else "received_at__lt"
        spans = cut_offs(own_applications(principal_of(request)), visit_timeout)
        if not spans:
            return queryset.none()
        # One range of the index first; where applications differ, each has its own end within it.
        widest = min(spans) if self.value() == "open" else max(spans)
        rows = queryset.filter(**{way: widest})
        if len(spans) > 1:
            each = Q()
            for before, ids in spans.items():
                each |= Q(**{"application_id__in": ids, way: before})
            rows = rows.filter(each)
        return rows


class HistoryAdmin(RecordsAdmin[M]):
    """What the screens of visits share."""

    change_form_template = "admin/history/shown.html"
    list_filter: ClassVar[Any] = (ApplicationFilter, HomeFilter)
    search_fields = ("whole id",)  # told to Django, which offers no search otherwise

    def own_applications(self, asking: Principal) -> list[Application]:
        return own_applications(asking)

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        """The page of a row, with its name, which a stranger may have chosen, told as text."""
        obj = kwargs.get("obj")
        if obj is not None:
            name = plain_text(str(obj), 80)
            context |= {"subtitle": name, "shown_name": name}
        return super().render_change_form(request, context, *args, **kwargs)

    def search_branches(self, term: str) -> list[Q]:
        """``by_id`` for what looks like one of ours, ``by_identity`` for any word."""
        ids = [one.pk for one in own_applications(current().principal)]
        own = Q(application_id__in=ids)
        identities = list(Identity.objects.filter(own, identity_id=term).values_list("pk", flat=True))
        branches = self.by_identity(identities) if identities else []
        try:
            return [*self.by_id(own, UUID(term)), *branches]
        except ValueError:
            return branches

    def by_id(self, own: Q, one: UUID) -> list[Q]:
        """Where this id may stand; ``own`` are the applications to look in, which every index begins with."""
        return []

    def by_identity(self, ids: list[int]) -> list[Q]:
        """What belongs to these identities."""
        return []


def visits_named(own: Q, one: UUID) -> list[Any]:
    """Keys of visits by the id of a page or an event of theirs."""
    pages = Page.objects.filter(own, page_id=one).values_list("visit_id", flat=True)
    events = Event.objects.filter(own, event_id=one).values_list("visit_id", flat=True)
    return [*pages, *events]


def visits_of(ids: list[int]) -> list[Any]:
    """Keys of the visits in which these identities were recognised, the newest of them."""
    found = Recognition.objects.filter(identity_id__in=ids).order_by("-started_at", "-visit_id")
    return list(found.values_list("visit_id", flat=True)[:NEWEST])
