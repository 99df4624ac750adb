"""Places and devices of an open session: found by name, held by one session at a time, given back at its end."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q

from environment.models import Device, Place
from screenrec.errors import DeviceInUse, UnknownSeat
from screenrec.models import HeldDevice, RecorderSession
from screenrec.records import DeviceName


@dataclass(frozen=True, slots=True)
class Seat:
    """Where an agent sits: the place's name ("" for none), and the devices that are his meanwhile."""

    place_name: str
    devices: tuple[DeviceName, ...]
    device_ids: tuple[int, ...] = ()


def seat_find(contact_center_id: UUID, *, place: str, devices: tuple[DeviceName, ...] | None) -> Seat:
    """The seat of these names in a contact center; without devices it has all enabled ones of the place.

    Raises UnknownSeat naming what is not there or is disabled.
    """
    found_place = _place(contact_center_id, place) if place else None
    rows = Device.objects.filter(contact_center_id=contact_center_id, enabled=True)
    if devices is None:
        standing = list(rows.filter(place=found_place).order_by("pk")) if found_place else []
    else:
        standing = _devices(list(rows.filter(_named(devices))) if devices else [], devices)
    return Seat(
        place_name=found_place.name if found_place else "",
        devices=tuple(DeviceName(row.dn, row.switch) for row in standing),
        device_ids=tuple(row.pk for row in standing),
    )


def seat_take(session: RecorderSession, seat: Seat) -> None:
    """Give the session these devices and no others, within the caller's transaction, its session's row locked.

    Raises DeviceInUse naming the first one that another open session holds (dead ones were ended before), UnknownSeat
    when a device was deleted meanwhile.
    """
    held = set(session.held.values_list("device_id", flat=True))
    wanted = set(seat.device_ids)
    # Holds of a device change only under its lock, and locks are taken in one order: two agents who swap seats
    # wait for each other and never both for ever.
    if wanted - _lock(held | wanted):
        raise UnknownSeat("A device was deleted meanwhile.", field="devices")
    rivals = HeldDevice.objects.filter(device__in=wanted - held).select_related("session", "device").order_by("device")
    rival = rivals.first() if wanted - held else None
    if rival:
        raise DeviceInUse(f"The device {rival.device} is in use.", field="devices", reason=str(rival.session))
    session.held.exclude(device__in=wanted).delete()
    HeldDevice.objects.bulk_create(HeldDevice(session=session, device_id=pk) for pk in sorted(wanted - held))


def seat_give_back(session: RecorderSession) -> None:
    """Free the session's devices, within the caller's transaction, its session's row locked."""
    _lock(set(session.held.values_list("device_id", flat=True)))
    session.held.all().delete()


def _lock(device_ids: Iterable[int]) -> set[int]:
    """Lock these devices in one order; those that are there."""
    rows = Device.objects.select_for_update().filter(pk__in=set(device_ids)).order_by("pk")
    return set(rows.values_list("pk", flat=True))


def _place(contact_center_id: UUID, name: str) -> Place:
    row = Place.objects.filter(contact_center_id=contact_center_id, name=name, enabled=True).first()
    if row is None:
        raise UnknownSeat(f"There is no place {name!r}.", field="place")
    return row


def _named(devices: tuple[DeviceName, ...]) -> Q:
    found = Q(pk__in=())
    for device in devices:
        found |= Q(dn=device.dn, switch=device.switch)
    return found


def _devices(rows: list[Device], wanted: tuple[DeviceName, ...]) -> list[Device]:
    by_name = {DeviceName(row.dn, row.switch): row for row in rows}
    for name in wanted:
        if name not in by_name:
            raise UnknownSeat(f"There is no device {str(name)!r}.", field="devices")
    return [by_name[name] for name in wanted]
