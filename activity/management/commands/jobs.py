"""Run the periodic jobs of every room, until told to stop."""

from __future__ import annotations

import signal
import sys
import threading
from types import FrameType
from typing import Any

import structlog
from django.core.management.base import BaseCommand, CommandParser
from django.db import close_old_connections

from activity.jobs import registry, run_due
from activity.selectors import job_statuses

_log = structlog.get_logger("deskgate.jobs")


class Command(BaseCommand):
    help = "Run what is due of the periodic jobs: purges, expiries, key rotation. Any number of machines may run this."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="Run what is due now, and exit (1 when a job failed).")
        parser.add_argument("--status", action="store_true", help="Run nothing; tell rows left and lag.")
        parser.add_argument("--wake", type=float, default=5.0, metavar="SECONDS", help="Look for due jobs this often.")

    def handle(self, *args: Any, once: bool, status: bool, wake: float, **options: Any) -> None:
        if status:
            self._status()
            return
        if once:
            self._once()
            return
        stop = threading.Event()
        _stop_on_signals(stop)
        _log.info("jobs start", jobs=[job.name for job in registry()])
        while not stop.is_set():
            _round(stop)
            stop.wait(wake)
        _log.info("jobs stop")

    def _once(self) -> None:
        runs = run_due()
        for run in runs:
            self.stdout.write(f"{run.name}: {run.error or f'{run.count} done'}")
        if any(run.error for run in runs):
            sys.exit(1)

    def _status(self) -> None:
        lines = [("job", "rows left", "oldest overdue", "run", "last success", "last error")]
        for status in job_statuses():
            done = status.lease.last_success_at
            told = f"{done:%Y-%m-%d %H:%M} UTC" if done else "never"
            lines.append((status.lease.name, status.left, status.overdue, status.timing, told, status.lease.last_error))
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        for line in lines:
            self.stdout.write(
                "  ".join(f"{cell or '-':<{width}}" for cell, width in zip(line, widths, strict=True)).rstrip()
            )


def _round(stop: threading.Event) -> None:
    """One look for due jobs. The database may be away: then the next round finds it again."""
    close_old_connections()
    try:
        run_due(stopping=stop.is_set)
    except Exception:  # noqa: BLE001 - told; the loop outlives its database
        _log.exception("jobs could not be looked up")
    finally:
        close_old_connections()


def _stop_on_signals(stop: threading.Event) -> None:
    def told(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, told)
        signal.signal(signal.SIGINT, told)
