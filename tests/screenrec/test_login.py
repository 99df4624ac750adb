"""GET and POST /api/v2/me: login, with and without configuration."""

from __future__ import annotations

from accounts.models import User
from environment.models import ContactCenter, Place
from screenrec.models import HeldDevice, RecorderSession
from tests.screenrec.desktop import SEAT, Desktop


def test_a_login_tells_who_the_agent_is_and_sets_an_http_only_cookie(bob: User, t100: ContactCenter) -> None:
    answer = Desktop(bob).log_in()
    assert answer.status_code == 200, answer.content
    body = answer.json()
    assert body["statusCode"] == 0
    assert list(body) == ["statusCode", "user"]
    user = body["user"]
    assert user == user | {
        "userName": "t100\\bob",
        "firstName": "Bob",
        "lastName": "Burns",
        "emailAddress": "bob@one.example.com",
        "roles": ["ROLE_AGENT"],
        "enabled": True,
        "changePasswordOnFirstLogin": False,
        "contactCenterId": str(t100.pk),
        "password": "",
    }
    assert len(user["id"]) == 32
    assert user["uri"].endswith(user["path"])
    cookie = answer.cookies["deskgate_recorder"]
    assert cookie["httponly"]
    assert cookie.value not in RecorderSession.objects.get().key_hash


def test_a_login_with_configuration_holds_place_and_devices(bob: User, places: dict[str, Place]) -> None:
    answer = Desktop(bob).log_in(SEAT)
    assert answer.status_code == 200, answer.content
    session = RecorderSession.objects.get()
    assert session.place_name == "Place_1"
    assert sorted(str(held.device) for held in session.held.all()) == ["7001@SIP_Switch", "7002@SIP_Switch"]


def test_a_logout_by_cookie_gives_the_devices_back_and_the_cookie_is_dead(bob: User, places: dict[str, Place]) -> None:
    desktop = Desktop(bob)
    desktop.log_in(SEAT)
    assert desktop.ping().json() == {"statusCode": 0}
    assert desktop.log_out().json() == {"statusCode": 0}
    assert not HeldDevice.objects.exists()
    assert desktop.ping().status_code == 401
