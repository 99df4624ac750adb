"""Imports of files, for those who may read what they brought."""

from __future__ import annotations

from django.contrib import admin

from config.admin.governed import ReadOnlyAdmin
from history.models import HistoryImport


@admin.register(HistoryImport)
class HistoryImportAdmin(ReadOnlyAdmin[HistoryImport]):
    """What ``manage.py import_history`` read, and how far it came."""

    menu_order = 90
    has_history = False
    fields = (
        "application",
        "file_name",
        "fingerprint",
        "lines_done",
        "stored",
        "duplicates",
        "refused",
        "started_at",
        "last_at",
        "finished_at",
    )
    list_display = ("file_name", "application", "lines_done", "stored", "duplicates", "refused", "finished_at")
    list_select_related = ("application",)
