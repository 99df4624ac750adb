"""The installation's own options."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import URLPattern, reverse

from config.admin.governed import ReadOnlyAdmin
from config.policy import Action
from environment.admin.options_screen import options_path
from environment.models import Installation


@admin.register(Installation)
class InstallationAdmin(ReadOnlyAdmin[Installation]):
    """One row, of which only the options are anybody's business: the list leads there."""

    menu_order = 30
    menu_name = "Installation options"
    levels: ClassVar[dict[str, Action]] = {}
    fields = ("made_by_demo",)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponseBase:  # type: ignore[override]
        return HttpResponseRedirect(reverse("admin:environment_installation_options"))

    def get_urls(self) -> list[URLPattern]:
        return [options_path(self, single=True), *super().get_urls()]
