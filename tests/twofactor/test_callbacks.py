"""What Twilio reports afterwards: believed by its signature only, never backwards."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from environment.models import Application
from tests.twofactor.sending import setting
from tests.twofactor.twilio_server import TOKEN, report, signature
from twofactor.delivery.outcomes import Outcome, Tried
from twofactor.models import Challenge, Delivery, FlowSession
from twofactor.services.deliveries import delivery_end

pytestmark = pytest.mark.django_db
BASE = "https://desk.bank.example"
SM = "SM" + "b" * 32


@pytest.fixture
def sent(office: Application, settings) -> Delivery:
    """A message that Twilio took."""
    settings.DESKGATE_PUBLIC_URL = BASE
    setting(office, "SMS.Twilio.AuthToken", TOKEN)
    now = timezone.now()
    session = FlowSession.objects.create(
        application=office, face="rest", opener="x", account="1000", ends_at=now + timedelta(minutes=5)
    )
    challenge = Challenge.objects.create(
        session=session, ordinal=1, method="sms", issued_at=now, expires_at=now + timedelta(minutes=5), max_attempts=3
    )
    return Delivery.objects.create(
        application=office,
        challenge=challenge,
        channel="sms",
        gateway="twilio",
        outcome="accepted",
        provider_id=SM,
        made_at=now,
    )


def url(delivery: Delivery) -> str:
    return f"{BASE}/twofactor/callbacks/twilio/{delivery.pk}"


def state(delivery: Delivery) -> tuple[str, str, bool]:
    delivery.refresh_from_db()
    assert delivery.challenge
    delivery.challenge.refresh_from_db()
    return delivery.status, delivery.provider_code, delivery.challenge.undelivered


@pytest.mark.parametrize("status", ["undelivered", "failed", "canceled"])
def test_a_message_that_will_not_arrive_marks_its_code(sent: Delivery, status: str):
    answer = report(url(sent), status, MessageSid=SM, ErrorCode="30003")
    assert (answer.status_code, answer.content) == (204, b"")
    assert state(sent) == (status, "30003", True)


@pytest.mark.parametrize(
    ("reports", "last", "lost"),
    [
        (["queued", "sent", "delivered"], "delivered", False),
        (["delivered", "sent", "queued"], "delivered", False),
        (["sent", "sending"], "sent", False),
        (["delivered", "undelivered"], "delivered", False),
        (["undelivered", "delivered"], "undelivered", True),
        (["failed", "sent", "failed"], "failed", True),
        (["sent", "some-new-word", ""], "sent", False),
        (["DELIVERED"], "delivered", False),
    ],
)
def test_a_status_never_goes_back_and_a_final_one_stays(sent: Delivery, reports, last, lost):
    for status in reports:
        assert report(url(sent), status, MessageSid=SM).status_code == 204
    assert (state(sent)[0], state(sent)[2]) == (last, lost)


@pytest.mark.parametrize(
    "forge",
    [
        lambda row: report(url(row), "failed", MessageSid=SM, token="another"),
        lambda row: report(url(row), "failed", MessageSid=SM, signed=""),
        lambda row: report(url(row), "failed", MessageSid=SM, signed="é"),
        # Signed for another status, for another delivery, for the host that the request names.
        lambda row: report(
            url(row),
            "failed",
            MessageSid=SM,
            signed=signature(url(row), {"MessageStatus": "sent", "AccountSid": "x", "MessageSid": SM}),
        ),
        lambda row: report(url(row), "failed", signed=signature(url(row)[:-1] + "0", {"MessageStatus": "failed"})),
        lambda row: report(f"http://testserver/twofactor/callbacks/twilio/{row.pk}", "failed", MessageSid=SM),
        lambda row: report(url(row), "failed", MessageSid="SM" + "c" * 32),
        lambda row: report(url(row), "failed"),
    ],
    ids=["token", "unsigned", "no-ascii", "status", "delivery", "host", "another-message", "no-message"],
)
def test_a_forged_report_changes_nothing(sent: Delivery, forge):
    assert forge(sent).status_code == 403
    assert state(sent) == ("", "", False)


def test_nobody_learns_which_deliveries_there_are(sent: Delivery):
    def told(where: str):
        answer = report(where, "failed", token="another", MessageSid=SM)
        return answer.status_code, answer.json()

    assert told(url(sent)) == told(url(sent)[:-4] + "0000")
    for other in (f"{url(sent)[:-4]}0000", f"{url(sent)}0", f"{url(sent)[:-32]}x", f"{url(sent)[:-32]}é"):
        assert report(other, "failed", MessageSid=SM).status_code == 403


@pytest.mark.parametrize("token", ["", "-"])
def test_without_a_token_of_ours_no_report_is_believed(sent: Delivery, office: Application, token: str):
    setting(office, "SMS.Twilio.AuthToken", "")
    assert report(url(sent), "failed", token=token, MessageSid=SM).status_code == 403
    assert state(sent) == ("", "", False)


def test_a_delivery_of_another_gateway_is_reported_by_nobody(sent: Delivery):
    Delivery.objects.update(gateway="http")
    assert report(url(sent), "failed", MessageSid=SM).status_code == 403


def test_the_query_is_part_of_what_is_signed(sent: Delivery):
    assert report(url(sent) + "?a=1&b=%2F", "sent", MessageSid=SM).status_code == 204
    signed = signature(url(sent), {"MessageStatus": "failed", "AccountSid": "x"})
    assert report(url(sent) + "?a=1", "failed", signed=signed).status_code == 403


def test_a_report_that_is_faster_than_the_answer_is_kept(sent: Delivery):
    Delivery.objects.update(provider_id="", outcome="unknown")
    assert report(url(sent), "undelivered", MessageSid=SM, ErrorCode="30006").status_code == 204
    delivery_end(delivery=sent, tried=Tried(Outcome.ACCEPTED, status=201, provider_id=SM), ms=12)
    sent.refresh_from_db()
    assert (sent.outcome, sent.status, sent.provider_code, sent.provider_id) == ("accepted", "undelivered", "30006", SM)


@pytest.mark.parametrize("method", ["get", "put", "delete"])
def test_only_post_is_answered(sent: Delivery, client, method: str):
    assert getattr(client, method)(f"/twofactor/callbacks/twilio/{sent.pk}").status_code == 405
