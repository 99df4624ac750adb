"""Every row of the state table (reference part E.2), by its number, through the REST face."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from environment.models import Application
from tests.twofactor.playing import (
    Ivr,
    expire,
    last_code,
    messages,
    other_than,
    row_of,
    steps_of,
)
from tests.twofactor.sending import setting
from twofactor.flow.table import TABLE
from twofactor.models import Challenge, Customer, FlowSession, Guard

pytestmark = pytest.mark.django_db


def set_(application: Application, **options: object) -> None:
    """Set options of the settings page; underscores stand for hyphens."""
    for name, value in options.items():
        setting(application, name.replace("_", "-"), value, "two-factor")


def passed(ivr: Ivr, **words: Any) -> dict[str, Any]:
    """A call of 1002 that ends in success."""
    session = ivr.calls("1002", **words)
    return ivr.does(session, "code", code=last_code())


def test_the_table_has_every_row_but_37_which_is_answered_before_it() -> None:
    assert {row.number for row in TABLE} == set(range(1, 40)) - {37}


def test_row_1_who_has_passed_in_this_call_is_not_asked_again(ivr: Ivr) -> None:
    assert passed(ivr, callId="c-1")["path"] == "success"
    again = ivr.calls("1002", callId="c-1")
    assert (again["state"], again["path"]) == ("ended", "success")
    assert len(messages()) == 1
    assert "skip.used" in steps_of(again)


@pytest.mark.parametrize("words", [{"callId": "c-2"}, {"callId": ""}, {"callId": "c-1", "testCall": True}])
def test_row_1_another_call_is_asked(ivr: Ivr, words: dict[str, Any]) -> None:
    passed(ivr, callId="c-1")
    assert ivr.calls("1002", **words)["state"] != "ended" or words.get("testCall")


def test_row_2_a_session_is_made_and_told(ivr: Ivr) -> None:
    session = ivr.calls("1000", callId="c-9", cli="+14155550142", dnis="+18005550100")
    row = row_of(session)
    assert (row.call_id, row.cli, row.dnis, row.account) == ("c-9", "+14155550142", "+18005550100", "1000")
    assert len(session["id"]) == 32


def test_row_3_variables_are_set_from_values(ivr: Ivr, self_service: Application) -> None:
    set_(self_service, reveal_values="true")
    session = ivr.calls("1000")
    assert session["variables"] == {"CustomerEmail": "jo@customer.example", "CustomerPhone": "+14155550142"}


@pytest.mark.parametrize("account", ["1003", "nobody"])
def test_row_4_without_a_usable_method_the_configured_path_is_taken(
    ivr: Ivr, self_service: Application, account: str
) -> None:
    set_(self_service, no_method_path="agent")
    session = ivr.calls(account)
    assert (session["state"], session["path"], session["prompt"]) == ("ended", "agent", None)


def test_row_7_a_single_method_is_not_asked_for(ivr: Ivr) -> None:
    session = ivr.calls("1002")
    assert session["state"] == "enter"
    assert session["prompt"]["input"] == "digits"
    assert session["variables"]["TwoFactorAuthSelectedMethod"] == "Email"
    assert len(messages()) == 1


def test_row_8_several_methods_make_a_menu_in_their_order(ivr: Ivr) -> None:
    session = ivr.calls("1000")
    assert (session["state"], session["prompt"]["input"]) == ("select", "menu")
    assert session["prompt"]["choices"] == [
        {"key": "1", "method": "email", "label": "by e-mail to j…@c….example"},
        {"key": "2", "method": "sms", "label": "by text message to …42"},
        {"key": "3", "method": "authenticator", "label": "your authenticator app"},
    ]
    assert messages() == []


@pytest.mark.parametrize("body", [{"choice": "2"}, {"choice": 2}, {"method": "sms"}, {"method": "SMS"}])
def test_row_9_a_choice_sends_the_code(ivr: Ivr, body: dict[str, Any]) -> None:
    session = ivr.does(ivr.calls("1000"), "method", **body)
    assert session["state"] == "enter"
    assert session["variables"]["TwoFactorAuthSelectedMethod"] == "SMS"
    assert [each["channel"] for each in messages()] == ["sms"]


@pytest.mark.parametrize("choice", ["", "7"])
def test_row_10_no_input_or_no_match_is_asked_again(ivr: Ivr, choice: str) -> None:
    session = ivr.does(ivr.calls("1000"), "method", choice=choice)
    assert session["state"] == "select"
    assert session["prompt"]["text"].startswith("We did not get that. Press 1")


@pytest.mark.parametrize(("choice", "path"), [("", "maxnoinput"), ("7", "maxnomatch")])
def test_row_11_when_the_rounds_are_gone_the_path_is_taken(ivr: Ivr, choice: str, path: str) -> None:
    session = ivr.calls("1000")
    for _ in range(3):
        session = ivr.does(session, "method", choice=choice)
    assert (session["state"], session["path"]) == ("ended", path)


def test_row_12_a_send_beyond_the_maximum_takes_the_send_path(ivr: Ivr, self_service: Application) -> None:
    set_(self_service, max_sends=2, max_sends_path="agent")
    session = ivr.does(ivr.calls("1002"), "resend")
    assert session["state"] == "enter"
    session = ivr.does(session, "resend")
    assert (session["path"], len(messages())) == ("agent", 2)


def test_row_13_a_limit_keeps_the_old_code_good(ivr: Ivr, self_service: Application) -> None:
    session = ivr.calls("1002")
    setting(self_service, "resend-cool-down", 30, "two-factor-limits")
    told = ivr.does(session, "resend")
    assert told["state"] == "enter"
    assert 0 < told["retryAfter"] <= 30
    assert len(messages()) == 1
    assert ivr.does(session, "code", code=last_code())["path"] == "success"


def test_row_13_a_limit_without_an_old_code_takes_the_send_path(ivr: Ivr, self_service: Application) -> None:
    set_(self_service, max_sends_path="agent")
    setting(self_service, "account-sends-hour", 1, "two-factor-limits")
    assert ivr.calls("1002")["state"] == "enter"
    session = ivr.calls("1002")
    assert (session["path"], len(messages())) == ("agent", 1)
    assert session["retryAfter"] > 0


def test_row_14_a_code_has_the_digits_of_the_settings(ivr: Ivr, self_service: Application) -> None:
    set_(self_service, digits=8)
    session = ivr.calls("1002")
    assert len(last_code()) == 8
    assert session["prompt"]["length"] == 8
    assert Challenge.objects.get().code_mac.count(last_code()) == 0


def test_row_15_a_new_code_supersedes_the_old_one(ivr: Ivr) -> None:
    session = ivr.calls("1002")
    first = last_code()
    session = ivr.does(session, "resend")
    assert "code 2" in session["prompt"]["text"]
    if first != last_code():
        assert ivr.does(session, "code", code=first)["state"] == "enter"
    assert ivr.does(session, "code", code=last_code())["path"] == "success"


def test_row_16_a_method_that_surely_failed_is_dropped(ivr: Ivr, self_service: Application) -> None:
    setting(self_service, "SMS.Gateways", "http")  # has no address: a failure of our configuration
    session = ivr.does(ivr.calls("1000"), "method", method="sms")
    assert session["state"] == "select"
    assert [each["method"] for each in session["prompt"]["choices"]] == ["email", "authenticator"]
    assert session["prompt"]["text"].startswith("We could not send the code that way.")
    assert row_of(session).sends_used == 0


def test_row_17_with_nothing_left_the_error_path_is_taken(ivr: Ivr, self_service: Application) -> None:
    setting(self_service, "Email.Gateways", "smtp")  # has no host
    session = ivr.calls("1002")
    assert (session["state"], session["path"]) == ("ended", "error")


def test_row_17_when_nothing_is_given_back_the_send_path_is_taken(ivr: Ivr, self_service: Application) -> None:
    set_(self_service, max_sends=1, max_sends_path="agent")
    setting(self_service, "Email.Gateways", "smtp")
    Customer.objects.filter(account="1002").update(phone="")
    session = ivr.calls("1002")
    assert session["path"] == "error"  # given back: the maximum is not reached


def test_row_23_blanks_and_the_hash_key_do_not_count(ivr: Ivr) -> None:
    session = ivr.calls("1002")
    spaced = " ".join(last_code()) + "#"
    assert ivr.does(session, "code", code=spaced)["path"] == "success"


@pytest.mark.parametrize(
    "typed", ["", "12345", "1234567", "12345a", "\uff11\uff12\uff13\uff14\uff15\uff16", "123456##", "-12345"]
)
def test_row_24_what_is_no_code_uses_no_verification_up(ivr: Ivr, typed: str) -> None:
    session = ivr.does(ivr.calls("1002"), "code", code=typed)
    assert session["state"] == "enter"
    assert Challenge.objects.get().attempts == 0
    assert ivr.does(session, "code", code=last_code())["path"] == "success"


@pytest.mark.parametrize(("typed", "path"), [("", "maxnoinput"), ("1", "maxnomatch")])
def test_row_24_when_the_rounds_are_gone_the_path_is_taken(ivr: Ivr, typed: str, path: str) -> None:
    session = ivr.calls("1002")
    for _ in range(3):
        session = ivr.does(session, "code", code=typed)
    assert session["path"] == path


def test_row_25_another_method_may_be_asked_for(ivr: Ivr) -> None:
    session = ivr.does(ivr.calls("1000"), "method", method="sms")
    session = ivr.does(session, "resend", method="email")
    assert [each["channel"] for each in messages()] == ["sms", "email"]
    assert session["variables"]["TwoFactorAuthSelectedMethod"] == "Email"
    assert ivr.does(session, "code", code=last_code())["path"] == "success"


def test_row_26_an_expired_code_is_not_compared_and_another_one_is_sent(ivr: Ivr) -> None:
    session = ivr.calls("1002")
    first = last_code()
    expire(session)
    session = ivr.does(session, "code", code=first)
    assert session["state"] == "enter"
    assert session["prompt"]["text"].startswith("That is not right.")
    assert len(messages()) == 2
    assert Challenge.objects.order_by("ordinal").first().attempts == 0  # type: ignore[union-attr]


def test_row_27_the_right_code_ends_in_success(ivr: Ivr) -> None:
    session = ivr.does(ivr.calls("1002"), "code", code=last_code())
    assert (session["state"], session["path"]) == ("ended", "success")
    assert row_of(session).authenticated_at is not None
    assert Challenge.objects.get().consumed_at is not None


def test_row_28_a_wrong_code_may_be_tried_again_and_counts(ivr: Ivr) -> None:
    session = ivr.does(ivr.calls("1002"), "code", code=other_than(last_code()))
    assert session["state"] == "enter"
    assert session["prompt"]["text"].startswith("That is not right.")
    assert {guard.failures for guard in Guard.objects.all()} == {1}
    assert ivr.does(session, "code", code=last_code())["path"] == "success"
    assert {guard.failures for guard in Guard.objects.all()} == {0}


def test_row_29_after_the_last_wrong_code_the_verification_path_is_taken(ivr: Ivr, self_service: Application) -> None:
    set_(self_service, max_verify=2, max_verify_path="agent")
    session = ivr.calls("1002")
    for _ in range(2):
        session = ivr.does(session, "code", code=other_than(last_code()))
    assert session["path"] == "agent"
    assert Challenge.objects.get().burnt_at is not None


def test_row_30_without_a_path_another_code_is_sent_until_the_sends_are_used_up(
    ivr: Ivr, self_service: Application
) -> None:
    set_(self_service, max_verify=1, max_sends=3, max_sends_path="agent")
    setting(self_service, "resend-cool-down", 30, "two-factor-limits")
    setting(self_service, "destination-pause", 30, "two-factor-limits")
    session = ivr.calls("1002")
    for sent in (2, 3):
        session = ivr.does(session, "code", code=other_than(last_code()))
        assert (session["state"], len(messages())) == ("enter", sent)
    session = ivr.does(session, "code", code=other_than(last_code()))
    assert (session["path"], len(messages())) == ("agent", 3)


def test_row_30_an_expired_code_never_takes_the_verification_path(ivr: Ivr, self_service: Application) -> None:
    set_(self_service, max_verify=1, max_verify_path="agent")
    session = ivr.calls("1002")
    expire(session)
    assert ivr.does(session, "code", code=last_code())["state"] == "enter"


def test_row_36_a_hang_up_ends_it_without_a_path_and_burns_its_codes(ivr: Ivr) -> None:
    session = ivr.calls("1002")
    ended = ivr.does(session, "hangup")
    assert (ended["state"], ended["path"]) == ("ended", "hangup")
    assert Challenge.objects.get().burnt_at is not None
    assert ivr.post(f"/{session['id']}/code", {"code": last_code()}).status_code == 409


def test_row_36_a_session_does_not_outlive_its_time(ivr: Ivr) -> None:
    session = ivr.calls("1002")
    FlowSession.objects.update(ends_at=timezone.now())
    assert ivr.post(f"/{session['id']}/code", {"code": last_code()}).status_code == 409
    assert ivr.get(f"/{session['id']}").json()["path"] == "hangup"


def test_row_37_the_same_request_gets_the_same_answer(ivr: Ivr, self_service: Application) -> None:
    body = {"application": self_service.name, "account": "1002"}
    first, second = (ivr.post("", body, **{"Idempotency-Key": "k-1"}) for _ in range(2))
    assert first.status_code == second.status_code == 201
    assert first.json() == second.json()
    assert len(messages()) == 1
    code = {"code": last_code()}
    path = f"/{first.json()['id']}/code"
    answers = [ivr.post(path, code, **{"Idempotency-Key": "k-2"}).json() for _ in range(2)]
    assert answers[0] == answers[1]
    assert answers[0]["path"] == "success"


def test_row_38_a_step_out_of_order_is_refused_and_changes_nothing(ivr: Ivr) -> None:
    session = ivr.calls("1000")
    for what in ("code", "resend"):
        refused = ivr.post(f"/{session['id']}/{what}", {"code": "123456"} if what == "code" else {})
        assert (refused.status_code, refused.json()["code"]) == (409, "out_of_order")
    assert ivr.get(f"/{session['id']}").json()["state"] == "select"


def test_row_39_a_locked_account_is_not_compared_and_takes_the_verification_path(
    ivr: Ivr, self_service: Application
) -> None:
    set_(self_service, max_verify_path="agent", max_verify=10)
    setting(self_service, "failures-before-wait", 2, "two-factor-limits")
    session = ivr.calls("1002")
    for _ in range(2):
        session = ivr.does(session, "code", code=other_than(last_code()))
    assert session["state"] == "enter"
    session = ivr.does(session, "code", code=last_code())
    assert session["path"] == "agent"
    assert "verify.locked" in steps_of(session)
