"""How sessions and waits are found among millions: by whole words, one index at a time, and by filters."""

from __future__ import annotations

from typing import Any, ClassVar, TypeVar
from uuid import UUID

from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.functional import cached_property

from config.admin.filters import AutocompleteFilter, ContactCenterFilter
from config.admin.governed import ReadOnlyAdmin
from config.admin.paging import COUNTED, BoundedPaginator
from config.admin.searching import WholeWords
from config.http import principal_of
from config.policy import visible
from environment.models import Application
from twofactor.selectors.applications import own_applications

M = TypeVar("M", bound=Model)


class ApplicationFilter(AutocompleteFilter):
    """By the application that was called."""

    title = "application"
    parameter_name = "application"
    lookup = "application"

    def has_output(self) -> bool:
        return super().has_output() or len(own_applications(principal_of(self.request))) > 1


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


class InOrder(BoundedPaginator):
    """Counts along the index that the list goes by: without an order the database may read the table as it lies."""

    @cached_property
    def count(self) -> int:
        listed: Any = self.object_list
        return int(listed[:COUNTED].count())


class RecordsAdmin(WholeWords, ReadOnlyAdmin[M]):
    """What the screens of sessions and waits share."""

    has_history = False
    paginator = InOrder
    change_form_template = "admin/twofactor/shown.html"
    list_select_related: ClassVar[Any] = ("application",)
    search_fields = ("whole word",)  # told to Django, which offers no search otherwise

    def get_queryset(self, request: HttpRequest) -> QuerySet[M]:
        """By ids of applications: a join with their contact centers would leave no index in the order of time."""
        asking = principal_of(request)
        rows: QuerySet[M] = self.model._default_manager.all()
        if asking.everywhere:
            return visible(asking, rows)
        return rows.filter(application_id__in=[one.pk for one in own_applications(asking)])

    def get_list_display(self, request: HttpRequest) -> Any:
        """The application only where there may be several."""
        shown = tuple(super().get_list_display(request))
        several = len(own_applications(principal_of(request))) > 1
        return (*shown[:2], "application", *shown[2:]) if several else shown

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        """The page of a row, and what it shows below the fields."""
        obj = kwargs.get("obj")
        if obj is not None:
            context |= self.page_of(request, obj)
        return super().render_change_form(request, context, *args, **kwargs)

    def page_of(self, request: HttpRequest, obj: M) -> dict[str, Any]:
        """What the page shows below the fields."""
        return {}
