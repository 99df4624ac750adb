"""Switching: places and devices."""

from __future__ import annotations

from typing import ClassVar

from django.core.exceptions import ValidationError
from django.db import models

from config.policy import Governed
from config.tracking import Tracked
from environment.models.contact_centers import ContactCenter


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
