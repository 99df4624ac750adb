"""What was sent, by which gateway, and what became of it; and the demo's outbox."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from config.policy import Governed
from environment.models import Application
from twofactor.models.sessions import Challenge, Method, new_id


class Delivery(models.Model):
    """One try of one gateway. Its id is part of the address that the gateway reports to."""

    governed: ClassVar[Governed] = Governed(
        "two-factor-sessions", contact_center="application__contact_center_id", records=True
    )

    class Outcome(models.TextChoices):
        ACCEPTED = "accepted", "accepted"
        PERMANENT = "permanent", "refused: this destination"
        CONFIGURATION = "configuration", "refused: our configuration"
        BLOCKED = "blocked", "blocked"
        TRANSIENT = "transient", "failed for now"
        UNKNOWN = "unknown", "unknown"

    id = models.CharField("ID", max_length=32, primary_key=True, default=new_id, editable=False)
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="+", db_index=False)
    challenge = models.ForeignKey(
        Challenge,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="deliveries",
        help_text="Empty: a test.",
    )
    channel = models.CharField(max_length=16, choices=Method.choices)
    gateway = models.CharField(max_length=16, help_text="smtp, http, twilio, outbox, test.")
    attempt = models.PositiveSmallIntegerField(default=1)
    destination_mask = models.CharField("destination", max_length=120, blank=True)
    prefix = models.CharField("country", max_length=8, blank=True, help_text="Region of a telephone number.")
    outcome = models.CharField(max_length=16, choices=Outcome.choices)
    http_status = models.PositiveSmallIntegerField("HTTP or SMTP status", null=True, blank=True)
    provider_id = models.CharField("provider's ID", max_length=64, blank=True)
    provider_code = models.CharField("provider's code", max_length=64, blank=True)
    detail = models.CharField(max_length=200, blank=True, help_text="Our own words, never the provider's.")
    ms = models.PositiveIntegerField("milliseconds", default=0)
    # What the provider reported later; a rank never goes back.
    status = models.CharField(max_length=24, blank=True)
    status_rank = models.PositiveSmallIntegerField(default=0, editable=False)
    status_at = models.DateTimeField(null=True, blank=True)
    test_call = models.BooleanField(default=False)
    made_at = models.DateTimeField("time")

    class Meta:
        ordering: ClassVar = ["-made_at"]
        verbose_name_plural = "deliveries"
        indexes: ClassVar = [
            models.Index(fields=["application", "-made_at"], name="delivery_by_application"),
            models.Index(fields=["made_at"], name="delivery_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()} by {self.gateway}"


class OutboxMessage(models.Model):
    """A message of the demo, which delivers nothing. ``content`` is sealed JSON: to, text, code."""

    governed: ClassVar[Governed] = Governed(
        "two-factor-sessions", contact_center="application__contact_center_id", records=True
    )

    id = models.CharField("ID", max_length=32, primary_key=True, default=new_id, editable=False)
    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="+")
    channel = models.CharField(max_length=16, choices=Method.choices)
    content = models.TextField(editable=False)
    at = models.DateTimeField("time", auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["-at"]
        verbose_name = "message of the demo outbox"
        verbose_name_plural = "demo outbox"
        indexes: ClassVar = [models.Index(fields=["at"], name="outbox_by_time")]

    def __str__(self) -> str:
        return f"{self.get_channel_display()} of {self.at:%Y-%m-%d %H:%M:%S}"
