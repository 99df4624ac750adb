"""What an attacker tried, and what a reader found; each of these failed once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from environment.models import Application
from environment.services import application_update
from tests.cast import at_once
from tests.twofactor.playing import Ivr, last_code, messages, other_than, row_of
from tests.twofactor.sending import EMAIL, PHONE, home, setting
from twofactor.flow.provider import provider_send, provider_verify
from twofactor.flow.usable import phone_of
from twofactor.models import Caller, Challenge, Customer, FlowSession, Guard

pytestmark = pytest.mark.django_db
LIMITS = "two-factor-limits"


def send(application: Application, account: str = "1002", **words: Any) -> str:
    return provider_send(application=application, opener="key:1", account=account, method="email", **words)


def verify(application: Application, code: str, account: str = "1002", **words: Any) -> str:
    return provider_verify(application=application, opener="key:1", account=account, code=code, **words)


def test_strangers_cannot_use_up_what_an_owners_destination_may_have(ivr: Ivr, self_service: Application) -> None:
    setting(self_service, "destination-sends-day", 5, LIMITS)
    for number in range(6):
        ivr.does(ivr.calls("1000", cli=f"+1415555020{number}"), "method", method="sms")
    assert len(messages()) == 4
    owner = ivr.does(ivr.calls("1000", cli=PHONE), "method", method="sms")
    assert (owner["state"], len(messages())) == ("enter", 5)


def test_spellings_of_one_number_share_their_counters(ivr: Ivr, self_service: Application) -> None:
    setting(self_service, "max-verify", 10, "two-factor")
    for cli in (PHONE, "+1 415 555 0142", "+1--4155550142", "0014155550142"):
        session = ivr.does(ivr.calls("1000", cli=cli), "method", method="email")
        ivr.does(session, "code", code=other_than(last_code()))
    (guard,) = Guard.objects.all()
    assert (guard.kind, guard.failures) == ("pair", 4)


@pytest.mark.parametrize("account", ["acct", "ACCT", "Acct"])
def test_spellings_of_one_account_share_their_counters(ivr: Ivr, self_service: Application, account: str) -> None:
    Customer.objects.create(contact_center=home(self_service), account="acct", email=EMAIL)
    session = ivr.calls(account)
    assert row_of(session).account == "acct"


def test_a_long_account_of_letters_that_fold_to_two_is_counted(ivr: Ivr, self_service: Application) -> None:
    name = "ß" * 200
    Customer.objects.create(contact_center=home(self_service), account=name, email=EMAIL)
    session = ivr.calls(name)
    assert ivr.does(session, "code", code=other_than(last_code()))["state"] == "enter"


def test_a_stranger_does_not_join_the_owners_call_of_the_services(self_service: Application) -> None:
    for _ in range(4):
        send(self_service, cli="+14155550200")
    assert send(self_service, cli=PHONE) == "success"
    code = last_code()
    for _ in range(3):
        assert verify(self_service, other_than(code), cli="+14155550200") != "success"
    assert verify(self_service, code, cli=PHONE) == "success"


def test_a_production_check_does_not_join_a_test_call(self_service: Application) -> None:
    setting(self_service, "test-destinations", f"{EMAIL}=918273", "two-factor")
    assert send(self_service, test_call=True) == "success"
    assert messages() == []
    assert verify(self_service, "918273") == "incorrect code"
    assert send(self_service) == "success"
    assert len(messages()) == 1
    assert verify(self_service, "918273", test_call=True) == "success"


def test_send_and_verify_join_by_either_name(self_service: Application) -> None:
    assert send(self_service, session_key="s-1", call_id="c-1") == "success"
    assert verify(self_service, last_code(), call_id="c-1") == "success"


def test_a_call_whose_time_was_over_is_followed_by_another(self_service: Application) -> None:
    send(self_service, call_id="c-1")
    FlowSession.objects.update(state="ended", path="hangup", ended_at=timezone.now())
    assert send(self_service, call_id="c-1") == "success"


@pytest.mark.django_db(transaction=True)
def test_first_sends_at_once_are_one_call(self_service: Application) -> None:
    setting(self_service, "resend-cool-down", 30, LIMITS)
    answers = at_once([lambda: send(self_service, session_key="s-1")] * 4)
    assert sorted(map(str, answers)) == ["limited"] * 3 + ["success"]
    assert (FlowSession.objects.count(), len(messages())) == (1, 1)
    assert verify(self_service, last_code(), session_key="s-1") == "success"


def test_a_skip_does_not_renew_the_time_of_the_proof(ivr: Ivr, self_service: Application) -> None:
    session = ivr.does(ivr.calls("1002", callId="c-1"), "code", code=last_code())
    assert session["path"] == "success"
    assert ivr.calls("1002", callId="c-1")["path"] == "success"
    FlowSession.objects.filter(pk=session["id"]).update(authenticated_at=timezone.now() - timedelta(minutes=61))
    assert ivr.calls("1002", callId="c-1")["state"] == "enter"


def test_who_is_unbound_or_switched_off_is_refused_on_the_next_call(ivr: Ivr, self_service: Application) -> None:
    session = ivr.calls("1002")
    application_update(self_service, enabled=False)
    assert ivr.post(f"/{session['id']}/code", {"code": last_code()}).status_code == 404
    application_update(self_service, enabled=True)
    Caller.objects.all().delete()
    assert ivr.post(f"/{session['id']}/code", {"code": last_code()}).status_code == 404
    assert ivr.get(f"/{session['id']}").status_code == 404


def test_a_code_whose_last_try_died_with_its_process_is_ended_later(ivr: Ivr, self_service: Application) -> None:
    setting(self_service, "max-verify-path", "agent", "two-factor")
    session = ivr.calls("1002")
    Challenge.objects.update(attempts=3, tried_at=timezone.now())
    assert ivr.does(session, "code", code=last_code())["state"] == "enter"
    Challenge.objects.update(tried_at=timezone.now() - timedelta(minutes=2))
    assert ivr.does(session, "code", code=last_code())["path"] == "agent"


def test_after_a_failed_resend_the_call_has_the_old_codes_method(ivr: Ivr, self_service: Application) -> None:
    session = ivr.does(ivr.calls("1000"), "method", method="email")
    code = last_code()
    setting(self_service, "SMS.Gateways", "http")  # has no address
    session = ivr.does(session, "resend", method="sms")
    assert session["prompt"]["text"].startswith("We could not send the code that way.")
    assert session["variables"]["TwoFactorAuthSelectedMethod"] == "Email"
    assert row_of(session).method == "email"
    assert ivr.does(session, "code", code=code)["path"] == "success"


def test_a_system_that_checks_too_often_is_told_so_and_its_call_goes_on(ivr: Ivr, self_service: Application) -> None:
    setting(self_service, "credential-checks-hour", 1, LIMITS)
    session = ivr.calls("1002")
    ivr.does(session, "code", code=other_than(last_code()))
    refused = ivr.post(f"/{session['id']}/code", {"code": last_code()})
    assert (refused.status_code, "Retry-After" in refused.headers) == (429, True)
    setting(self_service, "credential-checks-hour", 0, LIMITS)
    assert ivr.does(session, "code", code=last_code())["path"] == "success"


@pytest.mark.parametrize(
    ("written", "read"), [("+14155550142", PHONE), ("0014155550142", PHONE), ("4155550142", ""), ("2079460958", "")]
)
def test_no_country_is_guessed(written: str, read: str) -> None:
    assert phone_of(written) == read
