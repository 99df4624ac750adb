"""Visits and what is derived of their events. Ids are unique in one application, so that doors cannot meet.

What is derived depends on the set of events only, never on the order of their arrival. A column named ``…_key`` holds
the place (``history.places``) of the event that gave the value beside it: the first such event's, or the last one's.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from config.policy import Governed
from environment.models import Application

KEY = 48
"""Characters of a place."""


class Visit(models.Model):
    """One browser session at a web site, anonymous until somebody signs in."""

    governed: ClassVar[Governed] = Governed("history", contact_center="application__contact_center_id", records=True)

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="visits", db_index=False)
    visit_id = models.UUIDField("visit ID")
    started_at = models.BigIntegerField("started", help_text="Milliseconds since the epoch.")
    # "0" of POST /visits, "1" of VisitStarted, "2" of another event; and the place.
    started_key = models.CharField(max_length=KEY + 1, editable=False)
    last_at = models.BigIntegerField("last event", help_text="The browser's time, in ms.")
    received_at = models.BigIntegerField("last received", help_text="This server's time, in ms.")
    global_visit_id = models.UUIDField("global visit ID", null=True, blank=True)
    global_visit_key = models.CharField(max_length=KEY, blank=True, editable=False)
    user_agent = models.CharField(max_length=1000, blank=True)
    user_agent_id = models.UUIDField("user agent ID", null=True, blank=True)
    user_agent_key = models.CharField(max_length=KEY, blank=True, editable=False)
    active_session_id = models.UUIDField("active session", null=True, blank=True)
    event_count = models.PositiveIntegerField("events", default=0)
    has_turns = models.BooleanField(default=False, editable=False, help_text="Whether anybody ever signed in or out.")

    class Meta:
        ordering: ClassVar = ["-received_at", "-id"]
        constraints: ClassVar = [models.UniqueConstraint("application", "visit_id", name="visit_once")]
        indexes: ClassVar = [
            models.Index(fields=["application", "received_at", "id"], name="visit_by_received"),
            models.Index(fields=["received_at", "id"], name="visit_by_received_anywhere"),
            models.Index(fields=["application", "user_agent_id"], name="visit_by_user_agent"),
        ]

    def __str__(self) -> str:
        return str(self.visit_id)


class Identity(models.Model):
    """A visitor as the site knows him. ``visit_scope`` is that of the visit that touched him last."""

    governed: ClassVar[Governed] = Governed("history", contact_center="application__contact_center_id", records=True)

    class Scope(models.TextChoices):
        AUTHENTICATED = "Authenticated"
        RECOGNIZED = "Recognized"

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="identities", db_index=False)
    identity_id = models.CharField("identity ID", max_length=255, help_text="The site's own id, such as an e-mail.")
    name = models.CharField(max_length=255, blank=True)
    location = models.CharField(max_length=255, blank=True)
    entity_in_cs = models.CharField("entity in Contact Server", max_length=255, blank=True)
    # Field → place of the event that told it last.
    told_keys = models.JSONField(default=dict, editable=False)
    visit_scope = models.CharField(max_length=16, choices=Scope.choices, default=Scope.RECOGNIZED)

    class Meta:
        verbose_name_plural = "identities"
        ordering: ClassVar = ["identity_id"]
        constraints: ClassVar = [models.UniqueConstraint("application", "identity_id", name="identity_once")]
        indexes: ClassVar = [
            models.Index(fields=["application", "id"], name="identity_by_door"),
            models.Index(fields=["application", "location", "id"], name="identity_by_location"),
        ]

    def __str__(self) -> str:
        return self.identity_id


class Recognition(models.Model):
    """That somebody signed in, or was recognised, in a visit; ``scope`` is how he stands there after its last event."""

    governed: ClassVar[Governed] = Governed(
        "history", contact_center="visit__application__contact_center_id", records=True
    )

    visit = models.ForeignKey(Visit, on_delete=models.CASCADE, related_name="recognitions", db_index=False)
    identity = models.ForeignKey(Identity, on_delete=models.CASCADE, related_name="recognitions", db_index=False)
    scope = models.CharField(max_length=16, choices=Identity.Scope.choices)
    last_key = models.CharField(max_length=KEY)
    # The visit's own, so that an identity's visits are read in order from one index.
    started_at = models.BigIntegerField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint("visit", "identity", name="recognition_once")]
        indexes: ClassVar = [
            models.Index(fields=["identity", "started_at", "visit"], name="recognition_by_start"),
            models.Index(fields=["identity", "last_key"], name="recognition_by_last"),
        ]

    def __str__(self) -> str:
        return f"{self.identity_id} in {self.visit_id}"


class Session(models.Model):
    """From a sign-in to the sign-out, or the next sign-in, of one visit (8.1.x). Each SignIn makes one."""

    governed: ClassVar[Governed] = Governed("history", contact_center="application__contact_center_id", records=True)

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="+", db_index=False)
    visit = models.ForeignKey(Visit, on_delete=models.CASCADE, related_name="sessions", db_index=False)
    identity = models.ForeignKey(Identity, on_delete=models.CASCADE, related_name="sessions", db_index=False)
    session_id = models.UUIDField("session ID")
    started_at = models.BigIntegerField("started", help_text="Milliseconds since the epoch.")
    ended_at = models.BigIntegerField("ended", null=True, blank=True)
    told = models.BooleanField(default=False, help_text="Made by POST, not by an event.")

    class Meta:
        ordering: ClassVar = ["started_at", "id"]
        constraints: ClassVar = [models.UniqueConstraint("application", "session_id", name="visit_session_once")]
        indexes: ClassVar = [
            models.Index(fields=["visit", "started_at", "id"], name="visit_session_by_visit"),
            models.Index(fields=["identity", "started_at", "id"], name="visit_session_by_identity"),
        ]

    def __str__(self) -> str:
        return str(self.session_id)


class Page(models.Model):
    """A page as a visitor saw it once; coming back makes another. Any event that names one makes it.

    Address, title and category are those of its PageEntered, else of its first event. Identity and session are those
    of its first event that has an identity.
    """

    governed: ClassVar[Governed] = Governed("history", contact_center="application__contact_center_id", records=True)

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="+", db_index=False)
    visit = models.ForeignKey(Visit, on_delete=models.CASCADE, related_name="pages", db_index=False)
    page_id = models.UUIDField("page ID")
    browser_page_id = models.CharField("browser's page ID", max_length=64, blank=True)
    url = models.CharField("URL", max_length=4096, blank=True)
    title = models.CharField(max_length=500, blank=True)
    category = models.CharField(max_length=255, blank=True)
    started_at = models.BigIntegerField("entered", help_text="Milliseconds since the epoch.")
    # "0" and the place of PageEntered, "1" and that of another event.
    started_key = models.CharField(max_length=KEY + 1, editable=False)
    ended_at = models.BigIntegerField("left", null=True, blank=True)
    identity = models.ForeignKey(
        Identity, null=True, blank=True, on_delete=models.SET_NULL, related_name="pages", db_index=False
    )
    session = models.ForeignKey(
        Session, null=True, blank=True, on_delete=models.SET_NULL, related_name="pages", db_index=False
    )

    # Place of the event that gave identity and session.
    identity_key = models.CharField(max_length=KEY, blank=True, editable=False)
    told = models.BooleanField(default=False, help_text="Made by POST, in a session that was named.")

    class Meta:
        ordering: ClassVar = ["started_at", "id"]
        constraints: ClassVar = [models.UniqueConstraint("application", "page_id", name="page_once")]
        indexes: ClassVar = [
            models.Index(fields=["visit", "started_at", "id"], name="page_by_visit"),
            models.Index(
                fields=["identity", "started_at", "id"],
                name="page_by_identity",
                condition=models.Q(identity__isnull=False),
            ),
            models.Index(
                fields=["session", "started_at", "id"],
                name="page_by_session",
                condition=models.Q(session__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return self.url or str(self.page_id)
