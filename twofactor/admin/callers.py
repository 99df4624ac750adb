"""Who may use an application: bound credentials, and keys whose characters are shown once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest

from config.admin.enabling import enabling_actions
from config.admin.filters import ContactCenterFilter
from config.admin.forms import GovernedForm, LinesField
from config.admin.governed import GovernedAdmin
from config.admin.object_actions import ObjectAction, Told
from twofactor.models import Caller, CapabilityKey
from twofactor.services.callers import (
    caller_create,
    caller_delete,
    capability_key_create,
    capability_key_delete,
    capability_key_rotate,
    capability_key_update,
)


class ApplicationContactCenterFilter(ContactCenterFilter):
    """By the contact center of its application."""

    lookup = "application__contact_center"


class CapabilityKeyForm(GovernedForm):
    """The key itself is generated, never typed."""

    source_networks = LinesField(
        required=False, help_text="One per line, such as 192.0.2.0/24: where it may come from. Empty: anywhere."
    )

    class Meta:
        model = CapabilityKey
        fields = ("application", "name", "enabled", "source_networks")


@admin.register(Caller)
class CallerAdmin(GovernedAdmin[Caller]):
    """Credentials that may use an application. A binding is made or deleted, never changed."""

    menu_order = 50
    levels: ClassVar = {"add": "write", "delete": "write"}
    list_display = ("credential", "application", "contact_center_shown")
    list_filter = (ApplicationContactCenterFilter,)
    list_select_related = ("application__contact_center", "credential")
    search_fields = ("credential__name", "application__name")
    autocomplete_fields: ClassVar = ("application", "credential")
    fields = ("application", "credential")

    def write(self, request: HttpRequest, form: Any, obj: Caller, *, change: bool) -> None:
        caller_create(obj)

    def erase(self, request: HttpRequest, obj: Caller) -> None:
        caller_delete(obj)

    @admin.display(description="contact center", ordering="application__contact_center")
    def contact_center_shown(self, obj: Caller) -> str:
        """The one both are of."""
        return str(obj.application.contact_center)


def _told(key: CapabilityKey, plain: str) -> Told:
    """The characters, and the address to point a platform at."""
    address = f"{settings.DESKGATE_PUBLIC_URL}/twofactor/services/key/{plain}/"
    return Told(f"Capability key {key}", (("Key", plain), ("Address of the web services", address)))


def _rotate(request: HttpRequest, key: CapabilityKey, data: Mapping[str, Any]) -> Told:
    return _told(key, capability_key_rotate(key))


@admin.register(CapabilityKey)
class CapabilityKeyAdmin(GovernedAdmin[CapabilityKey]):
    """Keys for platforms that know addresses only."""

    menu_order = 60
    form = CapabilityKeyForm
    list_display = ("name", "application", "hint_shown", "enabled", "last_used_at")
    list_display_links = ("name",)
    list_filter = (ApplicationContactCenterFilter, "enabled")
    list_select_related = ("application",)
    search_fields = ("name", "application__name")
    autocomplete_fields: ClassVar = ("application",)
    object_actions = (
        ObjectAction(
            "rotate",
            "Rotate…",
            _rotate,
            "given new characters",
            warning="The old address is refused from the next call on.",
        ),
        *enabling_actions(capability_key_update, warning="Its address is refused from the next call on."),
    )

    def get_fields(self, request: HttpRequest, obj: CapabilityKey | None = None) -> Any:
        first = ("application", "name", "enabled", "source_networks")
        return first if obj is None else (*first, "hint_shown", "last_used_at", "created_at")

    def get_readonly_fields(self, request: HttpRequest, obj: CapabilityKey | None = None) -> Any:
        shown = ("hint_shown", "last_used_at", "created_at")
        return shown if obj is None else ("application", *shown)

    def write(self, request: HttpRequest, form: Any, obj: CapabilityKey, *, change: bool) -> None:
        if change:
            capability_key_update(obj)
            return
        _key, plain = capability_key_create(obj)
        self.tell_once(request, _told(obj, plain))

    def erase(self, request: HttpRequest, obj: CapabilityKey) -> None:
        capability_key_delete(obj)

    @admin.display(description="ends with")
    def hint_shown(self, obj: CapabilityKey) -> str:
        """Its last characters."""
        return f"…{obj.hint}"
