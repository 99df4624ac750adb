"""A web server (granian) and the jobs process beside it: what ``manage.py serve`` and ``manage.py srs`` share."""

import os
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
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


@dataclass(frozen=True, kw_only=True)
class WebServer:
    """What is served (``target``: module and name of a WSGI application), where, and with what beside it."""

    name: str
    target: str
    host: str
    port: int
    port_setting: str
    """How a person chooses another port: ``PORT=``."""
    workers: int = 1
    with_jobs: bool = True
    pair: Callable[[], tuple[Path, Path]] | None = None
    """The files of certificate and key, PEM, PKCS #8 without a password: with them TLS is spoken. Asked once the
    address is taken, so that nobody renews the certificate that a running server serves."""

    @property
    def url(self) -> str:
        """Where it is found: ``http://127.0.0.1:8000``."""
        return url_of(self.host, self.port, "https" if self.pair else "http")

    def run(self, command: BaseCommand) -> None:
        """Take the address and serve until SIGTERM or Ctrl-C; the lines go to ``command``. Says so and returns when
        Deskgate runs there already. Raises CommandError when it may not, or cannot, start."""
        faults = [*faults_of_workers(self.workers), *start_faults()]
        if faults:
            raise CommandError("\n".join(faults))
        var_dir, scheme = Path(settings.DESKGATE_VAR_DIR), self.url.partition(":")[0]
        try:
            lock = take(var_dir, self.host, self.port, scheme=scheme, setting=self.port_setting)
            alone = self._alone(var_dir)
        except AlreadyRuns as runs:
            command.stdout.write(str(runs))
            return
        except PortTaken as taken:
            raise CommandError(str(taken)) from None
        missing = migrations_missing()
        if missing:
            command.stderr.write(
                f"The database lacks {missing} migrations: run `manage.py migrate`; until then /readyz is 503."
            )
        # The workers inherit the lock through fork: it is free only when all of them are gone.
        with lock, alone:
            self._serve(command)

    def _alone(self, var_dir: Path) -> AbstractContextManager[object]:
        """On SQLite the data is this server's alone; PostgreSQL serves any number."""
        if settings.DATABASES["default"]["ENGINE"] != "config.sqlite":
            return nullcontext()
        return take_alone(var_dir, self.url)

    def _serve(self, command: BaseCommand) -> None:
        os.environ[VARIABLE] = str(os.getpid())
        certificate, key = self.pair() if self.pair else (None, None)
        # The workers are forks; a connection shared with them would be broken by both.
        connections.close_all()
        server = self._server(certificate, key)
        jobs = _jobs() if self.with_jobs else None
        command.stdout.write(f"{self.name} listens at {self.url}")
        command.stdout.flush()
        if jobs:
            server.on_startup(jobs.start)
            server.on_shutdown(jobs.stop)
        server.serve()

    def _server(self, certificate: Path | None, key: Path | None) -> Any:
        from granian.constants import HTTPModes, Interfaces, SSLProtocols
        from granian.log import LogLevels, logger
        from granian.server import Server

        # granian wonders at the number of threads; it is meant: most of them only ever wait for bodies.
        logger.addFilter(lambda record: "Python threads" not in record.getMessage())
        return Server(
            self.target,
            address=self.host,
            port=self.port,
            interface=Interfaces.WSGI,
            workers=self.workers,
            # The default allows 512, and SQLite's p99 suffers from 300 writers. The gateway lets DESKGATE_THREADS work
            # at once; the others wait for bodies that are slow to come.
            blocking_threads=settings.DESKGATE_THREADS + READERS,
            http=HTTPModes.http1,  # h2c without a reason is attack surface
            websockets=False,
            log_level=LogLevels.warning,
            log_access=False,  # RequestContextMiddleware writes ours
            respawn_failed_workers=True,
            workers_kill_timeout=WORKER_STOP_SECONDS,
            working_dir=settings.BASE_DIR,
            ssl_cert=certificate,
            ssl_key=key,
            ssl_protocol_min=SSLProtocols.tls12,  # desktops on .NET Framework speak no 1.3
        )


def _jobs() -> JobsChild | None:
    if "jobs" not in get_commands():
        return None
    return JobsChild([sys.executable, str(settings.BASE_DIR / "manage.py"), "jobs"])
