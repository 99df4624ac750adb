"""Tokens, codes and consents: looked at and revoked; neither values nor their hashes are ever shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import admin
from django.db.models import Q
from django.http import HttpRequest

from accounts.selectors import users_named
from config.admin.filters import ContactCenterFilter
from config.admin.governed import M, ReadOnlyAdmin
from config.admin.object_actions import ObjectAction
from config.admin.searching import WholeWords
from config.http import principal_of
from oauthapi.models import AccessToken, ApiClient, AuthorizationCode, Consent, IDToken, RefreshToken, TokenFamily
from oauthapi.services.families import family_revoke_by_administrator
from oauthapi.services.revocations import access_token_end, code_end, refresh_token_end


class TokenContactCenterFilter(ContactCenterFilter):
    """By the user's contact center."""

    lookup = "user__contact_center"


class TokenAdmin(WholeWords, ReadOnlyAdmin[M]):
    """Found by the whole client id or user name: both are indexed, parts of them are not."""

    has_history = False
    search_fields = ("client", "user")
    search_help_text = "The whole client ID, or the whole user name (tenant\\user)."
    list_filter = (TokenContactCenterFilter,)
    list_select_related = ("client", "user__contact_center")

    def search_branches(self, term: str) -> list[Q]:
        clients = list(ApiClient.objects.filter(client_id=term))
        return [Q(client__in=clients), Q(user__in=users_named(term))]


def _revoke_family(request: HttpRequest, family: TokenFamily, data: Mapping[str, Any]) -> None:
    family_revoke_by_administrator(family, reason=data["reason"])


def _revoke_access(request: HttpRequest, token: AccessToken, data: Mapping[str, Any]) -> None:
    access_token_end(token, reason=data["reason"])


def _revoke_refresh(request: HttpRequest, token: RefreshToken, data: Mapping[str, Any]) -> None:
    refresh_token_end(token, reason=data["reason"])


def _revoke_code(request: HttpRequest, code: AuthorizationCode, data: Mapping[str, Any]) -> None:
    code_end(code, reason=data["reason"])


@admin.register(TokenFamily)
class TokenFamilyAdmin(TokenAdmin[TokenFamily]):
    """All tokens that one authorization led to."""

    menu_order = 20
    fields = (
        "client",
        "user",
        "grant",
        "scope",
        "generation",
        "auth_time",
        "created_at",
        "rotated_at",
        "ends_at",
        "revoked_at",
        "revoked_because",
    )
    list_display = ("id", "client", "user", "grant", "scope", "created_at", "ends_at", "revoked_at")
    object_actions = (
        ObjectAction(
            "revoke",
            "Revoke…",
            _revoke_family,
            "revoked",
            warning="Every token of the family ends.",
            applies=lambda family: family.revoked_at is None,
        ),
    )


class AccessTokenAdmin(TokenAdmin[AccessToken]):
    """Registered by django-oauth-toolkit (``ACCESS_TOKEN_ADMIN_CLASS``), like the three below."""

    menu_order = 30
    fields = ("client", "user", "scope", "family", "generation", "issued_at", "expires_at", "revoked_at")
    list_display = ("id", "client", "user", "scope", "issued_at", "expires_at", "revoked_at")
    object_actions = (
        ObjectAction(
            "revoke",
            "Revoke…",
            _revoke_access,
            "revoked",
            warning="Other tokens of its family live on.",
            applies=lambda token: token.revoked_at is None,
        ),
    )


class RefreshTokenAdmin(TokenAdmin[RefreshToken]):
    """Used up when its family's generation has passed its own."""

    menu_order = 40
    fields = ("client", "user", "scope", "family", "generation", "issued_at", "expires_at")
    list_display = ("id", "client", "user", "scope", "generation", "issued_at", "expires_at")
    object_actions = (
        ObjectAction("revoke", "Revoke…", _revoke_refresh, "revoked", warning="Its whole family ends with it."),
    )


class AuthorizationCodeAdmin(TokenAdmin[AuthorizationCode]):
    """Codes of the last minutes."""

    menu_order = 50
    fields = ("client", "user", "scope", "redirect_uri", "auth_time", "expires_at", "used_at", "replayed_at", "family")
    list_display = ("id", "client", "user", "scope", "expires_at", "used_at", "replayed_at")
    object_actions = (
        ObjectAction("revoke", "Revoke…", _revoke_code, "revoked", applies=lambda code: code.used_at is None),
    )


@admin.register(Consent)
class ConsentAdmin(TokenAdmin[Consent]):
    """What users allowed clients that are not trusted."""

    menu_order = 60
    fields = ("user", "client", "scope", "at")
    list_display = ("user", "client", "scope", "at")


class IDTokenAdmin(ReadOnlyAdmin[IDToken]):
    """An ID token is signed, not stored: nothing to see, so it is not in the menu."""

    fields = ("id",)

    def has_view_permission(self, request: HttpRequest, obj: IDToken | None = None) -> bool:
        return principal_of(request).everywhere and super().has_view_permission(request, obj)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return False
