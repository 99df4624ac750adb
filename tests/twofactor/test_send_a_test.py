"""“Send a test…”: by the real gateways, counted, recorded without the destination."""

from __future__ import annotations

import pytest

from activity.models import SecurityEvent
from environment.models import Application
from tests.admin_client import admin_of
from tests.config.listening import answer, listening
from tests.twofactor.sending import PHONE, setting
from twofactor.models import Delivery, OutboxMessage
from twofactor.selectors.outbox import outbox_content

pytestmark = pytest.mark.django_db
BODY = b"<b>queued</b> as 4711"


def page(application: Application) -> str:
    return f"/admin/environment/application/{application.pk}/page/send-a-test/"


SMS = {"channel": "sms", "destination": PHONE, "reason": "new gateway"}


def test_status_and_time_are_told_and_the_body_to_the_installation_only(office: Application, alice, root):
    with listening(answer(BODY)) as server:
        setting(office, "SMS.URL", f"http://127.0.0.1:{server.port}/")
        setting(office, "test-call-delivery", "none", "two-factor")
        hers = admin_of(alice).post(page(office), SMS)
        theirs = admin_of(root).post(page(office), SMS)
        assert server.connections == 2
    assert hers.status_code == theirs.status_code == 200
    line = hers.context["lines"][0]
    assert (line["gateway"], line["status"], line["outcome"]) == ("http", 200, "accepted")
    assert "queued" not in hers.content.decode()
    assert "&lt;b&gt;queued&lt;/b&gt; as 4711" in theirs.content.decode()
    assert Delivery.objects.filter(challenge=None).count() == 2


def test_it_is_recorded_with_a_mask_for_the_destination(office: Application, alice):
    admin_of(alice).post(page(office), SMS)
    event = SecurityEvent.objects.get(name="two-factor-test-sent")
    assert event.detail["destination"] == "…42"
    assert event.detail["reason"] == "new gateway"
    assert event.contact_center_id == office.contact_center_id
    assert PHONE not in str(vars(event))
    assert PHONE not in str([vars(row) for row in Delivery.objects.all()])


def test_an_hour_has_room_for_so_many(office: Application, alice, monkeypatch):
    monkeypatch.setattr("twofactor.services.test_sends.MOST", 2)
    browser = admin_of(alice)
    for _ in range(2):
        assert browser.post(page(office), SMS).context["lines"]
    refused = browser.post(page(office), SMS)
    assert "lines" not in refused.context
    assert "room for 2 tests" in refused.content.decode()


@pytest.mark.parametrize(
    ("channel", "destination"), [("sms", "jo@x.example"), ("email", PHONE), ("authenticator", "x"), ("sms", "")]
)
def test_a_destination_of_another_kind_is_refused(office: Application, alice, channel: str, destination: str):
    refused = admin_of(alice).post(page(office), {"channel": channel, "destination": destination})
    assert refused.context["form"].errors
    assert not Delivery.objects.exists()


def test_a_number_is_written_as_people_do_and_sent_to_as_customers_are(office: Application, alice, settings):
    settings.DESKGATE_MODE = "demo"
    setting(office, "SMS.Gateways", "outbox")
    admin_of(alice).post(page(office), SMS | {"destination": "+1 (415) 555-0142"})
    assert outbox_content(OutboxMessage.objects.get())["to"] == PHONE
    refused = admin_of(alice).post(page(office), SMS | {"destination": "+999999999"})
    assert refused.context["form"].errors


def test_others_do_not_send(office: Application, eve, bob):
    for somebody in (eve,):
        answer_ = admin_of(somebody).post(page(office), SMS)
        assert answer_.status_code in (302, 403)
    assert not Delivery.objects.exists()
