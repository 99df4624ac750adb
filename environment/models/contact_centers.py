"""The installation, its contact centers and their domains."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower

from config.policy import Governed
from config.stamps import new_stamp
from config.tracking import Tracked


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
        max_length=255, validators=[RegexValidator(r"^[^\\\s:@][^\\\s:]*\Z", "Use no backslash, colon or space.")]
    )

    class Meta:
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(Lower("name"), name="domain_name_once", violation_error_message="Name is taken.")
        ]

    def __str__(self) -> str:
        return self.name
