"""What happened. Rows keep names as text, so that they outlive what they name, and are never edited."""

from __future__ import annotations

from typing import ClassVar

from django.db import models

from config.policy import Governed


class Happening(models.Model):
    """What a change and a security event have in common: when, who, from where, in which request."""

    at = models.DateTimeField(auto_now_add=True)
    request_id = models.CharField(max_length=128, blank=True)
    actor_kind = models.CharField(max_length=16)
    actor_name = models.CharField(max_length=512)
    address = models.CharField(max_length=64, blank=True)
    # Not a foreign key: the contact center may be gone, and its room is above this one.
    contact_center_id = models.UUIDField(null=True, blank=True)

    class Meta:
        abstract = True


class Change(Happening):
    """One change of one object: its fields before and after, secrets only as "changed"."""

    governed: ClassVar[Governed] = Governed("changes", contact_center="contact_center_id")

    class Action(models.TextChoices):
        CREATE = "create", "created"
        UPDATE = "update", "updated"
        DELETE = "delete", "deleted"

    action = models.CharField(max_length=16, choices=Action.choices)
    object_type = models.CharField(max_length=64)
    object_id = models.CharField(max_length=64)
    object_name = models.CharField(max_length=512)
    before = models.JSONField(default=dict, blank=True)
    after = models.JSONField(default=dict, blank=True)
    reason = models.CharField(max_length=500, blank=True)
    operation_id = models.CharField(max_length=128, blank=True)

    class Meta:
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [
            models.Index(fields=["object_type", "object_id", "-id"], name="change_by_object"),
            models.Index(fields=["contact_center_id", "-id"], name="change_by_contact_center"),
            models.Index(fields=["actor_name", "-id"], name="change_by_actor"),
            models.Index(fields=["object_name", "-id"], name="change_by_object_name"),
            models.Index(fields=["address", "-id"], name="change_by_address"),
            models.Index(fields=["action", "-id"], name="change_by_action"),
            models.Index(fields=["request_id"], name="change_by_request"),
            models.Index(fields=["at"], name="change_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.object_name} {self.get_action_display()}"


class SecurityEvent(Happening):
    """A proof given or refused, a session or token begun or ended. ``refusal`` is what the public answer hides."""

    governed: ClassVar[Governed] = Governed("security-events", contact_center="contact_center_id")

    class Outcome(models.TextChoices):
        OK = "ok", "ok"
        REFUSED = "refused", "refused"

    name = models.CharField(max_length=64)
    outcome = models.CharField(max_length=16, choices=Outcome.choices)
    refusal = models.CharField(max_length=300, blank=True)
    user_name = models.CharField(max_length=512, blank=True)
    client_id = models.CharField(max_length=255, blank=True)
    detail = models.JSONField(default=dict, blank=True)

    class Meta:
        ordering: ClassVar = ["-id"]
        indexes: ClassVar = [
            models.Index(fields=["user_name", "-id"], name="event_by_user"),
            models.Index(fields=["client_id", "-id"], name="event_by_client"),
            models.Index(fields=["address", "-id"], name="event_by_address"),
            models.Index(fields=["outcome", "-id"], name="event_by_outcome"),
            models.Index(fields=["request_id"], name="event_by_request"),
            models.Index(fields=["contact_center_id", "-id"], name="event_by_contact_center"),
            models.Index(fields=["at"], name="event_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.name}: {self.outcome}"


class JobLease(models.Model):
    """One periodic job: who runs it now, and how its last runs went. Taken by one conditional UPDATE."""

    governed: ClassVar[Governed] = Governed("jobs")

    name = models.CharField(max_length=64, primary_key=True)
    holder = models.CharField(max_length=128, blank=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    next_run_at = models.DateTimeField(null=True, blank=True)
    last_success_at = models.DateTimeField(null=True, blank=True)
    last_error_at = models.DateTimeField(null=True, blank=True)
    last_error = models.CharField(max_length=500, blank=True)
    done_last_run = models.PositiveIntegerField(default=0)
    left_over = models.BooleanField(default=False, help_text="The last slice was full: more waits to be done.")

    class Meta:
        ordering: ClassVar = ["name"]
        verbose_name = "periodic job"

    def __str__(self) -> str:
        return self.name
