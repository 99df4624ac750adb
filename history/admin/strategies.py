"""Engagement strategies: properties of the Entry point, "Regenerate SCXML", deploy, versions, ``default.workflow``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import URLPattern
from django.utils.html import format_html

from config.admin.filters import ContactCenterFilter
from config.admin.governed import GovernedAdmin
from config.admin.object_actions import ObjectAction
from history.admin.strategy_forms import StrategyForm
from history.admin.strategy_pages import pages, strategy_buttons
from history.models import Strategy
from history.selectors.strategies import base_url_of, is_changed, published_url, state_of, with_state
from history.services.strategies import strategy_create, strategy_delete, strategy_update
from history.services.strategy_versions import strategy_regenerate

_ENTRY = ("user", "new_password", "base_url", "pages_at_least", "events_at_least", "user_variable", "password_variable")


class StrategyContactCenterFilter(ContactCenterFilter):
    """By the contact center of its application."""

    lookup = "application__contact_center"


def _regenerate(request: HttpRequest, strategy: Strategy, data: Mapping[str, Any]) -> None:
    strategy_regenerate(strategy)


@admin.register(Strategy)
class StrategyAdmin(GovernedAdmin[Strategy]):
    """Client 2 of the History REST API."""

    menu_order = 40
    form = StrategyForm
    list_display = ("name", "application", "user", "deployed_shown", "state_shown", "changed_shown")
    list_display_links = ("name",)
    list_filter = (StrategyContactCenterFilter,)
    search_fields = ("name", "application__name", "user")
    autocomplete_fields: ClassVar = ("application",)
    object_actions = (
        ObjectAction(
            "regenerate",
            "Regenerate SCXML…",
            _regenerate,
            "regenerated",
            warning="A new version is made of the properties as they are now, and validated. What is deployed stays.",
        ),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Strategy]:
        return with_state(super().get_queryset(request))

    def own_fieldsets(self, request: HttpRequest, obj: Strategy | None) -> Any:
        names: tuple[str, ...] = ("application", "name")
        if obj is not None:
            names = (*names, "state_shown", "deployed_shown", "changed_shown", "published_shown")
        shown = () if obj is None else ("base_url_shown",)
        return (
            (None, {"fields": names}),
            ("Properties of the Entry point (Start)", {"fields": (*_ENTRY[:3], *shown, *_ENTRY[3:])}),
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Strategy | None = None) -> Any:
        shown = ("state_shown", "deployed_shown", "changed_shown", "published_shown", "base_url_shown")
        return shown if obj is None else ("application", *shown)

    def write(self, request: HttpRequest, form: Any, obj: Strategy, *, change: bool) -> None:
        password = form.cleaned_data["new_password"]
        if change:
            strategy_update(obj, password=password or None)
            return
        values = {name: getattr(obj, name) for name in StrategyForm.Meta.fields}
        obj.__dict__.update(strategy_create(password=password, **values).__dict__)

    def erase(self, request: HttpRequest, obj: Strategy) -> None:
        strategy_delete(obj)

    def get_urls(self) -> list[URLPattern]:
        return [*pages(self), *super().get_urls()]

    def extra_buttons(self, request: HttpRequest, obj: Strategy) -> list[tuple[str, str]]:
        return strategy_buttons(request, obj)

    @admin.display(description="state")
    def state_shown(self, obj: Strategy) -> str:
        """draft, generated, validated or deployed."""
        return str(state_of(obj).label)

    @admin.display(description="deployed version")
    def deployed_shown(self, obj: Strategy) -> str:
        """Its number."""
        return str(obj.deployed.number) if obj.deployed else "none"

    @admin.display(description="changed since")
    def changed_shown(self, obj: Strategy) -> str:
        """That the deployed version is not what would be generated now."""
        words = "properties changed since the deployed version"
        return format_html('<span class="dg-badge dg-warn">{}</span>', words) if is_changed(obj) else ""

    @admin.display(description="published at")
    def published_shown(self, obj: Strategy) -> str:
        """For the orchestration server."""
        told = "behind a Basic credential whose role has strategies:read and option-secrets:read"
        return format_html("<code>{}</code>, {}", published_url(obj), told)

    @admin.display(description="base URL in use")
    def base_url_shown(self, obj: Strategy) -> str:
        """The one typed, or the usual one."""
        return base_url_of(obj)
