"""Two places with devices in contact center one; pages of ``ORIGIN`` are let in everywhere."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from accounts.models import User
from environment.models import ContactCenter, Device, Place
from screenrec import options
from tests.screenrec.desktop import ORIGIN, Desktop, put


@pytest.fixture(autouse=True)
def allowed_origin(db: None) -> None:
    """The installation's list."""
    put(options.ALLOWED_ORIGINS, ORIGIN)


@pytest.fixture
def places(t100: ContactCenter) -> dict[str, Place]:
    """``Place_1`` with 7001 and 7002, ``Place_2`` with 7003, all at SIP_Switch."""
    made = {name: Place.objects.create(contact_center=t100, name=name) for name in ("Place_1", "Place_2")}
    for dn, place in (("7001", "Place_1"), ("7002", "Place_1"), ("7003", "Place_2")):
        Device.objects.create(contact_center=t100, switch="SIP_Switch", dn=dn, place=made[place])
    return made


@pytest.fixture
def carl(make_user: Callable[..., User], t100: ContactCenter) -> User:
    """Another agent beside bob."""
    return make_user("carl", t100, is_agent=True)


@pytest.fixture
def desktop(bob: User) -> Desktop:
    """Bob's."""
    return Desktop(bob)


@pytest.fixture
def logged_in(desktop: Desktop) -> Desktop:
    """Bob's, with its cookie."""
    assert desktop.log_in().status_code == 200
    return desktop
