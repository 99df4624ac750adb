"""EndContactCenterSession: gone at once, by cookie or pair; and the operations that are not served."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import User
from activity.models import SecurityEvent
from screenrec.models import HeldDevice, RecorderSession
from tests.screenrec.desktop import LOGOUT, ME, SEAT, Desktop, refused

pytestmark = pytest.mark.usefixtures("places")


@pytest.mark.parametrize("proof", ["cookie", "pair", "both"])
@pytest.mark.parametrize("path", [ME, f"{ME}/"])
def test_the_session_is_gone_at_once_and_its_devices_are_free(
    desktop: Desktop, bob: User, proof: str, path: str
) -> None:
    desktop.log_in(SEAT)
    asking = Desktop(bob) if proof == "pair" else desktop
    answer = asking.ask("POST", path, LOGOUT, pair=proof != "cookie")
    assert (answer.status_code, answer.json()) == (200, {"statusCode": 0})
    assert not HeldDevice.objects.exists()
    assert RecorderSession.objects.get().ended_because == "logout"
    assert (answer.cookies["deskgate_recorder"].value, answer.cookies["deskgate_recorder"]["max-age"]) == ("", 0)
    assert SecurityEvent.objects.filter(name="recorder-logout", user_name="t100\\bob").count() == 1


def test_the_cookie_is_worth_nothing_afterwards(desktop: Desktop, bob: User) -> None:
    key = desktop.log_in().cookies["deskgate_recorder"].value
    desktop.log_out()
    thief = Desktop()
    thief.http.cookies["deskgate_recorder"] = key
    for method, path, body in (("GET", "/ping", None), ("GET", ME, None), ("POST", ME, LOGOUT)):
        refused(thief.ask(method, path, body), 401, 20)


def test_a_second_logout_is_401(logged_in: Desktop) -> None:
    assert logged_in.log_out().status_code == 200
    refused(logged_in.log_out(), 401, 20)
    refused(logged_in.ask("POST", ME, LOGOUT, pair=True), 401, 20)


def test_a_logout_by_pair_with_the_cookie_of_another_ends_ones_own(logged_in: Desktop, bob: User, carl: User) -> None:
    Desktop(carl).log_in()
    carls = Desktop(carl)
    carls.http.cookies = logged_in.http.cookies
    assert carls.ask("POST", ME, LOGOUT, pair=True).status_code == 200
    assert RecorderSession.objects.get(user=carl).ended_because == "logout"
    assert RecorderSession.objects.get(user=bob).ended_at is None


@pytest.mark.parametrize(
    "name", ["", "endcontactcentersession", "EndContactCenterSession ", "Restart", "x" * 5000, "\u0153'\"\U0001f600"]
)
def test_another_operation_is_400(logged_in: Desktop, name: str) -> None:
    answer = logged_in.ask("POST", ME, {"operationName": name})
    refused(answer, 400, 2 if name else 1)
    assert len(answer.content) < 300
    assert RecorderSession.objects.get().ended_at is None


@pytest.mark.parametrize("body", [{}, {"operationName": None}, {"operationname": "EndContactCenterSession"}])
def test_a_missing_name_is_code_1(logged_in: Desktop, body: Any) -> None:
    refused(logged_in.ask("POST", ME, body), 400, 1, "operationName")


def test_members_beside_the_name_are_ignored(logged_in: Desktop) -> None:
    assert logged_in.ask("POST", ME, LOGOUT | {"channels": 7, "place": ["x"]}).json() == {"statusCode": 0}
