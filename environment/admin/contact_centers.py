"""Contact centers, their domains, their options."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import URLPattern

from config.admin.enabling import enabling_actions
from config.admin.forms import GovernedForm, LinesField
from config.admin.governed import GovernedAdmin
from config.http import principal_of
from environment.admin.options_screen import options_button, options_link, options_path
from environment.models import ContactCenter, Domain
from environment.services import contact_center_create, contact_center_delete, contact_center_update


class ContactCenterForm(GovernedForm):
    """With its domains, the first of which is what people are told to type."""

    domains = LinesField(
        required=False, help_text="One per line: what users type before the backslash. The first is shown."
    )

    class Meta:
        model = ContactCenter
        fields = ("id", "number", "name", "environment_id", "auth", "enabled")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and not self.instance._state.adding:
            names = Domain.objects.filter(contact_center=self.instance).values_list("name", flat=True)
            self.initial.setdefault("domains", list(names))
        if "number" in self.fields:
            self.fields["number"].required = False
            self.fields["number"].help_text += " Empty: the next free one."


@admin.register(ContactCenter)
class ContactCenterAdmin(GovernedAdmin[ContactCenter]):
    """Made, switched and deleted by administrators of the installation; its own ones change its name and options."""

    menu_order = 10
    form = ContactCenterForm
    list_display = ("name", "number", "domain_names", "enabled", "options_shown")
    list_filter = ("enabled",)
    search_fields = ("name", "domains__name", "number")
    ordering = ("number",)
    object_actions = enabling_actions(
        lambda row: contact_center_update(row, enabled=row.enabled),
        warning="Its users, clients and tokens are refused from the next request on.",
    )
    installation_fields: ClassVar = ("number", "environment_id", "auth", "enabled")

    def get_queryset(self, request: HttpRequest) -> QuerySet[ContactCenter]:
        return super().get_queryset(request).prefetch_related("domains")

    def get_fields(self, request: HttpRequest, obj: ContactCenter | None = None) -> Any:
        names: tuple[str, ...] = ("name", "number", "id", "environment_id", "auth", "enabled")
        return (*names, "domains" if principal_of(request).everywhere else "domain_names")

    def get_readonly_fields(self, request: HttpRequest, obj: ContactCenter | None = None) -> Any:
        fixed: tuple[str, ...] = ("id",) if obj else ()
        return fixed if principal_of(request).everywhere else ("id", *self.installation_fields, "domain_names")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return principal_of(request).everywhere and super().has_add_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: ContactCenter | None = None) -> bool:
        return principal_of(request).everywhere and super().has_delete_permission(request, obj)

    def get_actions(self, request: HttpRequest) -> Any:
        return super().get_actions(request) if principal_of(request).everywhere else {}

    def write(self, request: HttpRequest, form: Any, obj: ContactCenter, *, change: bool) -> None:
        domains = form.cleaned_data.get("domains")
        if change:
            # A form that leaves them alone must not put back what others changed since it was read.
            contact_center_update(obj, domains=domains if "domains" in form.changed_data else None)
            return
        made = contact_center_create(
            name=obj.name,
            id=obj.id,
            number=obj.number,
            domains=domains or (),
            environment_id=obj.environment_id if "environment_id" in form.changed_data else None,
            auth=obj.auth,
            enabled=obj.enabled,
        )
        obj.__dict__.update(made.__dict__)

    def erase(self, request: HttpRequest, obj: ContactCenter) -> None:
        contact_center_delete(obj)

    def get_urls(self) -> list[URLPattern]:
        return [options_path(self), *super().get_urls()]

    def extra_buttons(self, request: HttpRequest, obj: ContactCenter) -> list[tuple[str, str]]:
        return [options_button(obj)]

    @admin.display(description="domains")
    def domain_names(self, obj: ContactCenter) -> str:
        return ", ".join(domain.name for domain in obj.domains.all()) or "none"

    @admin.display(description="options")
    def options_shown(self, obj: ContactCenter) -> str:
        return options_link(obj)
