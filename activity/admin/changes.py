"""Who changed what, when, from where and why."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join

from activity.admin.happenings import HappeningAdmin
from activity.models import Change
from config.admin.links import Link, list_links

_OBJECT = ("object_type__exact", "object_id__exact")


@admin.register(Change)
class ChangeAdmin(HappeningAdmin[Change]):
    """The change log."""

    menu_order = 10
    menu_name = "Change log"
    fields = (
        "when",
        "actor",
        "address",
        "action",
        "object_type",
        "object_id",
        "object_name",
        "reason",
        "differences",
        "request_id",
        "operation_id",
        "contact_center_name",
    )
    list_display = ("when", "actor_name", "action", "object_type", "object_name", "reason", "address")
    list_filter = (*HappeningAdmin.list_filter, "action")
    search_fields = ("actor_name", "object_name", "address", "request_id")
    search_help_text = (
        "Whole words: who did it or to whom (tenant\\user, client ID or another name), address or request ID; "
        "the newest 1,000 of each."
    )

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """Also by object: the "Changes" button of every object leads here."""
        return lookup in _OBJECT or super().lookup_allowed(lookup, value, request)

    def related_links(self, request: HttpRequest, obj: Change) -> list[Link]:
        events = ("Security events of this request", "activity.securityevent")
        return list_links(self.admin_site, request, events, q=obj.request_id)

    @admin.display(description="fields")
    def differences(self, obj: Change) -> str:
        """Field, before, after."""
        names = sorted(obj.before.keys() | obj.after.keys())
        rows = [(name, _told(obj.before.get(name)), _told(obj.after.get(name))) for name in names]
        body = format_html_join(
            "", '<tr><th scope="row">{}</th><td><pre>{}</pre></td><td><pre>{}</pre></td></tr>', rows
        )
        head = '<tr><th scope="col">Field</th><th scope="col">Before</th><th scope="col">After</th></tr>'
        return format_html('<table class="dg-table"><thead>' + head + "</thead><tbody>{}</tbody></table>", body)


def _told(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=1)
