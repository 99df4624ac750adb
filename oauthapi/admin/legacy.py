"""The password and implicit grants as the admin shows them: with a badge, an end, and a warning."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from oauthapi.models import ApiClient
from oauthapi.rules import LEGACY_GRANTS

WARNINGS = {
    "password": "RFC 9700 §2.4 forbids the password grant: it hands the user's password to the client.",
    "implicit": "RFC 9700 §2.1.2 advises against the implicit grant: its tokens stand in addresses.",
}


def badge(words: str, *, warns: bool = True) -> SafeString:
    """A small label."""
    return format_html('<span class="dg-badge{}">{}</span>', " dg-warn" if warns else "", words)


def legacy_words(client: ApiClient) -> str:
    """As in "legacy, until 2027-01-31" or "legacy, ended"."""
    end = client.legacy_grants_until
    if end is None:
        return "legacy"
    return "legacy, ended" if end < timezone.now().date() else f"legacy, until {end:%Y-%m-%d}"


def legacy_shown(client: ApiClient) -> SafeString | str:
    """The client's legacy grants, each with its badge and what the standards say of it."""
    found = [grant for grant in client.grants if grant in LEGACY_GRANTS]
    if not found:
        return "none"
    told = badge(legacy_words(client))
    lines = format_html_join("", "<div>{} {} {}</div>", ((one, told, WARNINGS[one]) for one in found))
    advice = "Move the client to authorization_code with PKCE, and set an end until then."
    return format_html('<div class="dg-notice dg-legacy">{}<div>{}</div></div>', lines, advice)


class LegacyFilter(admin.SimpleListFilter):
    """Who still has legacy grants."""

    title = "legacy grants"
    parameter_name = "legacy"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("on", "In force"), ("ended", "Ended"), ("none", "None")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        if self.value() not in ("on", "ended", "none"):
            return queryset
        # As text: SQLite knows no containment of JSON.
        has = Q()
        for grant in sorted(LEGACY_GRANTS):
            has |= Q(grants_text__contains=f'"{grant}"')
        rows = queryset.alias(grants_text=Cast("grants", TextField()))
        over = Q(legacy_grants_until__lt=timezone.now().date())
        if self.value() == "none":
            return rows.exclude(has)
        return rows.filter(has, over) if self.value() == "ended" else rows.filter(has).exclude(over)
