"""List filters without a link per row: a foreign key is chosen by typing."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.admin.views.main import PAGE_VAR
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from config.http import principal_of
from config.policy import visible


class AutocompleteFilter(admin.SimpleListFilter):
    """Filter by a foreign key. Subclass with ``title``, ``parameter_name`` and ``lookup``, the way to the key."""

    template = "admin/autocomplete_filter.html"
    lookup: str

    def __init__(self, request: HttpRequest, params: dict[str, Any], model: type[Model], model_admin: Any) -> None:
        self.request = request
        self.listed = model
        self.site = model_admin.admin_site
        super().__init__(request, params, model, model_admin)

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return []

    def has_output(self) -> bool:
        """Not for whoever has one contact center only: nothing to choose from."""
        return principal_of(self.request).everywhere

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if not self.value():
            return queryset
        try:
            return queryset.filter(**{self.lookup: self.value()})
        except (ValueError, ValidationError):
            return queryset.none()

    def choices(self, changelist: Any) -> Any:
        """One entry: the select, and the other parameters of the list as hidden fields."""
        gone = (self.parameter_name, PAGE_VAR)
        hidden = [(name, one) for name, values in self.request.GET.lists() if name not in gone for one in values]
        yield {
            "widget": self._widget(),
            "hidden": hidden,
            "chosen": bool(self.value()),
            "clear": changelist.get_query_string(remove=[self.parameter_name or ""]),
        }

    def _widget(self) -> str:
        field: Any = None
        for step in self.lookup.split("__"):
            field = (field.remote_field.model if field else self.listed)._meta.get_field(step)
        choices = visible(principal_of(self.request), field.remote_field.model._default_manager.all())
        bound = forms.ModelChoiceField(
            queryset=choices,
            required=False,
            widget=AutocompleteSelect(field, self.site, attrs={"class": "dg-filter", "aria-label": str(self.title)}),
        )
        bound.widget.choices = bound.choices
        try:
            chosen = str(bound.clean(self.value()).pk) if self.value() else ""
        except ValidationError:
            chosen = ""
        return bound.widget.render(self.parameter_name or "", chosen)


class ContactCenterFilter(AutocompleteFilter):
    """By contact center; subclass with another ``lookup`` where the way to it is longer."""

    title = "contact center"
    parameter_name = "contact_center"
    lookup = "contact_center"
