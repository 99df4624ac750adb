"""In place of django-oauth-toolkit's command of this name, which knows only its own models."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser


class Command(BaseCommand):
    """Says what to use instead."""

    help = "Not used here: this server takes no client metadata by URL, so there is nothing to clear."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Whatever the command was called with, the answer is the same."""
        parser.add_argument("words", nargs="*")
        parser.allow_abbrev = False

    def handle(self, *args: Any, **options: Any) -> None:
        """Always raises CommandError."""
        raise CommandError(self.help)
