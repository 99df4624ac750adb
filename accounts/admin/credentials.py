"""Basic credentials: the password is generated or typed, shown once as the line that a script needs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from accounts.models import BasicCredential
from accounts.services.credentials import (
    credential_create,
    credential_delete,
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
from config.policy import Action

_PASSWORD = forms.PasswordInput(attrs={"autocomplete": "new-password"})
_EMPTY = "Empty: one is generated and shown once."


class CredentialForm(GovernedForm):
    """Password at the start only; later by "Rotate…"."""

    password = forms.CharField(required=False, strip=False, widget=_PASSWORD, help_text=_EMPTY)
    source_networks = LinesField(
        required=False, help_text="One per line, such as 192.0.2.0/24: where it may come from. Empty: anywhere."
    )

    class Meta:
        model = BasicCredential
        fields = ("name", "contact_center", "role", "enabled", "expires_at", "source_networks")


class RotateForm(ReasonForm):
    """What a rotation asks."""

    password = forms.CharField(required=False, strip=False, widget=_PASSWORD, help_text=_EMPTY)
    field_order = ("password", "reason")


def told(credential: BasicCredential, plain: str) -> Told:
    """The pair, and the header ready to paste."""
    lines = (("Password", plain), ("Header", basic_header(credential.name, plain)))
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
    list_filter = (ContactCenterFilter, "enabled")
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
        own = ("name", "contact_center", "role", "enabled", "expires_at", "source_networks")
        return (*own, "password") if obj is None else (*own, "last_used_at", "created_at")

    def get_readonly_fields(self, request: HttpRequest, obj: BasicCredential | None = None) -> Any:
        return ("last_used_at", "created_at") if obj is None else ("contact_center", "last_used_at", "created_at")

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return own_contact_center(request) | super().get_changeform_initial_data(request)

    def write(self, request: HttpRequest, form: Any, obj: BasicCredential, *, change: bool) -> None:
        if change:
            credential_update(obj)
            return
        plain = form.cleaned_data["password"] or password_generate()
        credential_create(obj, password=plain)
        self.tell_once(request, told(obj, plain))

    def erase(self, request: HttpRequest, obj: BasicCredential) -> None:
        credential_delete(obj)
