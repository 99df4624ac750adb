"""``manage.py serve``: the web server (granian) and the jobs process beside it."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from config.serving.web import WebServer


class Command(BaseCommand):
    """Serves until SIGTERM or Ctrl-C; requests in flight are finished."""

    help = "Start the web server and the jobs process at HOST:PORT (default 127.0.0.1:8000)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """``--workers`` and ``--no-jobs``."""
        parser.add_argument("--workers", type=int, default=None, help="web processes (default: WORKERS, else 1)")
        parser.add_argument("--no-jobs", action="store_true", help="do not start the jobs process")

    def handle(self, *args: Any, **options: Any) -> None:
        """Serve."""
        WebServer(
            name="Deskgate",
            target="config.wsgi:application",
            host=settings.DESKGATE_HOST,
            port=settings.DESKGATE_PORT,
            port_setting="PORT=",
            workers=options["workers"] or settings.DESKGATE_WORKERS,
            with_jobs=not options["no_jobs"],
        ).run(self)
