"""What happens at the same moment: real threads with real connections, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from environment.models import ContactCenter, Device, Place
from screenrec.flows.desk import lapse_due
from screenrec.models import HeldDevice, RecorderSession
from tests.cast import at_once
from tests.screenrec.desktop import SEAT, Desktop, refused, seat

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("wide_gate", "places")]
ROUNDS = 4


def answers(calls: list[Callable[[], Any]]) -> list[Any]:
    told = at_once(calls)
    assert not [each for each in told if isinstance(each, BaseException)], told
    assert all(each.status_code < 500 for each in told), [each.content for each in told]
    return told


def open_sessions() -> int:
    return RecorderSession.objects.filter(ended_at=None).count()


def assert_sound() -> None:
    """Nobody holds for a session that ended, and open sessions hold what they say."""
    assert not HeldDevice.objects.filter(session__ended_at__isnull=False).exists()
    for session in RecorderSession.objects.filter(ended_at=None):
        held = sorted(session.held.values_list("device__dn", flat=True))
        assert held == sorted(each["dn"] for each in session.devices)


@pytest.fixture
def crowd(make_user: Callable[..., User], t100: ContactCenter) -> list[User]:
    return [make_user(f"agent{number}", t100) for number in range(30)]


def test_one_agent_logging_in_ten_times_has_one_session_and_one_living_cookie(bob):
    for _ in range(ROUNDS):
        desktops = [Desktop(bob) for _ in range(10)]
        told = answers([lambda desktop=desktop: desktop.log_in(SEAT) for desktop in desktops])
        assert [each.status_code for each in told] == [200] * 10
        assert open_sessions() == 1
        assert Counter(desktop.ping().status_code for desktop in desktops) == {200: 1, 401: 9}
        assert_sound()
        Desktop(bob).ask("POST", "/api/v2/me", {"operationName": "EndContactCenterSession"}, pair=True)
        assert open_sessions() == 0


def test_a_device_fought_over_by_thirty_goes_to_exactly_one(crowd):
    told = answers([lambda user=user: Desktop(user).log_in(seat("7001")) for user in crowd])
    assert Counter(each.status_code for each in told) == {200: 1, 409: 29}
    for each in told:
        if each.status_code == 409:
            refused(each, 409, 19, "7001@SIP_Switch")
    assert (open_sessions(), HeldDevice.objects.count()) == (1, 1)
    assert_sound()


def test_two_agents_swapping_seats_at_once_both_keep_theirs(bob, carl):
    for _ in range(ROUNDS):
        bobs, carls = Desktop(bob), Desktop(carl)
        assert (bobs.log_in(seat("7001")).status_code, carls.log_in(seat("7003")).status_code) == (200, 200)
        told = answers([lambda a=bobs: a.log_in(seat("7003")), lambda b=carls: b.log_in(seat("7001"))])
        assert [each.status_code for each in told] == [409, 409]
        assert (bobs.ping().status_code, carls.ping().status_code) == (200, 200)
        assert_sound()
        assert (bobs.log_out().status_code, carls.log_out().status_code) == (200, 200)


def test_crossing_wishes_of_agents_whose_sessions_ran_out_do_not_lock_each_other(bob, carl):
    for _ in range(ROUNDS):
        bobs, carls = Desktop(bob), Desktop(carl)
        bobs.log_in(seat("7001"))
        carls.log_in(seat("7003"))
        RecorderSession.objects.filter(ended_at=None).update(ends_at=timezone.now() - timedelta(seconds=1))
        told = answers([lambda a=bobs: a.log_in(seat("7003")), lambda b=carls: b.log_in(seat("7001"))])
        assert [each.status_code for each in told] == [200, 200]
        assert_sound()
        assert (bobs.log_out().status_code, carls.log_out().status_code) == (200, 200)


def test_the_job_beside_pings_ends_no_session_that_lives(bob):
    for _ in range(ROUNDS):
        desktop = Desktop(bob)
        desktop.log_in(SEAT)
        desktop.ping()
        late = timezone.now() - timedelta(seconds=59.9)
        RecorderSession.objects.filter(ended_at=None).update(last_ping_at=late)
        cookie = desktop.http.cookies["deskgate_recorder"].value

        def ping(cookie: str = cookie) -> Any:
            page = Desktop()
            page.http.cookies["deskgate_recorder"] = cookie
            return page.ping()

        told = at_once([lambda: lapse_due(200), ping, lambda: lapse_due(200), ping])
        pinged = [told[1].status_code, told[3].status_code]
        assert set(pinged) <= {200, 401}, told
        alive = desktop.ping().status_code
        assert (alive == 200) is (open_sessions() == 1)
        if told[0] or told[2]:
            assert alive == 401
        assert_sound()


def test_a_logout_beside_pings_and_a_login_leaves_a_sound_whole(bob):
    for _ in range(ROUNDS * 2):
        old, new = Desktop(bob), Desktop(bob)
        old.log_in(SEAT)
        told = answers([lambda o=old: o.log_out(), lambda o=old: o.ping(), lambda n=new: n.log_in(SEAT)])
        assert told[0].status_code in (200, 401)
        assert told[1].status_code in (200, 401)
        # The login came after the logout or took over, and the logout of the old cookie ended nothing of the new.
        assert told[2].status_code == 200
        assert new.ping().status_code == 200
        assert open_sessions() == 1
        assert_sound()
        assert new.log_out().status_code == 200


def test_two_logouts_at_once_end_it_once(bob):
    desktop = Desktop(bob)
    desktop.log_in(SEAT)
    told = answers([lambda: desktop.log_out()] * 4)
    assert Counter(each.status_code for each in told) == {200: 1, 401: 3}
    assert_sound()


def test_a_device_deleted_beside_a_login_is_no_fault_of_ours(bob, t100):
    place = Place.objects.get(name="Place_1")
    for number in range(ROUNDS):
        Device.objects.create(contact_center=t100, switch="S", dn=str(number), place=place)
        wanted = [{"name": "devices", "value": [{"dn": str(number), "switch": "S"}]}]
        rows = Device.objects.filter(dn=str(number), switch="S")
        told = at_once([lambda w=wanted: Desktop(bob).log_in(w), lambda rows=rows: rows.delete()])
        assert told[0].status_code in (200, 404), told[0].content
        assert not HeldDevice.objects.exists()
