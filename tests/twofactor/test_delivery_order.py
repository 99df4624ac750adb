"""Gateways one after the other: who is asked after whom, and that the caller's time is kept."""

from __future__ import annotations

from time import monotonic, sleep

import pytest

from environment.models import Application
from tests.config.listening import answer, listening
from tests.twofactor.mail_server import Inbox, mail_server
from tests.twofactor.sending import CODE, EMAIL, PHONE, message, setting
from twofactor.delivery import wording
from twofactor.delivery.delivering import deliver
from twofactor.delivery.messages import Verdict
from twofactor.delivery.wording import text_of
from twofactor.fixed_codes import fixed_code_of
from twofactor.models import Delivery, Method, OutboxMessage
from twofactor.selectors.outbox import outbox_content

pytestmark = pytest.mark.django_db


@pytest.fixture
def demo(settings, office: Application) -> Application:
    """The demo, where "outbox" stands behind the gateway under test."""
    settings.DESKGATE_MODE = "demo"
    setting(office, "SMS.Gateways", "http, outbox")
    setting(office, "Email.Gateways", "smtp, outbox")
    return office


@pytest.mark.parametrize(
    ("said", "then"),
    [
        (answer(b"", status="500 Oh"), True),
        (answer(b"", status="401 Who"), True),
        (answer(b"ERROR"), True),
        (b"", False),
    ],
    ids=["transient", "configuration", "blocked", "unknown"],
)
def test_the_next_gateway_gets_the_same_code_unless_the_first_may_have_sent_it(demo: Application, said, then: bool):
    setting(demo, "SMS.FailurePattern", "error")
    with listening(said) as server:
        setting(demo, "SMS.URL", f"http://127.0.0.1:{server.port}/")
        verdict = deliver(message(demo, Method.SMS), seconds=3)
    assert verdict == (Verdict.ACCEPTED if then else Verdict.UNKNOWN)
    kept = [outbox_content(one) for one in OutboxMessage.objects.all()]
    assert [(one["to"], one["code"]) for one in kept] == ([(PHONE, CODE)] if then else [])
    assert [row.gateway for row in Delivery.objects.order_by("attempt")][-1] == ("outbox" if then else "http")


def test_a_refused_destination_is_offered_to_no_other_gateway(demo: Application):
    with mail_server(Inbox(recipient="550 5.1.1 nobody")) as inbox:
        setting(demo, "Email.SMTP.Host", "127.0.0.1")
        setting(demo, "Email.SMTP.Port", inbox.port)
        assert deliver(message(demo), seconds=3) == Verdict.FAILED
    assert [row.outcome for row in Delivery.objects.all()] == ["permanent"]
    assert not OutboxMessage.objects.exists()


def test_all_tries_together_take_no_longer_than_the_caller_waits(office: Application):
    def late(connected):
        sleep(1.5)
        connected.sendall(answer(b"", status="503 Later"))

    with listening(late) as server:
        setting(office, "SMS.URL", f"http://127.0.0.1:{server.port}/")
        begun = monotonic()
        assert deliver(message(office, Method.SMS), seconds=2) in (Verdict.FAILED, Verdict.UNKNOWN)
        assert monotonic() - begun < 2.9


def test_without_time_there_is_a_row_and_no_call(office: Application):
    with listening(answer()) as server:
        setting(office, "SMS.URL", f"http://127.0.0.1:{server.port}/")
        assert deliver(message(office, Method.SMS), seconds=0) == Verdict.FAILED
        assert server.connections == 0
    assert Delivery.objects.get().detail == "no gateway, or no time for one"


@pytest.mark.parametrize(
    ("delivery", "to", "sent"),
    [("none", PHONE, 0), ("gateways", PHONE, 1), ("gateways", "+14155550199", 0), ("none", "+14155550199", 0)],
)
def test_test_calls_send_nothing_unless_told_to_and_never_to_fixed_codes(office, delivery, to, sent):
    setting(office, "test-call-delivery", delivery, "two-factor")
    setting(office, "test-destinations", "+14155550199=123456", "two-factor")
    with listening(answer()) as server:
        setting(office, "SMS.URL", f"http://127.0.0.1:{server.port}/")
        assert deliver(message(office, Method.SMS, to=to, test_call=True), seconds=2) == Verdict.ACCEPTED
        assert server.connections == sent
    row = Delivery.objects.get()
    assert (row.gateway, row.outcome, row.test_call) == ("http" if sent else "test", "accepted", True)


@pytest.mark.parametrize("written", ["+1 415 555 0142", "+1 (415) 555-0142"])
def test_a_destination_with_a_fixed_code_is_known_however_it_is_written(office: Application, written: str):
    setting(office, "test-call-delivery", "gateways", "two-factor")
    setting(office, "test-destinations", f"{written}=123456, Jo@Customer.Example=654321", "two-factor")
    for method in (Method.SMS, Method.EMAIL):
        assert deliver(message(office, method, test_call=True), seconds=2) == Verdict.ACCEPTED
    assert [row.gateway for row in Delivery.objects.all()] == ["test", "test"]
    assert fixed_code_of(office, PHONE) == "123456"
    assert fixed_code_of(office, EMAIL) == "654321"
    assert [fixed_code_of(office, other) for other in ("", "+14155550199", "415 555 0142", "x@", "=")] == [""] * 5


def test_a_fixed_code_is_a_matter_of_test_calls_only(office: Application):
    setting(office, "test-destinations", f"{PHONE}=123456", "two-factor")
    with listening(answer()) as server:
        setting(office, "SMS.URL", f"http://127.0.0.1:{server.port}/")
        assert deliver(message(office, Method.SMS), seconds=2) == Verdict.ACCEPTED
        assert server.connections == 1


def test_outside_the_demo_the_outbox_takes_nothing(office: Application):
    setting(office, "Email.Gateways", "outbox")
    assert deliver(message(office), seconds=2) == Verdict.FAILED
    assert [(row.gateway, row.outcome) for row in Delivery.objects.all()] == [("outbox", "configuration")]
    assert not OutboxMessage.objects.exists()


def test_what_the_outbox_keeps_is_sealed(demo: Application):
    setting(demo, "Email.Gateways", "outbox")
    assert deliver(message(demo), seconds=2) == Verdict.ACCEPTED
    kept = OutboxMessage.objects.get()
    assert CODE not in kept.content
    assert EMAIL not in kept.content
    assert outbox_content(kept)["text"] == text_of(message(demo))


@pytest.mark.parametrize("name", ["M" * 40, "Ünïcödé ☃ Bänk", "日本語", ""])
def test_a_text_message_is_one_of_gsm_7(office: Application, name: str):
    setting(office, "product-name", name, "two-factor")
    text = text_of(message(office, Method.SMS, code="123456789", ordinal=10, minutes=60))
    assert set(text) <= wording.GSM
    assert len(text) <= wording.LONGEST
    assert text.endswith(
        "Your code is 123456789 (code 10). It is valid for 60 minutes. We never call you to ask for it."
    )
    assert ("Ünicödé Bänk:" in text) == name.startswith("Ü")


def test_neither_code_nor_destination_is_logged(office: Application, caplog, capsys):
    with listening(answer(b"", status="500 Oh")) as server:
        setting(office, "SMS.URL", f"http://127.0.0.1:{server.port}/[var:recipient]/[var:code]")
        deliver(message(office, Method.SMS), seconds=2)
        setting(office, "Email.SMTP.Host", "127.0.0.1")
        setting(office, "Email.SMTP.Port", server.port)
        deliver(message(office), seconds=2)
    told = caplog.text + "".join(capsys.readouterr())
    assert "delivery" in told
    for secret in (CODE, PHONE, PHONE[1:], EMAIL):
        assert secret not in told
