"""``manage.py demo_calls``: gives the demo's two-factor application calls of the last days."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from environment.models import Application
from twofactor.services.demo_calls import demo_calls_play


class Command(BaseCommand):
    help = "Give the demo's two-factor application calls of the last days, once. In demo mode only."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--application", default="Self_Service", metavar="NAME")

    def handle(self, *args: Any, application: str, verbosity: int, **options: Any) -> None:
        if settings.DESKGATE_MODE != "demo":
            raise CommandError("There is no demo here: DESKGATE_MODE is not demo.")
        rows = Application.objects.filter(type=Application.Type.TWO_FACTOR, made_by_demo=True)
        # Whoever deleted or renamed it has the rest of the demo.
        found = rows.filter(name=application).first()
        count = demo_calls_play(application=found, now=timezone.now()) if found else 0
        if verbosity:
            self.stdout.write(f"{count} calls." if count else "Nothing to add.")
