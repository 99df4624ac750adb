"""Screens of what happened at applications, found among millions: by filters and an order that are indexes.

A room's screen says whose applications somebody may read; rows are listed by these, for a join with their contact
centers would leave no index in the order of time.
"""

from __future__ import annotations

from typing import Any, ClassVar, TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet
from django.http import HttpRequest

from config.admin.filters import AutocompleteFilter, ContactCenterFilter
from config.admin.governed import ReadOnlyAdmin
from config.admin.paging import InOrder
from config.admin.searching import WholeWords
from config.http import principal_of
from config.policy import visible
from config.principal import Principal
from environment.models import Application

M = TypeVar("M", bound=Model)


class RecordsFilter(AutocompleteFilter):
    """By application; offered to whoever has several."""

    title = "application"
    parameter_name = "application"
    lookup = "application"

    def own_applications(self, asking: Principal) -> list[Application]:
        """Those whose rows he may read."""
        raise NotImplementedError

    def has_output(self) -> bool:
        return super().has_output() or len(self.own_applications(principal_of(self.request))) > 1


class HomeFilter(ContactCenterFilter):
    """By contact center, which no row names: through its applications."""

    lookup = "application__contact_center"

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if not self.value():
            return queryset
        try:
            chosen = UUID(self.value())
        except ValueError:
            return queryset.none()
        ids = list(Application.objects.filter(contact_center=chosen).values_list("pk", flat=True))
        return queryset.filter(application_id__in=ids)


class RecordsAdmin(WholeWords, ReadOnlyAdmin[M]):
    """Rows with an ``application``, read-only; ``application_place`` is where a list of several ones shows it."""

    has_history = False
    paginator = InOrder
    list_select_related: ClassVar[Any] = ("application",)
    application_place: ClassVar[int | None] = None

    def own_applications(self, asking: Principal) -> list[Application]:
        """Those whose rows he may read. (An order by time is one index read for each of them.)"""
        raise NotImplementedError

    def get_queryset(self, request: HttpRequest) -> QuerySet[M]:
        asking = principal_of(request)
        rows: QuerySet[M] = self.model._default_manager.all()
        if asking.everywhere:
            return visible(asking, rows)
        return rows.filter(application_id__in=[one.pk for one in self.own_applications(asking)])

    def get_list_display(self, request: HttpRequest) -> Any:
        """The application only where there may be several."""
        shown = list(super().get_list_display(request))
        if len(self.own_applications(principal_of(request))) > 1:
            shown.insert(len(shown) if self.application_place is None else self.application_place, "application")
        return tuple(shown)

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        """The page of a row, and what it shows below the fields."""
        obj = kwargs.get("obj")
        if obj is not None:
            context |= self.page_of(request, obj)
        return super().render_change_form(request, context, *args, **kwargs)

    def page_of(self, request: HttpRequest, obj: M) -> dict[str, Any]:
        """What the page shows below the fields."""
        return {}
