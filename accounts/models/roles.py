"""Roles and access groups: what a user may do, given one by one or by membership."""

from __future__ import annotations

from typing import ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models

from accounts.privileges import PRIVILEGES
from config.policy import Governed
from config.tracking import Tracked
from environment.models import ContactCenter


def validate_privileges(value: object) -> None:
    """A list of distinct strings such as ``users:write``; names we do not know are told to callers and give nothing."""
    if not isinstance(value, list) or not all(isinstance(item, str) and 0 < len(item) <= 128 for item in value):
        raise ValidationError("Privileges are a list of names.")
    if any(not item.isprintable() for item in value):
        raise ValidationError("A privilege holds no control characters.")
    if len(set(value)) != len(value):
        raise ValidationError("A privilege stands here twice.")


class Role(Tracked):
    """A named set of privileges, of one contact center or shared by all (no contact center)."""

    governed: ClassVar[Governed] = Governed("roles", contact_center="contact_center_id", shared=True)

    name = models.CharField(
        max_length=255, validators=[RegexValidator(r"^[A-Za-z][A-Za-z0-9_ .-]*\Z", "Use letters, digits, _ . -")]
    )
    contact_center = models.ForeignKey(
        ContactCenter,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="roles",
        help_text="Empty: shared by all contact centers.",
    )
    description = models.CharField(max_length=500, blank=True)
    privileges = models.JSONField(default=list, blank=True, validators=[validate_privileges])

    class Meta:
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.UniqueConstraint("contact_center", "name", name="role_name_once"),
            models.UniqueConstraint(
                "name", name="shared_role_name_once", condition=models.Q(contact_center__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def held_privileges(self) -> frozenset[str]:
        """Those of its names that give rights here."""
        return frozenset(self.privileges) & PRIVILEGES


class AccessGroup(Tracked):
    """Users of one contact center who hold the group's roles together."""

    governed: ClassVar[Governed] = Governed("access-groups", contact_center="contact_center_id")

    name = models.CharField(max_length=255)
    contact_center = models.ForeignKey(ContactCenter, on_delete=models.PROTECT, related_name="access_groups")
    roles = models.ManyToManyField(Role, blank=True, related_name="access_groups")

    class Meta:
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [models.UniqueConstraint("contact_center", "name", name="access_group_name_once")]

    def __str__(self) -> str:
        return self.name

    def held_privileges(self) -> frozenset[str]:
        """What membership gives."""
        if self._state.adding:
            return frozenset()
        return frozenset().union(*(role.held_privileges() for role in self.roles.all()))
