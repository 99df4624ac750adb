"""Text messages by Twilio's official SDK, to a local server that answers as Twilio does."""

from __future__ import annotations

from time import monotonic

import pytest

from accounts.privileges import CONTACT_CENTER_PRIVILEGES
from config.context import RequestContext, entered
from config.http.errors import Forbidden
from config.principal import Principal
from environment.models import Application
from tests.twofactor import twilio_server as fake
from tests.twofactor.sending import CODE, PHONE, message, setting
from tests.twofactor.twilio_server import SERVICE, SID, TOKEN, twilio_server
from twofactor.delivery.delivering import deliver
from twofactor.delivery.messages import Verdict
from twofactor.models import Delivery, Method

pytestmark = pytest.mark.django_db
SENDER = "+15005550006"


@pytest.fixture
def by_twilio(office: Application, settings) -> Application:
    settings.DESKGATE_PUBLIC_URL = "https://desk.bank.example"
    setting(office, "SMS.Gateways", "twilio")
    setting(office, "SMS.Twilio.AccountSid", SID)
    setting(office, "SMS.Twilio.AuthToken", TOKEN)
    setting(office, "sms-from", SENDER, "two-factor")
    return office


def at(port: int) -> None:
    setting(None, "SMS.Twilio.URL", f"http://127.0.0.1:{port}")


def sent(application: Application, *, seconds: float = 5, **words) -> Verdict:
    return deliver(message(application, Method.SMS, **words), seconds=seconds)


def test_a_message_is_made_as_the_settings_say(by_twilio: Application):
    with twilio_server() as twilio:
        at(twilio.port)
        assert sent(by_twilio, minutes=7) == Verdict.ACCEPTED
    row = Delivery.objects.get()
    assert twilio.forms == [
        {
            "To": PHONE,
            "From": SENDER,
            "Body": f"Bank: Your code is {CODE}. It is valid for 7 minutes. We never call you to ask for it.",
            "ValidityPeriod": "420",
            "StatusCallback": f"https://desk.bank.example/twofactor/callbacks/twilio/{row.pk}",
        }
    ]
    assert (row.gateway, row.outcome, row.http_status, row.provider_id) == ("twilio", "accepted", 201, twilio.sid)


def test_a_messaging_service_takes_the_place_of_the_sender_and_without_tls_there_is_no_callback(by_twilio, settings):
    settings.DESKGATE_PUBLIC_URL = "http://127.0.0.1:8000"
    setting(by_twilio, "SMS.Twilio.MessagingServiceSid", SERVICE)
    with twilio_server() as twilio:
        at(twilio.port)
        assert sent(by_twilio) == Verdict.ACCEPTED
    (form,) = twilio.forms
    assert form["MessagingServiceSid"] == SERVICE
    assert not {"From", "StatusCallback"} & form.keys()


@pytest.mark.parametrize(
    ("words", "verdict", "outcomes", "code"),
    [
        ({"to": "+15005550001"}, Verdict.FAILED, ["permanent"], "21211"),
        ({"to": "+15005550002"}, Verdict.FAILED, ["permanent"], "21612"),
        ({"to": "+15005550003"}, Verdict.FAILED, ["configuration"], "21408"),
        ({"to": "+15005550004"}, Verdict.FAILED, ["permanent"], "21610"),
        ({"to": "+15005550009"}, Verdict.FAILED, ["permanent"], "21614"),
        ({"to": "+15005550020"}, Verdict.FAILED, ["transient"] * 2, "20429"),
        ({"to": "+15005550021"}, Verdict.FAILED, ["transient"] * 2, "20500"),
        ({"to": "+15005550022"}, Verdict.FAILED, ["configuration"], "99999"),
        ({"to": "+15005550023"}, Verdict.FAILED, ["blocked"], "30450"),
        ({"sender": "+15005550001"}, Verdict.FAILED, ["configuration"], "21212"),
        ({"sender": "+15005550007"}, Verdict.FAILED, ["configuration"], "21606"),
        ({"sender": "+15005550008"}, Verdict.FAILED, ["transient"] * 2, "21611"),
        ({"token": "another"}, Verdict.FAILED, ["configuration"], "20003"),
        ({"to": fake.PAGE}, Verdict.FAILED, ["transient"] * 2, "502"),
        ({"to": fake.GARBLED}, Verdict.UNKNOWN, ["unknown"], ""),
        ({"to": fake.REDIRECTS}, Verdict.FAILED, ["configuration"], ""),
        ({"to": fake.SILENT}, Verdict.UNKNOWN, ["unknown"], ""),
        ({"to": fake.FAILED_AT_ONCE}, Verdict.FAILED, ["blocked"], "30007"),
    ],
    ids=lambda value: next(iter(value.values())) if isinstance(value, dict) else None,
)
def test_each_of_twilios_errors_has_its_class(by_twilio, words, verdict, outcomes, code):
    setting(by_twilio, "SMS.Timeout", 1500)
    setting(by_twilio, "sms-from", words.get("sender", SENDER), "two-factor")
    setting(by_twilio, "SMS.Twilio.AuthToken", words.get("token", TOKEN))
    with twilio_server() as twilio:
        at(twilio.port)
        begun = monotonic()
        assert sent(by_twilio, to=words.get("to", PHONE), seconds=4) == verdict
        assert monotonic() - begun < 4.8
    rows = Delivery.objects.order_by("attempt")
    assert [row.outcome for row in rows] == outcomes
    assert {row.provider_code for row in rows} == {code}
    assert len(twilio.forms) == len(outcomes)


def test_an_account_token_or_sender_that_is_not_set_is_our_configuration(by_twilio: Application):
    with twilio_server() as twilio:
        at(twilio.port)
        for name, section in (("SMS.Twilio.AccountSid", "server-settings"), ("sms-from", "two-factor")):
            setting(by_twilio, name, "", section)
            assert sent(by_twilio) == Verdict.FAILED
    assert twilio.forms == []
    assert {row.outcome for row in Delivery.objects.all()} == {"configuration"}


def test_the_sdk_takes_nothing_from_the_environment(by_twilio: Application, monkeypatch):
    monkeypatch.setenv("TWILIO_EDGE", "sydney")
    monkeypatch.setenv("TWILIO_REGION", "au1")
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    with twilio_server() as twilio:
        at(twilio.port)
        assert sent(by_twilio) == Verdict.ACCEPTED


def test_twilio_too_must_be_listed(by_twilio: Application):
    setting(None, "outgoing-hosts", "api.twilio.com", "two-factor")
    with twilio_server() as twilio:
        at(twilio.port)
        assert sent(by_twilio) == Verdict.FAILED
    assert twilio.forms == []
    assert Delivery.objects.get().outcome == "configuration"


def test_an_administrator_of_a_contact_center_cannot_lead_the_token_elsewhere(by_twilio: Application, alice):
    center = alice.contact_center_id
    asking = Principal(
        kind="user", user_id=alice.pk, name="alice", contact_center_ids=frozenset({center}),
        privileges=CONTACT_CENTER_PRIVILEGES,
    )  # fmt: skip
    with entered(RequestContext(principal=asking)):
        setting(by_twilio, "SMS.Twilio.AccountSid", SID)
        with pytest.raises(Forbidden):
            setting(by_twilio, "SMS.Twilio.URL", "https://evil.example")
