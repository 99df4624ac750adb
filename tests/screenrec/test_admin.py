"""Recorder sessions in the admin: seen by those of the contact center, ended with a reason, and no secret shown."""

from __future__ import annotations

import pytest

from accounts.models import User
from activity.models import SecurityEvent
from environment.models import Place
from screenrec.models import HeldDevice, RecorderSession
from tests.admin_client import admin_of
from tests.screenrec.desktop import SEAT, Desktop, refused

LIST = "/admin/screenrec/recordersession/"


@pytest.fixture
def seated(desktop: Desktop, places: dict[str, Place]) -> Desktop:
    assert desktop.log_in(SEAT, **{"X-Support-CSRFP": "true"}).status_code == 200
    assert desktop.ping().status_code == 200
    return desktop


def page_of(session: RecorderSession) -> str:
    return f"{LIST}{session.pk}/change/"


def end_of(session: RecorderSession) -> str:
    return f"{LIST}{session.pk}/do/end/"


def test_the_list_tells_agent_place_devices_server_and_last_ping(seated: Desktop, alice: User) -> None:
    shown = admin_of(alice).get(LIST).content.decode()
    for words in ("t100\\bob", "Place_1", "7001@SIP_Switch, 7002@SIP_Switch", "this server"):
        assert words in shown
    session = RecorderSession.objects.get()
    whole = admin_of(alice).get(page_of(session)).content.decode()
    cookie = seated.http.cookies["deskgate_recorder"].value
    for secret in (cookie, session.key_hash, "rws_cookie"):
        assert secret not in shown + whole


def test_ended_ones_are_a_filter_away(seated: Desktop, alice: User) -> None:
    seated.log_out(**{"X-CSRF-TOKEN": seated.ask("GET", "/api/v2/me")["X-CSRF-TOKEN"]})
    browser = admin_of(alice)
    assert "t100\\bob" not in browser.get(LIST).content.decode()
    for state in ("ended", "all"):
        assert "logged out" in browser.get(LIST, {"state": state}).content.decode()


@pytest.mark.parametrize("term", ["t100\\bob", "bob", "127.0.0.1"])
def test_an_agent_is_found_by_name_and_address(seated: Desktop, alice: User, term: str) -> None:
    assert "Place_1" in admin_of(alice).get(LIST, {"q": term}).content.decode()
    assert "Place_1" not in admin_of(alice).get(LIST, {"q": "nobody"}).content.decode()


def test_ending_it_needs_a_reason_and_frees_the_devices_at_once(seated: Desktop, alice: User) -> None:
    browser, session = admin_of(alice), RecorderSession.objects.get()
    assert "End…" in browser.get(page_of(session)).content.decode()
    assert browser.get(end_of(session)).status_code == 200
    browser.post(end_of(session), {"reason": "not confirmed"})
    assert HeldDevice.objects.exists()
    assert browser.post(end_of(session), {"confirmed": "yes", "reason": "left for the day"}).status_code == 302
    session.refresh_from_db()
    assert session.ended_because == RecorderSession.End.REVOKED
    assert not HeldDevice.objects.exists()
    event = SecurityEvent.objects.get(name="recorder-logout")
    assert event.detail["reason"] == "left for the day"
    refused(seated.ping(), 401, 20)


def test_another_contact_center_neither_sees_nor_ends_it(seated: Desktop, eve: User) -> None:
    session = RecorderSession.objects.get()
    browser = admin_of(eve)
    assert "t100\\bob" not in browser.get(LIST).content.decode()
    assert browser.get(page_of(session)).status_code == 302
    assert browser.post(end_of(session), {"confirmed": "yes", "reason": "x"}).status_code == 403
    assert seated.ping().status_code == 200


def test_root_sees_all(seated: Desktop, root: User) -> None:
    assert "t100\\bob" in admin_of(root).get(LIST).content.decode()


def test_nobody_adds_or_changes_one_by_hand(seated: Desktop, root: User) -> None:
    browser, session = admin_of(root), RecorderSession.objects.get()
    assert browser.get(f"{LIST}add/").status_code == 403
    browser.post(page_of(session), {"user_name": "other", "place_name": "x"})
    session.refresh_from_db()
    assert session.user_name == "t100\\bob"
