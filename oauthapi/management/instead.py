"""Commands of django-oauth-toolkit that know only its own models: shadowed by ones that say what to use."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError


class Instead(BaseCommand):
    """Whatever it was called with, the answer is ``help``, and exit code 1."""

    requires_system_checks: Any = ()

    def run_from_argv(self, argv: list[str]) -> None:
        """Drop the arguments: the other command's would be refused before the answer."""
        super().run_from_argv(argv[:2])

    def handle(self, *args: Any, **options: Any) -> None:
        """Always raises CommandError."""
        raise CommandError(self.help)
