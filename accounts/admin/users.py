"""Users: made with roles, groups and place; passwords reset and shown once; unlocked, signed out, switched."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from accounts.admin.unseen import or_unseen, with_unseen
from accounts.models import User
from accounts.services.generated import password_for
from accounts.services.passwords import password_reset
from accounts.services.sessions import sign_out_everywhere
from accounts.services.unlocking import user_unlock
from accounts.services.users import user_create, user_delete, user_update
from config.admin.enabling import enabling_actions
from config.admin.filters import ContactCenterFilter
from config.admin.forms import GovernedForm, JsonField, ReasonForm
from config.admin.governed import GovernedAdmin, own_contact_center
from config.admin.links import Link, list_links
from config.admin.object_actions import ObjectAction, Told
from config.policy import Action
from environment.models import Place

_PASSWORD = forms.PasswordInput(attrs={"autocomplete": "new-password"})
_PLAIN = (
    "first_name",
    "last_name",
    "employee_id",
    "email",
    "is_agent",
    "enabled",
    "must_change_password",
    "default_place",
    "properties",
)

_ABOUT_A_USER = (
    ("Security events", "activity.securityevent"),
    ("Sessions", "accounts.session"),
    ("Token families", "oauthapi.tokenfamily"),
    ("Lockouts", "accounts.failurecounter"),
    ("Changes made", "activity.change"),
)


class UserForm(GovernedForm):
    """A new user's password is typed or generated; later only "Reset password…" changes it."""

    fault_names: ClassVar[Mapping[str, str]] = {"newPassword": "password"}
    password = forms.CharField(
        required=False, strip=False, widget=_PASSWORD, help_text="Empty: one is generated and shown once."
    )
    properties = JsonField(required=False, help_text='Told by user info: names and texts, such as {"team": "north"}.')

    class Meta:
        model = User
        fields = ("user_name", "contact_center", *_PLAIN, "roles", "access_groups")

    def clean_default_place(self) -> Place | None:
        place: Place | None = or_unseen(self, "default_place")
        return place


class ResetForm(ReasonForm):
    """What a reset asks."""

    fault_names: ClassVar[Mapping[str, str]] = {"newPassword": "new_password"}
    new_password = forms.CharField(
        required=False, strip=False, widget=_PASSWORD, help_text="Empty: one is generated and shown once."
    )
    must_change = forms.BooleanField(required=False, initial=True, label="Change password on next login")
    field_order = ("new_password", "must_change", "reason")


def _reset(request: HttpRequest, user: User, data: Mapping[str, Any]) -> Told:
    plain = data["new_password"] or password_for(user)
    password_reset(user=user, new_password=plain, must_change=data["must_change"])
    return Told(f"Password of {user}", (("Password", plain),))


def _sign_out(request: HttpRequest, user: User, data: Mapping[str, Any]) -> None:
    sign_out_everywhere(user, reason=data["reason"])


def _unlock(request: HttpRequest, user: User, data: Mapping[str, Any]) -> None:
    user_unlock(user, reason=data["reason"])


@admin.register(User)
class UserAdmin(GovernedAdmin[User]):
    """Provisioning > Accounts > Users."""

    menu_order = 10
    form = UserForm
    levels: ClassVar[dict[str, Action]] = {"add": "write", "change": "write", "delete": "administer"}
    list_display = ("user_name", "first_name", "last_name", "contact_center", "is_agent", "enabled")
    list_filter = (ContactCenterFilter, "enabled", "is_agent")
    list_select_related = ("contact_center",)
    search_fields = ("user_name__istartswith", "last_name__istartswith", "email__istartswith", "employee_id__exact")
    search_help_text = "Beginning of the user name, last name or e-mail address; or the whole employee ID."
    autocomplete_fields: ClassVar = ("contact_center", "default_place", "roles", "access_groups")
    object_actions = (
        ObjectAction(
            "reset",
            "Reset password…",
            _reset,
            "given a new password",
            level="administer",
            form=ResetForm,
            warning="Every session and token of the user ends.",
        ),
        ObjectAction("unlock", "Unlock…", _unlock, "may try again"),
        ObjectAction(
            "sign_out",
            "Sign out everywhere…",
            _sign_out,
            "signed out",
            warning="Every session and token of the user ends, on every client.",
        ),
        *enabling_actions(user_update, warning="Every session and token of the user ends."),
    )

    def own_fieldsets(self, request: HttpRequest, obj: User | None) -> Any:
        self_made = ("password",) if obj is None else ()
        shown = () if obj is None else ("dbid", "last_login", "password_changed_at", "created_at")
        return (
            (None, {"fields": ("user_name", "contact_center", *self_made, "must_change_password", "enabled")}),
            ("Person", {"fields": ("first_name", "last_name", "employee_id", "email")}),
            ("Work", {"fields": ("is_agent", "default_place", "roles", "access_groups")}),
            ("Further", {"fields": ("properties", *shown)}),
        )

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        fixed = ("dbid", "last_login", "password_changed_at", "created_at")
        return fixed if obj is None else ("contact_center", *fixed)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        first = {"must_change_password": True} | own_contact_center(request)
        return first | super().get_changeform_initial_data(request)

    def write(self, request: HttpRequest, form: Any, obj: User, *, change: bool) -> None:
        members: dict[str, Any] = {name: with_unseen(form, name) for name in ("roles", "access_groups")}
        if change:
            user_update(obj, **members)
            return
        plain = form.cleaned_data["password"] or password_for(obj)
        made = user_create(
            user_name=obj.user_name,
            contact_center=obj.contact_center,
            password=plain,
            **members,
            **{name: getattr(obj, name) for name in _PLAIN},
        )
        obj.__dict__.update(made.__dict__)
        if not form.cleaned_data["password"]:
            self.tell_once(request, Told(f"Password of {obj}", (("Password", plain),)))

    def related_links(self, request: HttpRequest, obj: User) -> list[Link]:
        return list_links(self.admin_site, request, *_ABOUT_A_USER, q=str(obj))

    def erase(self, request: HttpRequest, obj: User) -> None:
        user_delete(obj)
