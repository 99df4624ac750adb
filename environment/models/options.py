"""Applications and options: what is configured, and where."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.core.validators import RegexValidator
from django.db import models

from config.policy import Governed
from config.tracking import Tracked
from environment.models.contact_centers import ContactCenter

OPTION_WORD = RegexValidator(r"^[^\s/\x00-\x1f][^/\x00-\x1f]*\Z", "Use no slash and no control characters.")


class Application(Tracked):
    """A configured application, holder of options. Its name is unique in the installation, as in Genesys."""

    governed: ClassVar[Governed] = Governed("applications", contact_center="contact_center_id", shared=True)

    class Type(models.TextChoices):
        WEB_ENGAGEMENT_SERVER = "web-engagement-server", "Web Engagement Server"
        INTERACTION_WORKSPACE = "interaction-workspace", "Interaction Workspace"
        TWO_FACTOR = "two-factor", "Two Factor Authentication"
        SCREEN_RECORDING = "screen-recording-service", "Screen Recording Service"
        OTHER = "other", "Other"

    name = models.CharField(max_length=255, unique=True)
    type = models.CharField(max_length=64, choices=Type.choices, default=Type.OTHER)
    contact_center = models.ForeignKey(
        ContactCenter,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="applications",
        help_text="Empty: shared by all contact centers.",
    )
    description = models.CharField(max_length=500, blank=True)
    enabled = models.BooleanField(default=True)
    made_by_demo = models.BooleanField(default=False, editable=False)

    class Meta:
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name


class Option(models.Model):
    """A value set at one holder: an application, a contact center, or (both empty) the installation."""

    governed: ClassVar[Governed] = Governed(
        "options", contact_center="owner_id", shared=True, secrets=frozenset({"value"})
    )

    # The row's id is part of what seals a secret value, so it exists before the row does.
    id = models.UUIDField(primary_key=True, default=uuid.uuid4)
    application = models.ForeignKey(
        Application, null=True, blank=True, on_delete=models.CASCADE, related_name="options"
    )
    contact_center = models.ForeignKey(
        ContactCenter, null=True, blank=True, on_delete=models.CASCADE, related_name="options"
    )
    # The contact center whose administrators own the row: the holder itself, or the application's.
    owner = models.ForeignKey(
        ContactCenter, null=True, blank=True, editable=False, on_delete=models.CASCADE, related_name="+"
    )
    section = models.CharField(max_length=255, validators=[OPTION_WORD])
    name = models.CharField(max_length=255, validators=[OPTION_WORD])
    value = models.TextField(blank=True)
    sealed = models.BooleanField(default=False, editable=False)
    set_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering: ClassVar = ["section", "name"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(application__isnull=True) | models.Q(contact_center__isnull=True),
                name="option_has_one_holder",
            ),
            models.UniqueConstraint(
                "application",
                "section",
                "name",
                name="option_once_in_application",
                condition=models.Q(application__isnull=False),
            ),
            models.UniqueConstraint(
                "contact_center",
                "section",
                "name",
                name="option_once_in_contact_center",
                condition=models.Q(contact_center__isnull=False),
            ),
            models.UniqueConstraint(
                "section",
                "name",
                name="option_once_in_installation",
                condition=models.Q(application__isnull=True, contact_center__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.section}/{self.name}"

    def save(self, **kwargs: object) -> None:
        self.owner_id = self.contact_center_id or (self.application.contact_center_id if self.application else None)
        super().save(**kwargs)  # type: ignore[arg-type]
