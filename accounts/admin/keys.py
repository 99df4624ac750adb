"""Signing keys: rotated, otherwise only looked at."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from accounts.models import SigningKey
from accounts.services.keys import key_rotate
from config.admin.faults import FAULTS, fault_apply
from config.admin.forms import ReasonForm
from config.admin.governed import ReadOnlyAdmin
from config.admin.object_actions import reason_note
from config.http import principal_of
from config.policy import may


class RotateKeyForm(ReasonForm):
    """Which key, and whether at once."""

    purpose = forms.ChoiceField(choices=SigningKey.Purpose.choices)
    at_once = forms.BooleanField(
        required=False,
        label="Sign with it at once",
        help_text="Otherwise it is published first and signs a day later, when every client has fetched it.",
    )
    field_order = ("purpose", "at_once", "reason")


@admin.register(SigningKey)
class SigningKeyAdmin(ReadOnlyAdmin[SigningKey]):
    """The private half never leaves the database."""

    menu_order = 70
    fields = ("kid", "purpose", "algorithm", "public_jwk", "created_at", "signs_from", "signs_until", "published_until")
    list_display = ("kid", "purpose", "algorithm", "signs_from", "signs_until", "published_until")
    list_filter = ("purpose",)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.rotate_view)
        return [path("rotate/", view, name="accounts_signingkey_rotate"), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        buttons = []
        if may(principal_of(request), "write", SigningKey):
            buttons.append(("Rotate…", reverse("admin:accounts_signingkey_rotate")))
        return super().changelist_view(request, {"list_buttons": buttons, **(extra_context or {})})

    def rotate_view(self, request: HttpRequest) -> HttpResponseBase:
        """Ask which, then publish a new key."""
        if not may(principal_of(request), "write", SigningKey):
            raise PermissionDenied
        form = RotateKeyForm(request.POST or None)
        if form.is_valid():
            reason_note(request)
            try:
                key = key_rotate(form.cleaned_data["purpose"], at_once=form.cleaned_data["at_once"])
            except FAULTS as fault:
                fault_apply(form, fault)  # type: ignore[arg-type]
            else:
                self.message_user(request, f"{key} was published.", messages.SUCCESS)
                return HttpResponseRedirect(self.list_url())
        context = {
            **self.admin_site.each_context(request),
            "title": "Rotate a signing key",
            "opts": self.opts,
            "form": form,
            "back": self.list_url(),
            "button": "Rotate",
        }
        return TemplateResponse(request, "admin/plain_form.html", context)
