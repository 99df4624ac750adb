"""Customers: whom a code may be sent to. Addresses are shown masked, and exchanged, never read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Lower
from django.http import HttpRequest

from config.admin.enabling import enabling_actions
from config.admin.filters import ContactCenterFilter
from config.admin.forms import GovernedForm
from config.admin.governed import GovernedAdmin, own_contact_center
from config.admin.object_actions import ObjectAction, Told
from config.admin.searching import WholeWords
from twofactor.destinations import email_read, phone_read
from twofactor.masking import mask
from twofactor.models import Customer, Method
from twofactor.selectors.customers import with_authenticator
from twofactor.services.authenticators import authenticator_begin, authenticator_reset
from twofactor.services.customers import customer_create, customer_delete, customer_update
from twofactor.services.recovery_codes import recovery_codes_renew

_NOT_REMEMBERED = {"autocomplete": "off", "class": "vTextField", "spellcheck": "false"}
_SHOWN = ("email_shown", "phone_shown", "authenticator_shown")


class CustomerForm(GovernedForm):
    """What is stored is not shown: a new address takes its place, or it is removed."""

    fault_names: ClassVar = {"email": "new_email", "phone": "new_phone"}
    new_email = forms.CharField(
        required=False,
        max_length=254,
        label="New e-mail",
        widget=forms.TextInput(attrs=_NOT_REMEMBERED),
        help_text="It counts as verified. Empty: the e-mail address stays as it is.",
    )
    remove_email = forms.BooleanField(required=False, label="Remove the e-mail address")
    new_phone = forms.CharField(
        required=False,
        max_length=41,
        label="New phone",
        widget=forms.TextInput(attrs=_NOT_REMEMBERED),
        help_text="With + and the country code. It counts as verified. Empty: the number stays as it is.",
    )
    remove_phone = forms.BooleanField(required=False, label="Remove the phone number")

    class Meta:
        model = Customer
        fields = ("contact_center", "account", "enabled")

    def clean_new_email(self) -> str:
        """As it is stored."""
        return email_read(self.cleaned_data["new_email"])

    def clean_new_phone(self) -> str:
        """As it is stored."""
        return phone_read(self.cleaned_data["new_phone"])

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        for name in ("email", "phone"):
            if cleaned.get(f"new_{name}") and cleaned.get(f"remove_{name}"):
                self.add_error(f"remove_{name}", "Write a new one, or remove it.")
        return cleaned

    def destinations(self) -> dict[str, str]:
        """What is to be stored, by the service's names; what stays is not in it."""
        found = {}
        for name in ("email", "phone"):
            if self.cleaned_data.get(f"new_{name}"):
                found[name] = self.cleaned_data[f"new_{name}"]
            elif self.cleaned_data.get(f"remove_{name}"):
                found[name] = ""
        return found


class AuthenticatorFilter(admin.SimpleListFilter):
    """Who has one."""

    title = "authenticator"
    parameter_name = "authenticator"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("yes", "Yes"), ("no", "No")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        known = {"yes": True, "no": False}.get(self.value() or "")
        return queryset if known is None else queryset.filter(is_enrolled=known)


def _enrol(request: HttpRequest, customer: Customer, data: Mapping[str, Any]) -> Told:
    begun = authenticator_begin(customer)
    until = f"{begun.expires_at:%Y-%m-%d %H:%M} UTC"
    return Told(f"Customer {customer}", (("Enrolment link", begun.url), ("Works one time, until", until)))


def _reset(request: HttpRequest, customer: Customer, data: Mapping[str, Any]) -> None:
    authenticator_reset(customer)


def _renew(request: HttpRequest, customer: Customer, data: Mapping[str, Any]) -> Told:
    codes = recovery_codes_renew(customer)
    return Told(f"Recovery codes of {customer}", tuple((f"Code {n}", code) for n, code in enumerate(codes, 1)))


@admin.register(Customer)
class CustomerAdmin(WholeWords, GovernedAdmin[Customer]):
    """A contact center may have a hundred thousand of them: the list is not sorted, and searched by whole accounts."""

    menu_order = 20
    form = CustomerForm
    list_display = ("account", "contact_center", *_SHOWN, "enabled")
    list_filter = (ContactCenterFilter, AuthenticatorFilter, "enabled")
    list_select_related = ("contact_center",)
    ordering = ("-pk",)
    search_fields = ("account",)
    search_help_text = "The whole account, in any case."
    autocomplete_fields: ClassVar = ("contact_center",)
    object_actions = (
        ObjectAction(
            "enrol",
            "Enrolment link…",
            _enrol,
            "given an enrolment link",
            warning="The link is shown once. An earlier one stops working; an authenticator in use stays until then.",
        ),
        ObjectAction(
            "reset",
            "Reset authenticator…",
            _reset,
            "without an authenticator now",
            warning="The authenticator, its recovery codes and a link that waits stop working at once.",
        ),
        ObjectAction(
            "recovery",
            "New recovery codes…",
            _renew,
            "given new recovery codes",
            warning="The codes are shown once. The old ones stop working at once.",
            applies=lambda customer: getattr(customer, "is_enrolled", False),
        ),
        *enabling_actions(customer_update, warning="No code is sent to it and none of its codes is accepted."),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Customer]:
        return with_authenticator(super().get_queryset(request)).alias(lowered=Lower("account"))

    def search_branches(self, term: str) -> list[Q]:
        return [Q(lowered=Lower(Value(term)))]

    def own_fieldsets(self, request: HttpRequest, obj: Customer | None) -> Any:
        first = ("contact_center", "account", "enabled")
        if obj is None:
            return ((None, {"fields": (*first, "new_email", "new_phone")}),)
        addresses = ("email_shown", "new_email", "remove_email", "phone_shown", "new_phone", "remove_phone")
        return (
            (None, {"fields": (*first, "authenticator_shown", "created_at")}),
            ("Verified addresses", {"fields": addresses}),
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Customer | None = None) -> Any:
        return () if obj is None else ("contact_center", *_SHOWN, "created_at")

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return own_contact_center(request) | super().get_changeform_initial_data(request)

    def write(self, request: HttpRequest, form: Any, obj: Customer, *, change: bool) -> None:
        if change:
            customer_update(obj, **form.destinations())
            return
        made = customer_create(
            contact_center=obj.contact_center, account=obj.account, enabled=obj.enabled, **form.destinations()
        )
        obj.__dict__.update(made.__dict__)

    def erase(self, request: HttpRequest, obj: Customer) -> None:
        customer_delete(obj)

    @admin.display(description="verified e-mail")
    def email_shown(self, obj: Customer) -> str:
        """Masked."""
        return mask(Method.EMAIL, obj.email) or "none"

    @admin.display(description="verified phone")
    def phone_shown(self, obj: Customer) -> str:
        """Masked."""
        return mask(Method.SMS, obj.phone) or "none"

    @admin.display(description="authenticator", boolean=True)
    def authenticator_shown(self, obj: Customer) -> bool:
        """Whether a confirmed one is there."""
        return bool(getattr(obj, "is_enrolled", False))
