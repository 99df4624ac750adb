"""The part of Genesys Administrator that everything else reads: Environment and Switching."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower

from config.policy import Governed
from config.stamps import new_stamp
from config.tracking import Tracked

_OPTION_WORD = RegexValidator(r"^[^\s/\x00-\x1f][^/\x00-\x1f]*$", "Use no slash and no control characters.")


class Installation(models.Model):
    """The one row that stands for this installation. ``epoch`` ends every token and session when replaced."""

    governed: ClassVar[Governed] = Governed("installation")

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    epoch = models.BigIntegerField(default=new_stamp)
    config_stamp = models.BigIntegerField(default=new_stamp)
    made_by_demo = models.BooleanField(default=False)

    def __str__(self) -> str:
        return "this installation"


class ContactCenter(Tracked):
    """A tenant: its own users, clients, options. Genesys' contact center; in private edition id = tenant UUID."""

    governed: ClassVar[Governed] = Governed(
        "contact-centers", contact_center="id", unrecorded=frozenset({"config_stamp", "next_dbid"})
    )

    class Auth(models.TextChoices):
        CONFIG_SERVER = "configServer", "user name and password"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, verbose_name="ID")
    number = models.PositiveIntegerField(unique=True, help_text="A short number for people and files.")
    name = models.CharField(max_length=255)
    environment_id = models.UUIDField(default=uuid.uuid4, verbose_name="environment ID")
    auth = models.CharField(max_length=16, choices=Auth.choices, default=Auth.CONFIG_SERVER)
    enabled = models.BooleanField(default=True)
    config_stamp = models.BigIntegerField(default=new_stamp, editable=False)
    next_dbid = models.PositiveBigIntegerField(default=101, editable=False)
    made_by_demo = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["number"]

    def __str__(self) -> str:
        return self.name


class Domain(models.Model):
    """A name users type before the backslash. Unique in the installation whatever its case."""

    governed: ClassVar[Governed] = Governed("contact-centers", contact_center="contact_center_id")

    contact_center = models.ForeignKey(ContactCenter, on_delete=models.CASCADE, related_name="domains")
    name = models.CharField(
        max_length=255, validators=[RegexValidator(r"^[^\\\s:@][^\\\s:]*$", "Use no backslash, colon or space.")]
    )

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(Lower("name"), name="domain_name_once", violation_error_message="Name is taken.")
        ]

    def __str__(self) -> str:
        return self.name


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
    section = models.CharField(max_length=255, validators=[_OPTION_WORD])
    name = models.CharField(max_length=255, validators=[_OPTION_WORD])
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


class Place(Tracked):
    """Where an agent sits."""

    governed: ClassVar[Governed] = Governed("places", contact_center="contact_center_id")

    contact_center = models.ForeignKey(ContactCenter, on_delete=models.PROTECT, related_name="places")
    name = models.CharField(max_length=255)
    enabled = models.BooleanField(default=True)

    class Meta:
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [models.UniqueConstraint("contact_center", "name", name="place_name_once")]

    def __str__(self) -> str:
        return self.name


class Device(Tracked):
    """A DN at a switch, standing at one place or none."""

    governed: ClassVar[Governed] = Governed("devices", contact_center="contact_center_id")

    contact_center = models.ForeignKey(ContactCenter, on_delete=models.PROTECT, related_name="devices")
    dn = models.CharField("DN", max_length=255)
    switch = models.CharField(max_length=255, help_text="Name of the switch the DN belongs to, such as SIP_Switch.")
    place = models.ForeignKey(Place, null=True, blank=True, on_delete=models.SET_NULL, related_name="devices")
    enabled = models.BooleanField(default=True)

    class Meta:
        ordering: ClassVar = ["switch", "dn"]
        constraints: ClassVar = [models.UniqueConstraint("contact_center", "switch", "dn", name="device_once")]

    def __str__(self) -> str:
        return f"{self.dn}@{self.switch}"

    def clean(self) -> None:
        """A device stands only at a place of its own contact center."""
        if self.place and self.place.contact_center_id != self.contact_center_id:
            raise ValidationError({"place": "This place belongs to another contact center."})
