"""An agent's session: hot seating, what ends it, and that it needs neither process nor call to live or end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from accounts.services import verified
from accounts.services.passwords import password_reset
from accounts.services.sessions import sign_out_everywhere
from accounts.services.users import user_delete, user_update
from activity.jobs import registry
from environment.models import ContactCenter, Device, Place
from environment.services import contact_center_update, installation_new_epoch
from screenrec import options
from screenrec.models import HeldDevice, RecorderSession
from tests.cast import alter
from tests.screenrec.desktop import LOGOUT, ME, SEAT, Desktop, held, put, refused, seat

pytestmark = pytest.mark.usefixtures("places")
End = RecorderSession.End
EXPIRY = next(job for job in registry() if job.name == "screenrec.sessions-expire")


def age(field: str, seconds: float, **which: Any) -> None:
    rows = RecorderSession.objects.filter(ended_at=None, **which)
    rows.update(**{field: timezone.now() - timedelta(seconds=seconds)})


# Hot seating


def test_a_device_in_use_is_409_and_named_and_nothing_changes(desktop: Desktop, bob: User, carl: User) -> None:
    desktop.log_in(seat("7002"))
    carls = Desktop(carl)
    key = carls.log_in(seat("7003")).cookies["deskgate_recorder"].value
    refused(carls.log_in(SEAT), 409, 19, "7002@SIP_Switch")
    assert (held(bob), held(carl)) == (["7002"], ["7003"])
    carls.http.cookies["deskgate_recorder"] = key
    assert carls.ping().status_code == 200


def test_a_device_is_free_after_logout_for_the_next_agent(desktop: Desktop, bob: User, carl: User) -> None:
    desktop.log_in(SEAT)
    desktop.log_out()
    assert Desktop(carl).log_in(SEAT).status_code == 200
    assert held(carl) == ["7001", "7002"]


def test_the_seat_of_a_session_that_ran_out_is_free_without_any_job(desktop: Desktop, bob: User, carl: User) -> None:
    desktop.log_in(SEAT)
    desktop.ping()
    age("last_ping_at", 61)
    assert Desktop(carl).log_in(SEAT).status_code == 200
    assert RecorderSession.objects.get(user=bob).ended_because == End.TIMEOUT
    assert held(carl) == ["7001", "7002"]
    refused(desktop.ping(), 401, 20)


@pytest.mark.parametrize("operation", ["login", "start"])
def test_the_seat_of_an_agent_who_was_disabled_is_free_too(
    desktop: Desktop, bob: User, carl: User, operation: str
) -> None:
    desktop.log_in(SEAT)
    bob.enabled = False
    user_update(bob)
    carls = Desktop(carl)
    if operation == "start":
        carls.log_in()
        body = {"operationName": "StartContactCenterSession", "channels": ["voice"], "place": "Place_1"}
        assert carls.ask("POST", ME, body).status_code == 200
    else:
        assert carls.log_in(SEAT).status_code == 200
    assert RecorderSession.objects.get(user=bob).ended_because == End.ACCOUNT


def test_moving_to_another_seat_frees_the_old_one(desktop: Desktop, bob: User, carl: User) -> None:
    desktop.log_in(SEAT)
    desktop.log_in(seat("7003"))
    assert held(bob) == ["7003"]
    assert Desktop(carl).log_in(SEAT).status_code == 200


def test_the_agents_own_place_is_untouched(desktop: Desktop, bob: User, places: dict[str, Place]) -> None:
    alter(bob, default_place=places["Place_2"])
    desktop.log_in(SEAT)
    desktop.log_out()
    assert User.objects.get(pk=bob.pk).default_place == places["Place_2"]


def test_a_device_that_was_deleted_or_disabled_meanwhile_does_not_stop_the_end(desktop: Desktop) -> None:
    desktop.log_in(SEAT)
    Device.objects.filter(dn="7001").delete()
    Device.objects.filter(dn="7002").update(enabled=False)
    assert desktop.ping().status_code == 200
    assert desktop.log_out().status_code == 200
    assert not HeldDevice.objects.exists()


# What ends it


def password_changed(bob: User) -> None:
    password_reset(user=bob, new_password="amber-kettle-9931")


def signed_out_everywhere(bob: User) -> None:
    sign_out_everywhere(bob)


def everybody_signed_out(bob: User) -> None:
    installation_new_epoch()


def disabled(bob: User) -> None:
    bob.enabled = False
    user_update(bob)


def contact_center_disabled(bob: User) -> None:
    contact_center_update(ContactCenter.objects.get(pk=str(bob.contact_center_id)), enabled=False)


def too_old(bob: User) -> None:
    age("ends_at", 1)


def pinged_long_ago(bob: User) -> None:
    age("last_ping_at", 61)


ENDS: list[tuple[Callable[[User], None], str]] = [
    (password_changed, End.ACCOUNT),
    (signed_out_everywhere, End.ACCOUNT),
    (everybody_signed_out, End.ACCOUNT),
    (disabled, End.ACCOUNT),
    (contact_center_disabled, End.ACCOUNT),
    (too_old, End.EXPIRED),
    (pinged_long_ago, End.TIMEOUT),
]


@pytest.mark.parametrize(("happens", "because"), ENDS)
@pytest.mark.parametrize(("method", "path", "body"), [("GET", "/ping", None), ("GET", ME, None), ("POST", ME, LOGOUT)])
def test_it_ends_on_the_very_next_call(
    desktop: Desktop, bob: User, happens: Callable[[User], None], because: str, method: str, path: str, body: Any
) -> None:
    desktop.log_in(SEAT)
    happens(User.objects.get(pk=bob.pk))
    refused(desktop.ask(method, path, body), 401, 20)
    assert RecorderSession.objects.get().ended_because == because
    assert not HeldDevice.objects.exists()


@pytest.mark.parametrize(("happens", "because"), ENDS)
def test_it_ends_without_any_call_by_the_job(
    desktop: Desktop, carl: User, bob: User, happens: Callable[[User], None], because: str
) -> None:
    desktop.log_in(SEAT)
    happens(User.objects.get(pk=bob.pk))
    done = EXPIRY.run()
    assert (done.count, done.left_over) == (1, False)
    session = RecorderSession.objects.get()
    assert (session.ended_because, session.rws_cookie_sealed) == (because, "")
    assert not HeldDevice.objects.exists()
    assert EXPIRY.run().count == 0


def test_the_job_leaves_living_sessions_alone(desktop: Desktop, carl: User) -> None:
    desktop.log_in(SEAT)
    desktop.ping()
    Desktop(carl).log_in()
    age("logged_in_at", 7200, user=carl)
    assert EXPIRY.run().count == 0
    assert desktop.ping().status_code == 200


def test_a_deleted_agent_has_no_session(desktop: Desktop, bob: User) -> None:
    desktop.log_in(SEAT)
    user_delete(User.objects.get(pk=bob.pk))
    refused(desktop.ping(), 401, 20)
    assert not HeldDevice.objects.exists()


def test_a_lockout_stops_new_proofs_and_no_living_session(logged_in: Desktop, bob: User) -> None:
    for _ in range(10):
        Desktop(bob, password="wrong").log_in()
    refused(Desktop(bob).log_in(), 401, 20)
    assert logged_in.ping().status_code == 200


def test_its_longest_time_is_an_option(desktop: Desktop) -> None:
    put(options.SESSION_HOURS, "2")
    desktop.log_in()
    session = RecorderSession.objects.get()
    assert session.ends_at - session.logged_in_at == timedelta(hours=2)


def test_an_ended_session_leaves_its_row_and_the_next_login_makes_another(desktop: Desktop) -> None:
    for number in range(3):
        desktop.log_in(SEAT)
        desktop.log_out()
        assert RecorderSession.objects.count() == number + 1
    assert not RecorderSession.objects.filter(ended_at=None).exists()


def test_nothing_of_it_is_kept_in_the_process(desktop: Desktop) -> None:
    token = desktop.log_in(SEAT, **{"X-Support-CSRFP": "true"})["X-CSRF-TOKEN"]
    verified._known.clear()
    assert desktop.ping().status_code == 200
    assert desktop.ask("GET", ME)["X-CSRF-TOKEN"] == token
    assert desktop.log_out(**{"X-CSRF-TOKEN": token}).status_code == 200
