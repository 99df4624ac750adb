"""API clients: made with a secret shown once, rotated with an overlap, never given more than the caller may."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import URLPattern
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.timesince import timesince

from config.admin.enabling import enabling_actions
from config.admin.filters import ContactCenterFilter
from config.admin.governed import GovernedAdmin
from config.admin.links import Link, list_links
from config.admin.object_actions import ObjectAction, Told
from config.context import current
from config.http import principal_of
from config.policy import visible
from environment.models import ContactCenter
from oauthapi.admin.client_forms import ClientForm, RotateSecretForm
from oauthapi.admin.legacy import LegacyFilter, badge, legacy_shown, legacy_words
from oauthapi.admin.sign_in_url import sign_in_button, sign_in_path
from oauthapi.models import ApiClient
from oauthapi.rules import LEGACY_GRANTS
from oauthapi.selectors import COUNTED, live_grants
from oauthapi.services.client_limits import INSTALLATION_FLAGS, OF_TRUSTED, is_of_same_height
from oauthapi.services.clients import client_create, client_delete, client_secret_rotate, client_update
from oauthapi.services.families import client_tokens_revoke

_IDENTITY = ("name", "description", "client_type", "enabled", "owner")
_PROTOCOL = (
    "grants",
    "legacy_grants_until",
    "basic_on_authorize",
    "require_pkce",
    "rotate_refresh_tokens",
    "scopes",
    "redirect_uris",
    "redirect_match",
    "post_logout_redirect_uris",
    "allowed_origins",
    "authorities",
    "access_token_lifetime",
    "refresh_token_lifetime",
    "trusted",
    "internal",
    "may_introspect",
)
_ABOUT_A_CLIENT = (
    ("Security events", "activity.securityevent"),
    ("Token families", "oauthapi.tokenfamily"),
    ("Access tokens", "oauthapi.accesstoken"),
    ("Lockouts", "accounts.failurecounter"),
)


class ClientOwnerFilter(ContactCenterFilter):
    """By the contact center whose administrators manage it."""

    lookup = "owner"


def _rotate(request: HttpRequest, client: ApiClient, data: Mapping[str, Any]) -> Told | None:
    kept = timedelta(hours=int(data["keep_previous"]))
    plain = client_secret_rotate(client, keep_previous=kept, secret=data["secret"] or None)
    return None if data["secret"] else _told(client, plain)


def _told(client: ApiClient, plain: str) -> Told:
    return Told(f"API client {client.client_id}", (("Client ID", client.client_id), ("Client secret", plain)))


def _revoke(request: HttpRequest, client: ApiClient, data: Mapping[str, Any]) -> None:
    client_tokens_revoke(client, reason=data["reason"])


def _reach(clients: Sequence[ApiClient]) -> str:
    families, own = (f"more than {COUNTED:,}" if number > COUNTED else f"{number:,}" for number in live_grants(clients))
    return f"Live now: sign-ins of users: {families}; tokens that the clients hold for themselves: {own}."


def _for_managed(action: ObjectAction) -> ObjectAction:
    """The same action, without a button on clients of which the service would refuse it."""
    return replace(action, applies=lambda client: action.applies(client) and is_of_same_height(client))


class ApiClientAdmin(GovernedAdmin[ApiClient]):
    """Registered by django-oauth-toolkit (``APPLICATION_ADMIN_CLASS``)."""

    menu_order = 10
    form = ClientForm
    list_display = ("client_id", "name", "client_type", "owner", "grants_shown", "enabled", "secret_shown")
    list_filter = (ClientOwnerFilter, LegacyFilter, "enabled", "client_type")
    list_select_related = ("owner",)
    search_fields = ("client_id", "name")
    autocomplete_fields: ClassVar = ("owner", "contact_centers")
    object_actions = tuple(
        _for_managed(action)
        for action in (
            ObjectAction(
                "rotate",
                "Rotate secret…",
                _rotate,
                "given a new secret",
                form=RotateSecretForm,
                warning="The client needs the new secret when the old one's time is over.",
                applies=lambda client: not client.is_public,
            ),
            ObjectAction(
                "revoke_tokens",
                "Revoke tokens…",
                _revoke,
                "signed out of all tokens",
                warning="Each of its tokens and codes is refused from the next request on. It may ask for new ones.",
                affected=_reach,
            ),
            *enabling_actions(client_update, warning="Its tokens are refused from the next request on."),
        )
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[ApiClient]:
        # A page asks several times whether the client may be changed: read once.
        return super().get_queryset(request).prefetch_related("contact_centers")

    def has_change_permission(self, request: HttpRequest, obj: ApiClient | None = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or is_of_same_height(obj))

    def has_delete_permission(self, request: HttpRequest, obj: ApiClient | None = None) -> bool:
        return super().has_delete_permission(request, obj) and (obj is None or is_of_same_height(obj))

    def own_fieldsets(self, request: HttpRequest, obj: ApiClient | None) -> Any:
        secret = ("secret",) if obj is None else ("secret_shown", "created_at")
        changes = obj is None or self.has_change_permission(request, obj)
        bound = "contact_centers" if changes else "contact_centers_shown"
        legacy = ("legacy_grants_until",) if principal_of(request).everywhere else ()
        if obj is not None and LEGACY_GRANTS & set(obj.grants):
            legacy = ("legacy_shown", *legacy)
        return (
            (None, {"fields": ("client_id", *_IDENTITY, bound, *secret)}),
            (
                "Grants and scopes",
                {
                    "fields": (
                        "grants",
                        *legacy,
                        "scopes",
                        "authorities",
                        "require_pkce",
                        "rotate_refresh_tokens",
                        "basic_on_authorize",
                    )
                },
            ),
            (
                "Addresses",
                {
                    "fields": (
                        "redirect_uris",
                        "redirect_match",
                        "post_logout_redirect_uris",
                        "allowed_origins",
                    )
                },
            ),
            ("Lifetimes", {"fields": ("access_token_lifetime", "refresh_token_lifetime")}),
            ("Set by administrators of the installation", {"fields": tuple(INSTALLATION_FLAGS)}),
        )

    def get_readonly_fields(self, request: HttpRequest, obj: ApiClient | None = None) -> Any:
        fixed: tuple[str, ...] = ("secret_shown", "created_at", "contact_centers_shown", "legacy_shown")
        if obj is not None:
            fixed = ("client_id", *fixed)
        if principal_of(request).everywhere:
            return fixed
        guarded = OF_TRUSTED if obj is not None and obj.trusted else ()
        return (*fixed, *INSTALLATION_FLAGS, *guarded, "legacy_grants_until")

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        own = principal_of(request).contact_center_ids
        first = {"owner": next(iter(own)), "contact_centers": list(own)} if len(own) == 1 else {}
        return first | super().get_changeform_initial_data(request)

    def write(self, request: HttpRequest, form: Any, obj: ApiClient, *, change: bool) -> None:
        bound = form.cleaned_data["contact_centers"]
        if change:
            client_update(obj, contact_centers=bound)
            return
        typed = form.cleaned_data["secret"]
        values = {name: getattr(obj, name) for name in (*_IDENTITY, *_PROTOCOL)}
        made, plain = client_create(client_id=obj.client_id, secret=typed or None, contact_centers=bound, **values)
        obj.__dict__.update(made.__dict__)
        if plain and not typed:
            self.tell_once(request, _told(made, plain))

    def erase(self, request: HttpRequest, obj: ApiClient) -> None:
        client_delete(obj)

    def get_urls(self) -> list[URLPattern]:
        return [sign_in_path(self), *super().get_urls()]

    def related_links(self, request: HttpRequest, obj: ApiClient) -> list[Link]:
        return [sign_in_button(obj), *list_links(self.admin_site, request, *_ABOUT_A_CLIENT, q=obj.client_id)]

    @admin.display(description="grants")
    def grants_shown(self, obj: ApiClient) -> str:
        """The grants, the legacy ones marked; past their end they are told so."""
        told = [(grant, badge(legacy_words(obj)) if grant in LEGACY_GRANTS else "") for grant in obj.grants]
        if obj.redirect_match == ApiClient.RedirectMatch.ORIGIN:
            told.append(("", badge("matches by origin")))
        return format_html_join("", '<span class="dg-item">{} {}</span>', told)

    @admin.display(description="legacy grants")
    def legacy_shown(self, obj: ApiClient) -> str:
        """With their end, and what the standards say of them."""
        return legacy_shown(obj)

    @admin.display(description="contact centers")
    def contact_centers_shown(self, obj: ApiClient) -> str:
        """Those that the reader may see by name, and how many others; "all" for a client bound to none."""
        bound = list(obj.contact_centers.all())
        seen = visible(current().principal, ContactCenter.objects.filter(pk__in=[one.pk for one in bound]))
        names = [str(one) for one in seen]
        others = len(bound) - len(names)
        return ", ".join([*names, *([f"{others} more"] if others else [])]) or "all"

    @admin.display(description="secret")
    def secret_shown(self, obj: ApiClient) -> str:
        """When it was set; never what it is."""
        if obj.is_public:
            return "none: a public client"
        if not obj.secret_hash or obj.secret_set_at is None:
            return "not set: rotate it"
        told = f"set {timesince(obj.secret_set_at)} ago"
        if obj.previous_secret_until and obj.previous_secret_until > timezone.now():
            told += f"; the old one is good until {obj.previous_secret_until:%Y-%m-%d %H:%M} UTC"
        return told
