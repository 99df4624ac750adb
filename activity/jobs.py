"""The engine of periodic jobs: which there are, which are due, and that one process of all machines runs each.

A room declares its jobs in ``periodic.py``::

    @periodic(name="oauthapi.purge", every=timedelta(minutes=5))
    def tokens_purge() -> Done:
        ...

A job does one bounded slice of well under a lease (60 s) and says whether more is left. Nothing depends on a job for
safety, and a job may run twice: its lease can end under it.
"""

from __future__ import annotations

import os
import socket
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from django.core.exceptions import ImproperlyConfigured
from django.db.models import Q
from django.utils import timezone

from activity.models import JobLease
from config.context import RequestContext, entered
from config.principal import Principal

LEASE = timedelta(seconds=60)
SLICES_A_RUN = 20
"""How many slices of one job follow each other before the other jobs get their turn."""
COUNTED = 10_000
"""Rows that wait for a purge are counted up to this many."""
RETRY = timedelta(minutes=5)
"""After an error a job is tried again no later than this."""

HOLDER = f"{socket.gethostname()[:80]}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
"""This process among all machines."""

_log = structlog.get_logger("deskgate.jobs")


@dataclass(frozen=True, slots=True)
class Done:
    """What one slice did: how many things, and whether it stopped at its bound with more waiting."""

    count: int = 0
    left_over: bool = False


@dataclass(frozen=True, slots=True)
class Backlog:
    """What a purge has still to delete. ``rows`` stops at ``COUNTED`` + 1; ``overdue`` is the oldest row's."""

    rows: int = 0
    overdue: timedelta | None = None

    def __str__(self) -> str:
        return f"more than {COUNTED:,}" if self.rows > COUNTED else f"{self.rows:,}"


@dataclass(frozen=True, slots=True)
class Job:
    """A declared job. ``run`` does one slice, outside any transaction; ``measure`` tells what is left (``purges``)."""

    name: str
    every: timedelta
    run: Callable[[], Done]
    measure: Callable[[], Backlog] | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """How one job went this time; ``error`` is empty when it went well."""

    name: str
    count: int = 0
    error: str = ""


_jobs: dict[str, Job] = {}


def register(job: Job) -> Job:
    """Add a job; a second one of the same name is a programming error."""
    if job.name in _jobs:
        raise ImproperlyConfigured(f"Two periodic jobs are called {job.name}.")
    _jobs[job.name] = job
    return job


def registry() -> tuple[Job, ...]:
    """All declared jobs, by name."""
    return tuple(_jobs[name] for name in sorted(_jobs))


def periodic(*, name: str, every: timedelta) -> Callable[[Callable[[], Done]], Callable[[], Done]]:
    """Declare the decorated function as a job."""

    def declare(run: Callable[[], Done]) -> Callable[[], Done]:
        register(Job(name=name, every=every, run=run))
        return run

    return declare


def run_due(now: datetime | None = None, *, stopping: Callable[[], bool] = lambda: False) -> list[Run]:
    """Run every job that is due and whose lease this process gets; return how each went.

    An error of one stops no other. ``stopping`` is asked between jobs and slices.
    """
    now = now or timezone.now()
    runs: list[Run] = []
    for job in _due(now):
        if stopping():
            break
        if _lease_take(job, now):
            runs.append(_run(job, now, stopping))
    return runs


def _due(now: datetime) -> list[Job]:
    leases = {lease.name: lease for lease in JobLease.objects.all()}
    missing = [JobLease(name=job.name) for job in registry() if job.name not in leases]
    if missing:
        JobLease.objects.bulk_create(missing, ignore_conflicts=True)
    return [job for job in registry() if job.name not in leases or _is_due(leases[job.name], now)]


def _is_due(lease: JobLease, now: datetime) -> bool:
    is_free = lease.leased_until is None or lease.leased_until <= now
    return is_free and (lease.next_run_at is None or lease.next_run_at <= now)


def _lease_take(job: Job, now: datetime) -> bool:
    """One conditional statement decides among all processes."""
    is_free = Q(leased_until__isnull=True) | Q(leased_until__lte=now)
    is_due = Q(next_run_at__isnull=True) | Q(next_run_at__lte=now)
    taken = JobLease.objects.filter(is_free, is_due, name=job.name).update(holder=HOLDER, leased_until=now + LEASE)
    return taken == 1


def _lease_renew(job: Job) -> bool:
    """Keep the lease for the next slice; False when another process has it by now."""
    until = timezone.now() + LEASE
    return JobLease.objects.filter(name=job.name, holder=HOLDER).update(leased_until=until) == 1


def _run(job: Job, now: datetime, stopping: Callable[[], bool]) -> Run:
    count, slices = 0, 0
    try:
        while True:
            done = _slice(job)
            count, slices = count + done.count, slices + 1
            if not done.left_over or slices >= SLICES_A_RUN or stopping() or not _lease_renew(job):
                break
    except Exception as error:  # noqa: BLE001 - recorded and told; the other jobs go on
        _log.exception("job failed", job=job.name, done=count)
        told = f"{type(error).__name__}: {error}"[:500].replace("\x00", "")
        _lease_end(job, next_run_at=now + min(job.every, RETRY), last_error_at=timezone.now(), last_error=told)
        return Run(job.name, count, told)
    _lease_end(
        job,
        next_run_at=now if done.left_over else now + job.every,
        last_success_at=timezone.now(),
        done_last_run=count,
        left_over=done.left_over,
    )
    if count:
        _log.info("job done", job=job.name, done=count, left_over=done.left_over)
    return Run(job.name, count)


def _slice(job: Job) -> Done:
    principal = Principal(kind="command", name=f"job {job.name}", everywhere=True, proof="command")
    # A context of its own for each slice: nothing read for one slice is believed in the next.
    with entered(RequestContext(request_id=uuid.uuid4().hex, principal=principal)):
        return job.run()


def _lease_end(job: Job, **result: object) -> None:
    """Write the result and free the lease, unless it was lost meanwhile: then its new holder tells."""
    JobLease.objects.filter(name=job.name, holder=HOLDER).update(holder="", leased_until=None, **result)
