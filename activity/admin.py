"""Provisioning > Activity: read only, for everybody."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join

from activity.models import Change, JobLease, SecurityEvent
from config.admin.governed import ReadOnlyAdmin


@admin.register(Change)
class ChangeAdmin(ReadOnlyAdmin[Change]):
    """Who changed what, when, from where and why."""

    menu_order = 10
    has_history = False
    menu_name = "Change log"
    fields = (
        "at",
        "actor_kind",
        "actor_name",
        "address",
        "action",
        "object_type",
        "object_id",
        "object_name",
        "reason",
        "differences",
        "request_id",
        "operation_id",
        "contact_center_id",
    )
    list_display = ("at", "actor_name", "action", "object_type", "object_name", "reason", "address")
    list_filter = ("action",)
    search_fields = ("request_id__exact", "actor_name__exact")
    search_help_text = "The whole request ID, or the actor's whole name (tenant\\user)."

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        """Also by object: the "Changes" button of every object leads here."""
        return lookup in ("object_type__exact", "object_id__exact", "request_id__exact") or super().lookup_allowed(
            lookup, value, request
        )

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


@admin.register(SecurityEvent)
class SecurityEventAdmin(ReadOnlyAdmin[SecurityEvent]):
    """Why was I refused? With the inner reason that the public answer hides."""

    menu_order = 20
    has_history = False
    fields = (
        "at",
        "name",
        "outcome",
        "refusal",
        "user_name",
        "client_id",
        "actor_kind",
        "actor_name",
        "address",
        "request_id",
        "detail",
        "contact_center_id",
    )
    list_display = ("at", "name", "outcome", "user_name", "client_id", "refusal", "address")
    list_filter = ("outcome",)
    search_fields = ("user_name__exact", "client_id__exact", "address__exact", "request_id__exact")
    search_help_text = "The whole user name (tenant\\user), client ID, address or request ID."


@admin.register(JobLease)
class JobAdmin(ReadOnlyAdmin[JobLease]):
    """Periodic jobs: who runs them, and how the last runs went."""

    menu_order = 30
    has_history = False
    fields = (
        "name",
        "holder",
        "leased_until",
        "next_run_at",
        "last_success_at",
        "done_last_run",
        "left_over",
        "last_error_at",
        "last_error",
    )
    list_display = (
        "name",
        "next_run_at",
        "last_success_at",
        "done_last_run",
        "left_over",
        "last_error_at",
        "last_error",
    )


def _told(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=1)
