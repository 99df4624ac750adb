"""Applications, the holders of options."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.utils import quote, unquote
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path

from config.admin.enabling import enabling_actions
from config.admin.filters import ContactCenterFilter
from config.admin.governed import GovernedAdmin, own_contact_center
from config.admin.object_actions import reason_note
from config.http import principal_of
from config.policy import may
from environment.admin.options_screen import options_button, options_link, options_path
from environment.application_pages import Frame, pages_of
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
        page = self.admin_site.admin_view(self.page_view)
        mine = path("<path:object_id>/page/<slug:name>/", page, name="environment_application_page")
        return [options_path(self), mine, *super().get_urls()]

    def extra_buttons(self, request: HttpRequest, obj: Application) -> list[tuple[str, str]]:
        pages = pages_of(principal_of(request), obj)
        return [options_button(obj), *((page.label, self._url("page", quote(obj.pk), page.name)) for page in pages)]

    def page_view(self, request: HttpRequest, object_id: str, name: str) -> HttpResponseBase:
        """A page that a room added (``environment.application_pages``)."""
        obj = self.get_object(request, unquote(object_id))
        pages = pages_of(principal_of(request), obj) if obj is not None else []
        page = next((page for page in pages if page.name == name), None)
        if obj is None or page is None or not may(principal_of(request), "read", obj):
            raise PermissionDenied
        reason_note(request)
        back = self.object_url(obj.pk)
        context = {
            **self.admin_site.each_context(request),
            "title": f"{page.label.rstrip('…')}: {obj}",
            "opts": self.opts,
            "back": back,
        }
        return page.view(request, obj, Frame(context, back))

    @admin.display(description="options")
    def options_shown(self, obj: Application) -> str:
        return options_link(obj)
