"""Basic credentials: the password is generated or typed, shown once as the line that a script needs."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from accounts.models import BasicCredential
from accounts.services.credentials import (
    credential_create,
    credential_delete,
    credential_expiry,
    credential_rotate,
    credential_update,
    password_generate,
)
from config.admin.enabling import enabling_actions
from config.admin.filters import ContactCenterFilter
from config.admin.forms import GovernedForm, LinesField, ReasonForm
from config.admin.governed import GovernedAdmin, own_contact_center
from config.admin.object_actions import ObjectAction, Told
from config.http.authorization import basic_header
from config.http.members import uuid_of
from config.policy import Action
from environment.models import ContactCenter

_PASSWORD = forms.PasswordInput(attrs={"autocomplete": "new-password"})
_EMPTY = "12 to 128 characters. Empty: one is generated and shown once."
_SOON = timedelta(days=30)


class ExpiryFilter(admin.SimpleListFilter):
    """Whose scripts stop working, and whose have stopped."""

    title = "expiry"
    parameter_name = "expiry"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("expired", "Expired"), ("soon", f"Within {_SOON.days} days"), ("never", "Never")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        now = timezone.now()
        if self.value() == "expired":
            return queryset.filter(expires_at__lte=now)
        if self.value() == "soon":
            return queryset.filter(expires_at__gt=now, expires_at__lte=now + _SOON)
        return queryset.filter(expires_at__isnull=True) if self.value() == "never" else queryset


class CredentialForm(GovernedForm):
    """Password at the start only; later by "Rotate…"."""

    password = forms.CharField(required=False, strip=False, widget=_PASSWORD, help_text=_EMPTY)
    never_expires = forms.BooleanField(
        required=False,
        help_text="Without it, and without a time, it expires after its contact center's usual one.",
    )
    source_networks = LinesField(
        required=False, help_text="One per line, such as 192.0.2.0/24: where it may come from. Empty: anywhere."
    )

    class Meta:
        model = BasicCredential
        fields = ("name", "contact_center", "role", "enabled", "expires_at", "source_networks")
        help_texts: ClassVar = {"expires_at": "In UTC. From then on it is refused."}


class RotateForm(ReasonForm):
    """What a rotation asks."""

    password = forms.CharField(required=False, strip=False, widget=_PASSWORD, help_text=_EMPTY)
    field_order = ("password", "reason")


def told(credential: BasicCredential, plain: str) -> Told:
    """The pair, and the header ready to paste."""
    lines = (("Password", plain), ("Authorization header", basic_header(credential.name, plain)))
    return Told(f"Basic credential {credential.name}", lines)


def _rotate(request: HttpRequest, credential: BasicCredential, data: Mapping[str, Any]) -> Told:
    plain = data["password"] or password_generate()
    credential_rotate(credential, password=plain)
    return told(credential, plain)


@admin.register(BasicCredential)
class BasicCredentialAdmin(GovernedAdmin[BasicCredential]):
    """Names and passwords of machines."""

    menu_order = 40
    form = CredentialForm
    levels: ClassVar[dict[str, Action]] = {"add": "administer", "change": "administer", "delete": "administer"}
    list_display = ("name", "contact_center", "role", "enabled", "expires_at", "last_used_at")
    list_filter = (ExpiryFilter, ContactCenterFilter, "enabled")
    list_select_related = ("contact_center", "role")
    search_fields = ("name",)
    autocomplete_fields: ClassVar = ("contact_center", "role")
    object_actions = (
        ObjectAction(
            "rotate",
            "Rotate…",
            _rotate,
            "given a new password",
            level="administer",
            form=RotateForm,
            warning="The old password is refused from the next call on.",
        ),
        *enabling_actions(credential_update, warning="It is refused from the next call on.", level="administer"),
    )

    def get_fields(self, request: HttpRequest, obj: BasicCredential | None = None) -> Any:
        first, last = ("name", "contact_center", "role", "enabled", "expires_at"), ("source_networks",)
        if obj is None:
            return (*first, "never_expires", *last, "password")
        return (*first, *last, "last_used_at", "created_at")

    def get_readonly_fields(self, request: HttpRequest, obj: BasicCredential | None = None) -> Any:
        return ("last_used_at", "created_at") if obj is None else ("contact_center", "last_used_at", "created_at")

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """One's own contact center, and the usual expiry where it is known which one is meant."""
        first = own_contact_center(request) | super().get_changeform_initial_data(request)
        named = uuid_of(str(first.get("contact_center")))
        known = named is not None and ContactCenter.objects.filter(pk=named).exists()
        return ({"expires_at": credential_expiry(named)} if named and known else {}) | first

    def write(self, request: HttpRequest, form: Any, obj: BasicCredential, *, change: bool) -> None:
        if change:
            credential_update(obj)
            return
        if form.cleaned_data["never_expires"]:
            obj.expires_at = None
        elif obj.contact_center_id and obj.expires_at is None:
            obj.expires_at = credential_expiry(obj.contact_center_id)
        plain = form.cleaned_data["password"] or password_generate()
        credential_create(obj, password=plain)
        self.tell_once(request, told(obj, plain))

    def erase(self, request: HttpRequest, obj: BasicCredential) -> None:
        credential_delete(obj)
