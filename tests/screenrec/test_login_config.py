"""POST /api/v2/me with an array: server, peer, place and devices."""

from __future__ import annotations

import io
import logging
from typing import Any

import pytest
from django.conf import settings

from accounts.models import User
from environment.models import ContactCenter, Device, Place
from screenrec import options
from screenrec.models import RecorderSession
from tests.screenrec.desktop import SEAT, Desktop, device, held, put, refused, seat

pytestmark = pytest.mark.usefixtures("places")


def named(**values: Any) -> list[dict[str, Any]]:
    return [{"name": name, "value": value} for name, value in values.items()]


def test_place_and_devices_are_held(desktop: Desktop) -> None:
    answer = desktop.log_in(SEAT)
    assert answer.status_code == 200, answer.content
    session = RecorderSession.objects.get()
    assert session.place_name == "Place_1"
    assert held() == ["7001", "7002"]


def test_a_place_alone_holds_the_devices_that_stand_there(desktop: Desktop) -> None:
    assert desktop.log_in(named(place="Place_1")).status_code == 200
    assert held() == ["7001", "7002"]


def test_devices_alone_hold_those_wherever_they_stand(desktop: Desktop) -> None:
    assert desktop.log_in(seat("7003", "7001")).status_code == 200
    assert held() == ["7001", "7003"]
    assert RecorderSession.objects.get().place_name == ""


def test_an_empty_list_of_devices_gives_back_what_was_held(desktop: Desktop) -> None:
    desktop.log_in(SEAT)
    assert desktop.log_in(named(devices=[])).status_code == 200
    assert held() == []


@pytest.mark.parametrize("config", [None, [], named(place=None), named(place="", devices=None)])
def test_a_login_that_names_no_seat_keeps_the_one_held(desktop: Desktop, config: Any) -> None:
    desktop.log_in(SEAT)
    assert desktop.log_in(config).status_code == 200
    assert held() == ["7001", "7002"]
    assert RecorderSession.objects.get().place_name == "Place_1"


def test_the_doubled_bracket_of_the_vendors_page_is_taken_off_once(desktop: Desktop) -> None:
    doubled = [[device("7001"), device("7002")]]
    assert desktop.log_in(named(devices=doubled)).status_code == 200
    assert held() == ["7001", "7002"]
    refused(desktop.log_in(named(devices=[doubled])), 400, 2, "devices.0")
    refused(desktop.log_in(named(devices=[[device("7001")], [device("7002")]])), 400, 2, "devices.0")
    assert held() == ["7001", "7002"]


def test_a_device_named_twice_is_held_once(desktop: Desktop) -> None:
    assert desktop.log_in(seat("7001", "7001")).status_code == 200
    assert held() == ["7001"]


@pytest.mark.parametrize(
    ("config", "words"),
    [
        (named(place="Nowhere"), "Nowhere"),
        (named(place="place_1"), "place_1"),
        (seat("7001", "9999"), "9999@SIP_Switch"),
        (named(devices=[device("7001", "Other")]), "7001@Other"),
        (named(place="Pl'ace\"; DROP TABLE"), "DROP TABLE"),
        (named(place="\u0153\U0001f600"), "\U0001f600"),
    ],
)
def test_an_unknown_place_or_device_is_404_and_named(desktop: Desktop, config: Any, words: str) -> None:
    refused(desktop.log_in(config), 404, 6, words)
    assert not RecorderSession.objects.exists()


def test_a_disabled_place_or_device_is_not_there(desktop: Desktop) -> None:
    Device.objects.filter(dn="7001").update(enabled=False)
    Place.objects.filter(name="Place_2").update(enabled=False)
    refused(desktop.log_in(seat("7001")), 404, 6, "7001")
    refused(desktop.log_in(named(place="Place_2")), 404, 6, "Place_2")
    desktop.log_in(named(place="Place_1"))
    assert held() == ["7002"]


def test_places_and_devices_of_another_contact_center_are_not_there(eve: User, desktop: Desktop, t200: Any) -> None:
    place = Place.objects.create(contact_center=t200, name="Elsewhere")
    Device.objects.create(contact_center=t200, switch="SIP_Switch", dn="8001", place=place)
    refused(desktop.log_in(seat("8001")), 404, 6, "8001")
    refused(desktop.log_in(named(place="Elsewhere")), 404, 6, "Elsewhere")
    refused(Desktop(eve).log_in(SEAT), 404, 6, "Place_1")


def test_one_dn_of_two_contact_centers_is_two_devices(desktop: Desktop, eve: User, t200: ContactCenter) -> None:
    Device.objects.create(contact_center=t200, switch="SIP_Switch", dn="7001")
    assert desktop.log_in(seat("7001")).status_code == 200
    assert Desktop(eve).log_in(seat("7001")).status_code == 200
    assert len(held()) == 2


def test_a_wrong_pair_learns_nothing_of_places(bob: User) -> None:
    refused(Desktop(bob, password="wrong").log_in(named(place="Nowhere")), 401, 20)


def test_other_names_are_ignored_and_logged(desktop: Desktop) -> None:
    log, handler = io.StringIO(), None
    handler = logging.StreamHandler(log)
    logger = logging.getLogger("deskgate.screenrec")
    handler.setFormatter(logging.Formatter("%(message)s %(parameter)s"))
    before = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    try:
        assert desktop.log_in(named(colour="a-secret-value", place="Place_1")).status_code == 200
    finally:
        logger.removeHandler(handler)
        logger.setLevel(before)
    assert "'colour'" in log.getvalue()
    assert "a-secret-value" not in log.getvalue()


def test_a_server_that_is_this_one_is_asked_in_process(desktop: Desktop) -> None:
    own = settings.DESKGATE_PUBLIC_URL
    assert desktop.log_in(named(server=own, peer_server="https://unlisted.example.com")).status_code == 200
    assert desktop.log_in(named(server=f"{own.upper()}/")).status_code == 200
    assert RecorderSession.objects.get().server == ""


@pytest.mark.parametrize("name", ["server", "peer_server"])
def test_a_server_that_is_not_listed_gets_nothing(desktop: Desktop, name: str) -> None:
    put(options.ALLOWED_SERVERS, "rws.example.com")
    config = named(server="https://rws.example.com")
    config = [each for each in config if each["name"] != name] + named(**{name: "https://evil.example.com"})
    refused(desktop.log_in(config), 400, 2, name)
    assert not RecorderSession.objects.exists()


def test_central_servers_ask_no_other(desktop: Desktop) -> None:
    put(options.ROLE, "rws")
    refused(desktop.log_in(named(server="https://rws.example.com")), 400, 2)


def test_a_service_without_directory_demands_a_server(desktop: Desktop) -> None:
    put(options.ROLE, "srs")
    refused(desktop.log_in(), 400, 1, "server")
