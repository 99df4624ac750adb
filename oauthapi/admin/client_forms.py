"""The forms of an API client."""

from __future__ import annotations

from typing import Any, ClassVar

from django import forms
from django.utils.html import format_html

from config.admin.forms import ChoicesListField, GovernedForm, LinesField, ReasonForm
from config.http import principal_of
from environment.models import ContactCenter
from oauthapi.admin.legacy import badge, legacy_words
from oauthapi.models import ApiClient
from oauthapi.rules import GRANTS, LEGACY_GRANTS, SCOPES
from oauthapi.services.client_limits import INSTALLATION_SCOPES

KEPT = [("0", "not at all"), ("1", "1 hour"), ("24", "1 day"), ("168", "7 days"), ("720", "30 days")]
_SECRET = forms.PasswordInput(attrs={"autocomplete": "new-password"})

_WITHOUT_LEGACY = "The password and implicit grants are given by administrators of the installation only."


class ClientForm(GovernedForm):
    """Lists are one per line; grants and scopes are ticked. A contact center's administrator is offered less."""

    secret = forms.CharField(
        required=False,
        strip=False,
        widget=_SECRET,
        help_text="Empty: one is generated and shown once. A public client has none.",
    )
    grants = ChoicesListField(required=False)
    scopes = ChoicesListField(help_text="* stands for openid, profile and email.")
    redirect_uris = LinesField(required=False, label="Redirect URIs", help_text="One per line.")
    post_logout_redirect_uris = LinesField(required=False, label="Post-logout redirect URIs", help_text="One per line.")
    allowed_origins = LinesField(
        required=False,
        help_text="One per line: pages that may read our answers, as in https://desk.example.com. "
        "Pages of http origins never use the sign-in cookie.",
    )
    authorities = LinesField(required=False, help_text="One per line: names told to callers.")

    class Meta:
        model = ApiClient
        exclude: ClassVar = ("stamp",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        everywhere = principal_of(self.request).everywhere
        for name in {"client_id", "name", "description"} & self.fields.keys():
            # Beside a secret a browser takes them for a user name to remember, and says so on the console.
            self.fields[name].widget.attrs["autocomplete"] = "off"
        # An unbound form of a new client shows the defaults; a bound one must keep what scripts stored.
        grants, scopes = list(self.instance.grants), list(self.instance.scopes)
        self.initial = {"grants": grants, "scopes": scopes, **self.initial}
        if "grants" in self.fields:
            offered = [one for one in GRANTS if everywhere or one not in LEGACY_GRANTS or one in grants]
            if not everywhere:
                self.fields["grants"].help_text = _WITHOUT_LEGACY
            self.fields["grants"].offer([(one, self._label(one)) for one in offered], grants)  # type: ignore[attr-defined]
        if "scopes" in self.fields:
            words = {one: told for one, told in SCOPES.items() if everywhere or one not in INSTALLATION_SCOPES}
            labels = [(one, f"{one}: {told}") for one, told in words.items()]
            self.fields["scopes"].offer(labels, scopes)  # type: ignore[attr-defined]

    def _label(self, grant: str) -> Any:
        words = badge(legacy_words(self.instance)) if grant in self.instance.grants else badge("legacy")
        return format_html("{} {}", grant, words) if grant in LEGACY_GRANTS else grant

    def clean_owner(self) -> ContactCenter | None:
        """A stored owner whom the form could not offer stays."""
        chosen: ContactCenter | None = self.cleaned_data["owner"]
        stored = self.instance.owner
        offered: Any = self.fields["owner"]
        if chosen is None and stored is not None and not offered.queryset.filter(pk=stored.pk).exists():
            return stored
        return chosen


class RotateSecretForm(ReasonForm):
    """What a rotation asks."""

    secret = forms.CharField(
        required=False, strip=False, widget=_SECRET, help_text="Empty: one is generated and shown once."
    )
    keep_previous = forms.ChoiceField(choices=KEPT, initial="24", label="Old secret stays good for")
    field_order = ("secret", "keep_previous", "reason")
