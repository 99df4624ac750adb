"""The demo's outbox: there in the demo only, for the ops credential and in the admin."""

from __future__ import annotations

import pytest

from environment.models import Application
from tests.admin_client import admin_of
from tests.cast import basic
from tests.twofactor.sending import CODE, EMAIL, PHONE, message, setting
from twofactor.delivery.delivering import deliver
from twofactor.models import Method, OutboxMessage

pytestmark = pytest.mark.django_db
URL = "/demo/outbox"


@pytest.fixture
def demo(settings, office: Application) -> Application:
    settings.DESKGATE_MODE = "demo"
    setting(office, "SMS.Gateways", "outbox")
    setting(office, "Email.Gateways", "outbox")
    deliver(message(office), seconds=2)
    deliver(message(office, Method.SMS, code="271828"), seconds=2)
    return office


def test_the_newest_come_first_with_all_they_say(demo: Application, client, ops):
    answer = client.get(URL, headers=ops)
    assert answer.status_code == 200, answer.content
    newest, first = answer.json()
    assert (newest["channel"], newest["to"], newest["code"]) == ("sms", PHONE, "271828")
    assert (first["channel"], first["to"], first["code"]) == ("email", EMAIL, CODE)
    assert CODE in first["text"]
    assert set(first) == {"channel", "to", "text", "code", "at"}
    assert [one["code"] for one in client.get(f"{URL}?limit=1", headers=ops).json()] == ["271828"]
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize("limit", ["0", "-1", "501", "x", "1.5", "٣", ""])
def test_a_limit_that_is_none_is_refused(demo: Application, client, ops, limit: str):
    assert client.get(f"{URL}?limit={limit}", headers=ops).status_code == 400


def test_nobody_else_reads_it(demo: Application, client, script):
    assert client.get(URL).status_code == 401
    assert client.get(URL, headers={"Authorization": basic("ops", "wrong")}).status_code == 401
    assert client.get(URL, headers=script).status_code == 401


def test_outside_the_demo_there_is_none(demo: Application, client, ops, settings, alice):
    settings.DESKGATE_MODE = "development"
    assert client.get(URL, headers=ops).status_code == 404
    assert client.get(URL).status_code == 404
    browser = admin_of(alice)
    kept = OutboxMessage.objects.first()
    assert kept
    assert browser.get("/admin/twofactor/outboxmessage/").status_code in (302, 403)
    assert CODE not in browser.get(f"/admin/twofactor/outboxmessage/{kept.pk}/change/").content.decode()
    assert "outboxmessage" not in browser.get("/admin/").content.decode()


def test_the_admin_shows_them_to_whoever_may_read_sessions(demo: Application, alice, eve):
    page = admin_of(alice).get("/admin/twofactor/outboxmessage/").content.decode()
    assert "271828" in page
    assert EMAIL in page
    theirs = admin_of(eve).get("/admin/twofactor/outboxmessage/").content.decode()
    assert "271828" not in theirs
