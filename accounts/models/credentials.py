"""Basic credentials: name and password of a machine. Not a login, and no user."""

from __future__ import annotations

from ipaddress import ip_network
from typing import ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import QuerySet, Value
from django.db.models.functions import Lower

from accounts.models.roles import Role
from accounts.privileges import PRIVILEGES
from config.policy import Governed
from config.stamps import new_stamp
from config.tracking import Tracked
from environment.models import ContactCenter

_NAME = r"^[^:\s\x00-\x1f\x7f-\x9f](?:[^:\x00-\x1f\x7f-\x9f]*[^:\s\x00-\x1f\x7f-\x9f])?\Z"


def validate_networks(value: object) -> None:
    """A list of networks in CIDR, or single addresses; each that is none is named."""
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise ValidationError("Networks are a list of texts.")
    faults = [f"{ascii(network)[1:-1]} is no network." for network in value if not _is_network(network)]
    if faults:
        raise ValidationError(faults)


def _is_network(text: str) -> bool:
    try:
        ip_network(text, strict=False)
    except ValueError:
        return False
    return True


class BasicCredential(Tracked):
    """RFC 7617 pair with the rights of its role in its contact center; without a contact center: an ops credential."""

    governed: ClassVar[Governed] = Governed(
        "basic-credentials",
        contact_center="contact_center_id",
        secrets=frozenset({"password"}),
        unrecorded=frozenset({"stamp", "last_used_at"}),
    )

    name = models.CharField(
        max_length=255,
        validators=[RegexValidator(_NAME, "Use no colon, no control characters, and no blank at either end.")],
    )
    contact_center = models.ForeignKey(
        ContactCenter,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="basic_credentials",
        help_text="Empty: an ops credential, valid in the whole installation.",
    )
    role = models.ForeignKey(Role, null=True, blank=True, on_delete=models.PROTECT, related_name="basic_credentials")
    password = models.CharField(max_length=255)
    enabled = models.BooleanField(default=True)
    expires_at = models.DateTimeField("expires", null=True, blank=True)
    source_networks = models.JSONField(
        default=list, blank=True, validators=[validate_networks], help_text="Networks it may come from; empty: any."
    )
    stamp = models.BigIntegerField(default=new_stamp, editable=False)
    last_used_at = models.DateTimeField("last used", null=True, blank=True, editable=False)
    made_by_demo = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                Lower("name"),
                name="credential_name_once",
                violation_error_message="This name is taken in the installation.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @classmethod
    def named(cls, *names: str) -> QuerySet[BasicCredential]:
        """Those called so, in any case, with contact center and role read along.

        By the expression that the unique index has: ``iexact`` is UPPER() on PostgreSQL and scans the table.
        """
        rows = cls.objects.select_related("contact_center", "role").alias(lowered=Lower("name"))
        return rows.filter(lowered__in=[Lower(Value(name)) for name in names])

    def held_privileges(self) -> frozenset[str]:
        """What its role gives; an ops credential holds everything."""
        if self.contact_center_id is None:
            return PRIVILEGES
        return self.role.held_privileges() if self.role else frozenset()

    def clean(self) -> None:
        """A credential of a contact center has a role; an ops credential has none."""
        if self.contact_center_id and not self.role_id:
            raise ValidationError({"role": "A credential of a contact center needs a role."})
        if self.role and self.role.contact_center_id not in (None, self.contact_center_id):
            raise ValidationError({"role": "This role belongs to another contact center."})
