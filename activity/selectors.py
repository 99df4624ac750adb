"""How the periodic jobs stand: measured when somebody looks, by bounded reads of an index."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from activity.jobs import Backlog, registry
from activity.models import JobLease

PROMPT = timedelta(minutes=1)
"""A job that begins so soon after its time is not late."""


@dataclass(frozen=True, slots=True)
class JobStatus:
    """One job as it stands. ``backlog`` is None for a job that is no purge; ``late`` None when it is on time."""

    lease: JobLease
    is_declared: bool
    is_running: bool
    late: timedelta | None
    backlog: Backlog | None

    @property
    def timing(self) -> str:
        """When it runs, in words."""
        if not self.is_declared:
            return "no longer declared"
        if self.is_running:
            return "running"
        if self.lease.next_run_at is None:
            return "has never run"
        return f"{minutes(self.late)} late" if self.late else "on time"

    @property
    def left(self) -> str:
        """The rows that wait, in words."""
        return "" if self.backlog is None else str(self.backlog)

    @property
    def overdue(self) -> str:
        """For how long the oldest of them has waited, in words."""
        return "" if self.backlog is None or self.backlog.overdue is None else minutes(self.backlog.overdue)


def job_status(lease: JobLease, *, now: datetime | None = None) -> JobStatus:
    """How the job of this lease stands."""
    now = now or timezone.now()
    job = next((job for job in registry() if job.name == lease.name), None)
    running = lease.leased_until is not None and lease.leased_until > now
    waited = now - lease.next_run_at if lease.next_run_at else timedelta()
    return JobStatus(
        lease,
        is_declared=job is not None,
        is_running=running,
        late=waited if job and not running and waited > PROMPT else None,
        backlog=job.measure() if job and job.measure else None,
    )


def job_statuses() -> list[JobStatus]:
    """Every declared job's, by name; those that never ran too."""
    now = timezone.now()
    leases = {lease.name: lease for lease in JobLease.objects.all()}
    return [job_status(leases.get(job.name) or JobLease(name=job.name), now=now) for job in registry()]


def never_run() -> list[str]:
    """The names of declared jobs that nobody has run yet."""
    ran = set(JobLease.objects.filter(next_run_at__isnull=False).values_list("name", flat=True))
    return [job.name for job in registry() if job.name not in ran]


def minutes(span: timedelta | None) -> str:
    """A span in whole minutes, as in "12 min"; hours and days where minutes say little."""
    whole = int((span or timedelta()).total_seconds() // 60)
    if whole < 1:
        return "less than 1 min"
    days, rest = divmod(whole, 1_440)
    hours, left = divmod(rest, 60)
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {left} min" if hours else f"{left} min"
