"""Two places with devices in contact center one; pages of ``ORIGIN`` are let in everywhere."""

from __future__ import annotations

import pytest

from environment.models import ContactCenter, Device, Place
from environment.services import option_set
from screenrec import options
from tests.screenrec.desktop import ORIGIN


@pytest.fixture(autouse=True)
def allowed_origin(db: None) -> None:
    """The installation's list."""
    option_set(holder=None, section=options.ALLOWED_ORIGINS.section, name=options.ALLOWED_ORIGINS.name, value=ORIGIN)


@pytest.fixture
def places(t100: ContactCenter) -> dict[str, Place]:
    """``Place_1`` with 7001 and 7002, ``Place_2`` with 7003, all at SIP_Switch."""
    made = {name: Place.objects.create(contact_center=t100, name=name) for name in ("Place_1", "Place_2")}
    for dn, place in (("7001", "Place_1"), ("7002", "Place_1"), ("7003", "Place_2")):
        Device.objects.create(contact_center=t100, switch="SIP_Switch", dn=dn, place=made[place])
    return made
