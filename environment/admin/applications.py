"""Applications, the holders of options."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest
from django.urls import URLPattern

from config.admin.enabling import enabling_actions
from config.admin.filters import ContactCenterFilter
from config.admin.governed import GovernedAdmin, own_contact_center
from environment.admin.options_screen import options_button, options_link, options_path
from environment.models import Application
from environment.services import application_create, application_delete, application_update

_FIELDS = ("name", "type", "contact_center", "description", "enabled")


@admin.register(Application)
class ApplicationAdmin(GovernedAdmin[Application]):
    """Provisioning > Environment > Applications."""

    menu_order = 20
    fields = _FIELDS
    autocomplete_fields: ClassVar = ("contact_center",)
    list_display = ("name", "type", "contact_center", "enabled", "options_shown")
    list_filter = (ContactCenterFilter, "type", "enabled")
    list_select_related = ("contact_center",)
    search_fields = ("name",)
    object_actions = enabling_actions(
        lambda row: application_update(row, enabled=row.enabled), warning="Nothing it is configured for is served."
    )

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return own_contact_center(request) | super().get_changeform_initial_data(request)

    def write(self, request: HttpRequest, form: Any, obj: Application, *, change: bool) -> None:
        values = {name: getattr(obj, name) for name in _FIELDS}
        if change:
            # Told by name, so that the service sees where the application comes from.
            application_update(Application.objects.get(pk=obj.pk), **values)
        else:
            obj.__dict__.update(application_create(**values).__dict__)

    def erase(self, request: HttpRequest, obj: Application) -> None:
        application_delete(obj)

    def get_urls(self) -> list[URLPattern]:
        return [options_path(self), *super().get_urls()]

    def extra_buttons(self, request: HttpRequest, obj: Application) -> list[tuple[str, str]]:
        return [options_button(obj)]

    @admin.display(description="options")
    def options_shown(self, obj: Application) -> str:
        return options_link(obj)
