"""Events: what happened on a page at a time."""

from __future__ import annotations

import json
from typing import Any, ClassVar

from django.db import models

from config.policy import Governed
from environment.models import Application
from history.models.visits import Identity, Session, Visit


class Event(models.Model):
    """One event as it was sent, with the identity and session it falls into.

    ``page_id`` names its page. ``session`` has no constraint and no index of its own: a session's and a page's events
    are read through those of their one visit.
    """

    governed: ClassVar[Governed] = Governed("history", contact_center="application__contact_center_id", records=True)

    class Type(models.TextChoices):
        SYSTEM = "SYSTEM"
        BUSINESS = "BUSINESS"

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="+", db_index=False)
    visit = models.ForeignKey(Visit, on_delete=models.CASCADE, related_name="events", db_index=False)
    event_id = models.UUIDField("event ID")
    event_type = models.CharField("type", max_length=8, choices=Type.choices)
    event_name = models.CharField("name", max_length=255)
    category = models.CharField(max_length=255, blank=True)
    received_at = models.BigIntegerField("server's time", help_text="Milliseconds since the epoch.")
    happened_at = models.BigIntegerField("browser's time", help_text="Milliseconds since the epoch.")
    browser_page_id = models.CharField("browser's page ID", max_length=64, blank=True)
    global_visit_id = models.UUIDField("global visit ID", null=True, blank=True)
    page_id = models.UUIDField("page ID", null=True, blank=True)
    url = models.CharField("URL", max_length=4096, blank=True)
    # Text, not JSON of the store: PostgreSQL would order the members anew.
    data_text = models.TextField("data", blank=True)
    identity = models.ForeignKey(
        Identity, null=True, blank=True, on_delete=models.SET_NULL, related_name="events", db_index=False
    )
    session = models.ForeignKey(
        Session,
        null=True,
        blank=True,
        on_delete=models.DO_NOTHING,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )
    # Of SignIn, SignOut and UserInfo, which move the visit from one identity to another; and whom the event names.
    is_turn = models.BooleanField(default=False, editable=False)
    subject = models.ForeignKey(
        Identity,
        null=True,
        blank=True,
        editable=False,
        on_delete=models.DO_NOTHING,
        related_name="+",
        db_index=False,
        db_constraint=False,
    )

    class Meta:
        ordering: ClassVar = ["received_at", "id"]
        constraints: ClassVar = [models.UniqueConstraint("application", "event_id", name="event_once")]
        indexes: ClassVar = [
            models.Index(fields=["visit", "received_at", "id"], name="event_by_visit"),
            models.Index(
                fields=["identity", "received_at", "id"],
                name="event_by_identity",
                condition=models.Q(identity__isnull=False),
            ),
            models.Index(
                fields=["visit", "happened_at", "event_id"],
                name="event_turn_by_visit",
                condition=models.Q(is_turn=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event_name} {self.event_id}"

    @property
    def data(self) -> Any:
        """The free content, as it was sent; ``{}`` without any."""
        return json.loads(self.data_text) if self.data_text else {}
