"""Places and devices."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest

from config.admin.enabling import enabling_actions
from config.admin.filters import ContactCenterFilter
from config.admin.governed import GovernedAdmin, M, own_contact_center
from environment.models import Device, Place
from environment.services import object_delete, object_save


class PlainAdmin(GovernedAdmin[M]):
    """An object that the governed write of this room stores."""

    list_filter = (ContactCenterFilter, "enabled")
    list_select_related: ClassVar[tuple[str, ...]] = ("contact_center",)
    object_actions = enabling_actions(object_save, warning="It stays where it is, and is not offered any more.")

    def write(self, request: HttpRequest, form: Any, obj: M, *, change: bool) -> None:
        object_save(obj)

    def erase(self, request: HttpRequest, obj: M) -> None:
        object_delete(obj)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return own_contact_center(request) | super().get_changeform_initial_data(request)


@admin.register(Place)
class PlaceAdmin(PlainAdmin[Place]):
    """Where agents sit."""

    menu_order = 40
    fields = ("name", "contact_center", "enabled")
    autocomplete_fields: ClassVar = ("contact_center",)
    list_display = ("name", "contact_center", "enabled")
    search_fields = ("name",)
    ordering = ("name",)


@admin.register(Device)
class DeviceAdmin(PlainAdmin[Device]):
    """DNs at switches."""

    menu_order = 50
    fields = ("dn", "switch", "contact_center", "place", "enabled")
    autocomplete_fields: ClassVar = ("contact_center", "place")
    list_display = ("dn", "switch", "place", "contact_center", "enabled")
    list_select_related: ClassVar = ("contact_center", "place")
    search_fields = ("dn", "switch")
