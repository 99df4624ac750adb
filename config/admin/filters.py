"""List filters without a link per row: a foreign key is chosen by typing."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.contrib.admin.views.main import PAGE_VAR
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils import timezone

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

    def key_field(self) -> Any:
        """The foreign key at the end of ``lookup``."""
        field: Any = None
        for step in self.lookup.split("__"):
            field = (field.remote_field.model if field else self.listed)._meta.get_field(step)
        return field

    def _widget(self) -> str:
        field = self.key_field()
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


class ContactCenterIdFilter(ContactCenterFilter):
    """By contact center, for rows that keep its id only, because they outlive it."""

    lookup = "contact_center_id"

    def key_field(self) -> Any:
        """Any foreign key to a contact center: the choices are asked for by one."""
        model = apps.get_model(settings.DESKGATE_CONTACT_CENTERS)
        return next(relation.field for relation in model._meta.related_objects if not relation.many_to_many)


class RecentFilter(admin.SimpleListFilter):
    """By time: today (UTC), or the last days. Subclass with another ``column``."""

    title = "time"
    parameter_name = "within"
    column = "at"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("today", "Today"), ("7", "Last 7 days"), ("30", "Last 30 days")]

    def since(self) -> datetime | None:
        """The chosen beginning; None: from the first row on."""
        now = timezone.now()
        return {
            "today": now.replace(hour=0, minute=0, second=0, microsecond=0),
            "7": now - timedelta(days=7),
            "30": now - timedelta(days=30),
        }.get(self.value() or "")

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        since = self.since()
        return queryset.filter(**{f"{self.column}__gte": since}) if since else queryset
