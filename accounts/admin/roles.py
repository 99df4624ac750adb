"""Roles and access groups."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest

from accounts.admin.privilege_table import PrivilegesField
from accounts.admin.unseen import with_unseen
from accounts.models import AccessGroup, Role
from accounts.policy import held_by
from accounts.privileges import PRIVILEGES, closed
from accounts.services.roles import access_group_delete, access_group_save, role_delete, role_save
from config.admin.filters import ContactCenterFilter
from config.admin.forms import GovernedForm, LinesField
from config.admin.governed import GovernedAdmin, own_contact_center
from config.http import principal_of


class RoleForm(GovernedForm):
    """Known privileges are ticked; other names are told to callers and give no rights here."""

    known = PrivilegesField(required=False, label="Privileges", help_text="A higher level includes the lower ones.")
    other = LinesField(
        required=False, label="Other privileges", help_text="One per line: told to callers, without rights here."
    )

    class Meta:
        model = Role
        fields = ("name", "contact_center", "description")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        held = self.instance.privileges
        self.initial.setdefault("known", [name for name in held if name in PRIVILEGES])
        self.initial.setdefault("other", [name for name in held if name not in PRIVILEGES])

    def clean_known(self) -> list[str]:
        """Nobody hands on a privilege that he lacks; the service refuses it too, this names which."""
        chosen: list[str] = self.cleaned_data["known"]
        lacking = sorted(set(chosen) - closed(held_by(principal_of(self.request))))
        if lacking:
            self.add_error("known", f"You do not hold these privileges yourself: {', '.join(lacking)}.")
        return chosen

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        names = [*cleaned.get("known", ()), *cleaned.get("other", ())]
        self.instance.privileges = list(dict.fromkeys(names))
        return cleaned


@admin.register(Role)
class RoleAdmin(GovernedAdmin[Role]):
    """Named sets of privileges."""

    menu_order = 20
    form = RoleForm
    fields = ("name", "contact_center", "description", "known", "other")
    list_display = ("name", "contact_center", "description", "number_of_privileges")
    list_filter = (ContactCenterFilter,)
    list_select_related = ("contact_center",)
    search_fields = ("name",)
    autocomplete_fields: ClassVar = ("contact_center",)

    def get_fields(self, request: HttpRequest, obj: Role | None = None) -> Any:
        shown = obj is not None and not self.has_change_permission(request, obj)
        return ("name", "contact_center", "description", "privileges_shown") if shown else self.fields

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return own_contact_center(request) | super().get_changeform_initial_data(request)

    def write(self, request: HttpRequest, form: Any, obj: Role, *, change: bool) -> None:
        role_save(obj)

    def erase(self, request: HttpRequest, obj: Role) -> None:
        role_delete(obj)

    @admin.display(description="privileges")
    def number_of_privileges(self, obj: Role) -> int:
        return len(obj.privileges)

    @admin.display(description="privileges")
    def privileges_shown(self, obj: Role) -> str:
        return ", ".join(sorted(obj.privileges))


@admin.register(AccessGroup)
class AccessGroupAdmin(GovernedAdmin[AccessGroup]):
    """Users who hold roles together."""

    menu_order = 30
    fields = ("name", "contact_center", "roles")
    list_display = ("name", "contact_center")
    list_filter = (ContactCenterFilter,)
    list_select_related = ("contact_center",)
    search_fields = ("name",)
    autocomplete_fields: ClassVar = ("contact_center", "roles")

    def get_readonly_fields(self, request: HttpRequest, obj: AccessGroup | None = None) -> Any:
        return () if obj is None else ("contact_center",)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return own_contact_center(request) | super().get_changeform_initial_data(request)

    def write(self, request: HttpRequest, form: Any, obj: AccessGroup, *, change: bool) -> None:
        access_group_save(obj, roles=with_unseen(form, "roles"))

    def erase(self, request: HttpRequest, obj: AccessGroup) -> None:
        access_group_delete(obj)
