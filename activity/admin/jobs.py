"""Periodic jobs: how the last runs went, what is left to do and how late it is."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from activity.admin.happenings import told_time
from activity.jobs import registry
from activity.models import JobLease
from activity.selectors import JobStatus, job_status, never_run
from config.admin.governed import ReadOnlyAdmin


@admin.register(JobLease)
class JobAdmin(ReadOnlyAdmin[JobLease]):
    """Rows left and lag are measured when the screen is shown."""

    menu_order = 30
    has_history = False
    sortable_by = ()
    fields = (
        "name",
        "every",
        "timing",
        "rows_left",
        "oldest_overdue",
        "next_run_at",
        "last_success_at",
        "done_last_run",
        "holder",
        "leased_until",
        "last_error_at",
        "last_error",
    )
    list_display = ("name", "timing", "rows_left", "oldest_overdue", "last_run", "done_last_run", "last_error")

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """The list, and a warning when nobody runs the jobs."""
        missing = never_run()
        if missing and self.has_view_permission(request):
            words = f"Never run yet: {', '.join(missing)}. Is `manage.py serve` or `manage.py jobs` running?"
            self.message_user(request, words, messages.WARNING)
        return super().changelist_view(request, extra_context)

    def get_queryset(self, request: HttpRequest) -> QuerySet[JobLease]:
        return super().get_queryset(request).order_by("name")

    @admin.display(description="run")
    def timing(self, obj: JobLease) -> SafeString:
        """On time, running, or how late."""
        status = _status(obj)
        calm = status.is_running or (status.is_declared and not status.late and obj.next_run_at is not None)
        return format_html("{}" if calm else '<span class="dg-badge dg-warn">{}</span>', status.timing)

    @admin.display(description="rows left")
    def rows_left(self, obj: JobLease) -> str:
        """Rows that wait to be deleted."""
        return _status(obj).left

    @admin.display(description="oldest overdue by")
    def oldest_overdue(self, obj: JobLease) -> str:
        """For how long the oldest of them has waited."""
        return _status(obj).overdue

    @admin.display(description="last success (UTC)")
    def last_run(self, obj: JobLease) -> str:
        """When it last went well."""
        return told_time(obj.last_success_at) if obj.last_success_at else "never"

    @admin.display(description="every")
    def every(self, obj: JobLease) -> str:
        """The interval."""
        return next((str(job.every) for job in registry() if job.name == obj.name), "")


def _status(obj: JobLease) -> JobStatus:
    """Measured once for a row of the page."""
    kept: JobStatus | None = getattr(obj, "measured_status", None)
    if kept is None:
        kept = obj.measured_status = job_status(obj)  # type: ignore[attr-defined]
    return kept
