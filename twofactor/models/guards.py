"""Counters. Rows, not cache entries: their loss would loosen a check."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from config.policy import Governed
from environment.models import Application


class Guard(models.Model):
    """Failures in a row of one account, or of one account from one calling number."""

    governed: ClassVar[Governed] = Governed(
        "two-factor-sessions", contact_center="application__contact_center_id", records=True
    )

    class Kind(models.TextChoices):
        PAIR = "pair", "account from one calling number"
        ACCOUNT = "account", "account from anywhere"

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    account = models.CharField(max_length=255)
    cli = models.CharField("calling number", max_length=64, blank=True)
    failures = models.PositiveIntegerField("failures in a row", default=0)
    waits_until = models.DateTimeField(null=True, blank=True)
    changed_at = models.DateTimeField()

    class Meta:
        ordering: ClassVar = ["-changed_at"]
        verbose_name = "waiting account"
        constraints: ClassVar = [
            models.UniqueConstraint("application", "account", "kind", "cli", name="two_factor_guard_once")
        ]
        indexes: ClassVar = [models.Index(fields=["changed_at"], name="two_factor_guard_by_change")]

    def __str__(self) -> str:
        # Told in lists, messages and events; the calling number may be the verified one.
        if self.kind == self.Kind.ACCOUNT:
            return f"{self.account} from anywhere"
        return f"{self.account} from {f'…{self.cli[-2:]}' if self.cli else 'an unknown number'}"


class Budget(models.Model):
    """How many sends or checks one subject had in one fixed window. ``subject`` is a keyed hash."""

    kind = models.CharField(max_length=24)
    subject = models.CharField(max_length=100)
    seconds = models.PositiveIntegerField()
    window = models.BigIntegerField(help_text="The window's start: seconds since the epoch.")
    count = models.PositiveIntegerField(default=0)
    ends_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint("subject", "kind", "seconds", "window", name="two_factor_budget_once")
        ]
        indexes: ClassVar = [models.Index(fields=["ends_at"], name="two_factor_budget_by_end")]

    def __str__(self) -> str:
        return self.kind
