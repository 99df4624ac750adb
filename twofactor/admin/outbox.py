"""The demo's outbox, which exists in the demo only: there it is shown whole, for nothing of it was sent."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest

from config.admin.governed import ReadOnlyAdmin
from config.encryption import SealBroken
from twofactor.models import OutboxMessage
from twofactor.selectors.outbox import outbox_content


@admin.register(OutboxMessage)
class OutboxMessageAdmin(ReadOnlyAdmin[OutboxMessage]):
    """Messages, the newest first."""

    menu_order = 70
    has_history = False
    list_display = ("at", "channel", "to", "code", "text", "application")
    list_filter = ("channel",)
    list_select_related = ("application",)
    fields = ("at", "application", "channel", "to", "code", "text")
    readonly_fields = ("to", "code", "text")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return settings.DESKGATE_MODE == "demo" and super().has_view_permission(request, obj)

    @admin.display(description="to")
    def to(self, obj: OutboxMessage) -> str:
        """Whom it was for."""
        return _content(obj, "to")

    @admin.display(description="text")
    def text(self, obj: OutboxMessage) -> str:
        """What it says."""
        return _content(obj, "text")

    @admin.display(description="code")
    def code(self, obj: OutboxMessage) -> str:
        """The code in it."""
        return _content(obj, "code")


def _content(message: OutboxMessage, name: str) -> str:
    try:
        return outbox_content(message)[name]
    except SealBroken:
        return "(sealed under a key that is gone)"
