"""Who may use an application's faces: Basic credentials bound to it, and keys that are part of an address."""

from __future__ import annotations

from typing import ClassVar

from django.core.exceptions import ValidationError
from django.db import models

from accounts.models import BasicCredential
from accounts.models.credentials import validate_networks
from config.policy import Governed
from config.tracking import Tracked
from environment.models import Application


class Caller(Tracked):
    """A Basic credential that may use an application; the networks it may come from are the credential's own."""

    governed: ClassVar[Governed] = Governed("two-factor", contact_center="application__contact_center_id")

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="+", db_index=False)
    credential = models.ForeignKey(BasicCredential, on_delete=models.PROTECT, related_name="+")
    made_by_demo = models.BooleanField(default=False, editable=False)

    class Meta:
        ordering: ClassVar = ["application", "credential"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                "application",
                "credential",
                name="two_factor_caller_once",
                violation_error_message="This credential is bound to it already.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.credential} at {self.application}"

    def clean(self) -> None:
        """Both are of one contact center, and the application is of the two-factor type."""
        check_application(self.application if self.application_id else None)
        if not (self.application_id and self.credential_id):
            return
        if self.credential.contact_center_id != self.application.contact_center_id:
            raise ValidationError({"credential": "This credential belongs to another contact center."})


class CapabilityKey(Tracked):
    """256 random bits in the address of the web services, for platforms that know URLs only. Only a hash is kept."""

    governed: ClassVar[Governed] = Governed(
        "two-factor",
        contact_center="application__contact_center_id",
        secrets=frozenset({"key_hash"}),
        unrecorded=frozenset({"last_used_at"}),
    )

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="+", db_index=False)
    name = models.CharField(max_length=100)
    key_hash = models.CharField(max_length=80, unique=True, editable=False)
    hint = models.CharField("ends with", max_length=4, blank=True, editable=False)
    source_networks = models.JSONField(
        default=list, blank=True, validators=[validate_networks], help_text="Networks it may come from; empty: any."
    )
    enabled = models.BooleanField(default=True)
    last_used_at = models.DateTimeField("last used", null=True, blank=True, editable=False)
    made_by_demo = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["application", "name"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                "application", "name", name="capability_key_once", violation_error_message="This name is taken."
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} of {self.application}"

    def clean(self) -> None:
        """The application is of the two-factor type."""
        check_application(self.application if self.application_id else None)


def check_application(application: Application | None) -> None:
    """Raise ValidationError unless it is a two-factor application of a contact center."""
    if application is None:
        return
    if application.type != Application.Type.TWO_FACTOR:
        raise ValidationError({"application": "This application is of another type."})
    if application.contact_center_id is None:
        raise ValidationError({"application": "This application belongs to no contact center."})
