"""``manage.py serve``: the web server (granian) and the jobs process beside it."""

import os
import sys
from argparse import ArgumentParser
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import get_commands
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from config.checks import faults_of_workers
from config.serving.bodies import READERS
from config.serving.jobs import JobsChild
from config.serving.lock import AlreadyRuns, PortTaken, take, take_alone, url_of
from config.serving.parent import VARIABLE
from config.serving.start import migrations_missing, start_faults

# Seconds a worker may take to finish its requests after SIGTERM (in all, a stop takes at most 30).
WORKER_STOP_SECONDS = 25


class Command(BaseCommand):
    """Serves until SIGTERM or Ctrl-C; requests in flight are finished."""

    help = "Start the web server and the jobs process at HOST:PORT (default 127.0.0.1:8000)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """``--workers`` and ``--no-jobs``."""
        parser.add_argument("--workers", type=int, default=None, help="web processes (default: WORKERS, else 1)")
        parser.add_argument("--no-jobs", action="store_true", help="do not start the jobs process")

    def handle(self, *args: Any, **options: Any) -> None:
        """Take the address, start the jobs process, serve."""
        workers = options["workers"] or settings.DESKGATE_WORKERS
        faults = [*faults_of_workers(workers), *start_faults()]
        if faults:
            raise CommandError("\n".join(faults))
        try:
            lock = take(Path(settings.DESKGATE_VAR_DIR), settings.DESKGATE_HOST, settings.DESKGATE_PORT)
            alone = self._alone()
        except AlreadyRuns as runs:
            self.stdout.write(str(runs))
            return
        except PortTaken as taken:
            raise CommandError(str(taken)) from None
        missing = migrations_missing()
        if missing:
            self.stderr.write(
                f"The database lacks {missing} migrations: run `manage.py migrate`; until then /readyz is 503."
            )
        # The workers inherit the lock through fork: it is free only when all of them are gone.
        with lock, alone:
            self._serve(workers, with_jobs=not options["no_jobs"])

    def _alone(self) -> AbstractContextManager[object]:
        """On SQLite the data is this server's alone; PostgreSQL serves any number."""
        if settings.DATABASES["default"]["ENGINE"] != "config.sqlite":
            return nullcontext()
        return take_alone(Path(settings.DESKGATE_VAR_DIR), url_of(settings.DESKGATE_HOST, settings.DESKGATE_PORT))

    def _serve(self, workers: int, *, with_jobs: bool) -> None:
        os.environ[VARIABLE] = str(os.getpid())
        # The workers are forks; a connection shared with them would be broken by both.
        connections.close_all()
        server = _server(workers)
        jobs = _jobs() if with_jobs else None
        self.stdout.write(f"Deskgate listens at {url_of(settings.DESKGATE_HOST, settings.DESKGATE_PORT)}")
        self.stdout.flush()
        if jobs:
            server.on_startup(jobs.start)
            server.on_shutdown(jobs.stop)
        server.serve()


def _jobs() -> JobsChild | None:
    if "jobs" not in get_commands():
        return None
    return JobsChild([sys.executable, str(settings.BASE_DIR / "manage.py"), "jobs"])


def _server(workers: int) -> Any:
    from granian.constants import HTTPModes, Interfaces
    from granian.log import LogLevels, logger
    from granian.server import Server

    # granian wonders at the number of threads; it is meant: most of them only ever wait for bodies.
    logger.addFilter(lambda record: "Python threads" not in record.getMessage())
    return Server(
        "config.wsgi:application",
        address=settings.DESKGATE_HOST,
        port=settings.DESKGATE_PORT,
        interface=Interfaces.WSGI,
        workers=workers,
        # The default allows 512, and SQLite's p99 suffers from 300 writers. The gateway lets DESKGATE_THREADS work at
        # once; the others wait for bodies that are slow to come.
        blocking_threads=settings.DESKGATE_THREADS + READERS,
        http=HTTPModes.http1,  # h2c without a reason is attack surface
        websockets=False,
        log_level=LogLevels.warning,
        log_access=False,  # RequestContextMiddleware writes ours
        respawn_failed_workers=True,
        workers_kill_timeout=WORKER_STOP_SECONDS,
        working_dir=settings.BASE_DIR,
    )
