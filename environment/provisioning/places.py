"""Places and devices in provisioning files."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from environment.models import Device, Place
from environment.provision.kinds import Entry, Key, Kind, Reference, Row, Step, kind
from environment.provision.world import World
from environment.services import object_save


class PlaceRow(Row):
    contact_center: str
    name: str
    enabled: bool = True


@kind
class Places(Kind[PlaceRow, Place]):
    """``places``: by contact center and name."""

    name = "places"
    row = PlaceRow
    after = ("contact-centers",)

    def key(self, entry: Entry[PlaceRow], world: World) -> Key:
        return (world.contact_center_id(entry, entry.row.contact_center), entry.row.name)

    def find(self, keys: Collection[Key], world: World) -> dict[Key, Place]:
        rows = Place.objects.filter(name__in={name for _home, name in keys})
        return {(one.contact_center_id, one.name): one for one in rows}

    def label(self, row: PlaceRow) -> str:
        return f"{row.contact_center} {row.name}"

    def wanted(self, row: PlaceRow, world: World) -> dict[str, Any]:
        return row.given("enabled")

    def current(self, obj: Place, row: PlaceRow, world: World) -> dict[str, Any]:
        return {"enabled": obj.enabled}

    def create(self, step: Step[PlaceRow, Place], world: World) -> None:
        home, name = step.key
        object_save(Place(contact_center_id=home, name=name, **step.row.given("enabled")))

    def update(self, step: Step[PlaceRow, Place], world: World) -> None:
        assert step.obj is not None  # noqa: S101 - a step without an object is a create
        step.obj.enabled = step.row.enabled
        object_save(step.obj)


class DeviceRow(Row):
    contact_center: str
    dn: str
    switch: str
    place: str | None = None
    enabled: bool = True


@kind
class Devices(Kind[DeviceRow, Device]):
    """``devices``: by contact center, switch and DN."""

    name = "devices"
    row = DeviceRow
    after = ("places",)

    def key(self, entry: Entry[DeviceRow], world: World) -> Key:
        return (world.contact_center_id(entry, entry.row.contact_center), entry.row.switch, entry.row.dn)

    def find(self, keys: Collection[Key], world: World) -> dict[Key, Device]:
        rows = Device.objects.select_related("place").filter(dn__in={dn for _home, _switch, dn in keys})
        return {(one.contact_center_id, one.switch, one.dn): one for one in rows}

    def label(self, row: DeviceRow) -> str:
        return f"{row.contact_center} {row.dn}@{row.switch}"

    def references(self, row: DeviceRow, world: World) -> Iterator[Reference]:
        if row.place is not None:
            home = world.named(row.contact_center)
            yield Reference(("place",), "places", ((home, row.place),), f"place {row.place}")

    def wanted(self, row: DeviceRow, world: World) -> dict[str, Any]:
        return row.given("place", "enabled")

    def current(self, obj: Device, row: DeviceRow, world: World) -> dict[str, Any]:
        return {"place": obj.place.name if obj.place else None, "enabled": obj.enabled}

    def create(self, step: Step[DeviceRow, Device], world: World) -> None:
        home, switch, dn = step.key
        self._save(Device(contact_center_id=home, switch=switch, dn=dn), step)

    def update(self, step: Step[DeviceRow, Device], world: World) -> None:
        assert step.obj is not None  # noqa: S101 - a step without an object is a create
        self._save(step.obj, step)

    @staticmethod
    def _save(device: Device, step: Step[DeviceRow, Device]) -> None:
        row = step.row
        if "place" in row.model_fields_set:
            device.place = Place.objects.get(contact_center_id=step.key[0], name=row.place) if row.place else None
        device.enabled = row.enabled if "enabled" in row.model_fields_set else device.enabled
        object_save(device)
