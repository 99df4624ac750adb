"""Links from one screen to another room's: by name, and only for those who may see it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib.admin import AdminSite
from django.http import HttpRequest
from django.urls import reverse

Link = tuple[str, str]
"""Label and URL."""


def list_links(site: AdminSite, request: HttpRequest, *wanted: tuple[str, str], q: str) -> list[Link]:
    """Lists searched for ``q``; ``wanted`` are labels with models ("accounts.session"), unseen ones are left out."""
    if not q:
        return []
    registry: dict[Any, Any] = site._registry  # noqa: SLF001 - Django's own way to look into it
    screens: dict[str, Any] = {model._meta.label_lower: screen for model, screen in registry.items()}
    return [
        (label, f"{reverse('admin:{}_{}_changelist'.format(*model.split('.')))}?{urlencode({'q': q})}")
        for label, model in wanted
        if model in screens and screens[model].has_view_permission(request)
    ]
