"""The decisions of reference part F about the MicroApp, 1 to 24, each through the REST face.

25 to 31 are those of ``/configuration/basicauth``: tests/accounts.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs

import pytest

from activity.models import SecurityEvent
from config.http.errors import Refusal
from environment.models import Application, Option
from environment.services.stamps import restamp
from tests.config.listening import Listening, answer, listening
from tests.twofactor.bad_servers import silent
from tests.twofactor.customer_services import Services, aimed, services
from tests.twofactor.mail_server import Inbox, mail_server
from tests.twofactor.playing import Ivr, expire, ivr_of, last_code, messages, other_than, row_of, steps_of
from tests.twofactor.sending import EMAIL, PHONE, setting
from tests.twofactor.services_cast import ROOTS, center_of, key_of, put, two_factor
from twofactor.checks import two_factor_applications
from twofactor.models import Challenge, Customer, FlowSession

pytestmark = pytest.mark.django_db


@pytest.fixture
def there(self_service: Application) -> Iterator[Services]:
    """The customer's services make and check the codes."""
    with services() as state:
        aimed(self_service, state, web_service_call_timeout="300")
        yield state


@pytest.fixture
def by_gateway(self_service: Application) -> Iterator[Listening]:
    """Text messages go by the generic gateway, to a server that takes all; 1004 has a number alone."""
    Customer.objects.create(contact_center=center_of(self_service), account="1004", phone=PHONE)
    setting(self_service, "SMS.Gateways", "http")
    with listening(answer()) as server:
        setting(self_service, "SMS.URL", f"http://127.0.0.1:{server.port}/sms")
        yield server


def wrongly(ivr: Ivr, session: dict[str, Any]) -> dict[str, Any]:
    return ivr.does(session, "code", code=other_than(last_code()))


def test_decision_01_a_code_has_its_tries_and_a_blank_path_means_another_code(ivr: Ivr) -> None:
    session = ivr.calls("1002")
    for sent in (1, 1, 2, 2, 2, 3):  # three tries of each code, which is the default
        session = wrongly(ivr, session)
        assert (session["state"], len(messages())) == ("enter", sent)
    assert ivr.does(session, "code", code=last_code())["path"] == "success"


def test_decision_01_one_try_and_a_blank_path_is_step_6_of_the_seed(ivr: Ivr) -> None:
    put(ivr.application, max_verify="1")
    session = wrongly(ivr, ivr.calls("1002"))
    assert (session["state"], len(messages())) == ("enter", 2)
    assert ivr.does(session, "code", code=last_code())["path"] == "success"


def test_decision_02_an_expired_code_is_another_code_and_never_the_verification_path(ivr: Ivr) -> None:
    put(ivr.application, max_verify="1", max_verify_path="agent", max_sends="2", max_sends_path="maxnoinput")
    session = ivr.calls("1002")
    expire(session)
    session = ivr.does(session, "code", code=last_code())
    assert (session["state"], row_of(session).sends_used, len(messages())) == ("enter", 2, 2)
    expire(session)
    assert ivr.does(session, "code", code=last_code())["path"] == "maxnoinput"


def test_decision_03_the_next_send_is_too_many_and_the_last_failure_is_enough(ivr: Ivr) -> None:
    put(ivr.application, max_sends="2", max_sends_path="agent", max_verify="2", max_verify_path="error")
    session = ivr.does(ivr.calls("1002"), "resend")
    assert session["state"] == "enter"
    assert ivr.does(session, "resend")["path"] == "agent"
    session = wrongly(ivr, ivr.calls("1002"))
    assert session["state"] == "enter"
    assert wrongly(ivr, session)["path"] == "error"


def test_decision_04_the_first_send_counts_and_a_failed_one_is_given_back_so_often(ivr: Ivr) -> None:
    put(ivr.application, max_delivery_failures="2", max_sends="9")
    session = ivr.calls("1002")
    assert row_of(session).sends_used == 1
    setting(ivr.application, "Email.Gateways", "smtp")
    with mail_server(Inbox(recipient="550 5.1.1 nobody")) as inbox:
        setting(ivr.application, "Email.SMTP.Host", "127.0.0.1")
        setting(ivr.application, "Email.SMTP.Port", inbox.port)
        used = []
        for _ in range(4):
            session = ivr.does(session, "resend")
            used.append(row_of(session).sends_used)
    assert used == [1, 1, 2, 3]


def test_decision_04_a_send_of_unknown_fate_counts(ivr: Ivr, by_gateway: Listening) -> None:
    with listening(silent) as mute:
        setting(ivr.application, "SMS.URL", f"http://127.0.0.1:{mute.port}/sms")
        setting(ivr.application, "SMS.Timeout", 200)
        session = ivr.calls("1004")
    assert (session["state"], row_of(session).sends_used) == ("enter", 1)


@pytest.mark.parametrize(("method", "times"), [("email", 1), ("SMS", 1), ("authenticator", 0)])
def test_decision_05_send_is_asked_for_mail_and_text_and_not_for_an_authenticator(
    ivr: Ivr, there: Services, method: str, times: int
) -> None:
    there.finds((method, ""))
    assert ivr.calls("any")["state"] == "enter"
    assert there.times("send") == times


@pytest.mark.parametrize("method", ["email", "authenticator"])
def test_decision_06_the_maximum_of_sends_counts_rounds_of_codes(ivr: Ivr, there: Services, method: str) -> None:
    there.finds((method, ""))
    there.verifies("incorrect code")
    put(ivr.application, max_sends="3", max_sends_path="agent", max_verify="2")
    session = ivr.calls("any")
    for used in (1, 2, 2, 3, 3):
        session = ivr.does(session, "code", code="123456")
        assert (session["state"], row_of(session).sends_used) == ("enter", used)
    assert ivr.does(session, "code", code="123456")["path"] == "agent"


def test_decision_07_the_web_service_timeout_is_how_long_an_external_code_lives(ivr: Ivr, there: Services) -> None:
    put(ivr.application, web_service_timeout="90000", code_expiration="60")
    session = ivr.calls("any")
    code = Challenge.objects.get()
    assert code.expires_at - code.issued_at == timedelta(milliseconds=90_000)
    expire(session)
    assert ivr.does(session, "code", code="123456")["state"] == "enter"
    assert (there.times("verify"), there.times("send")) == (0, 2)


def test_decision_07_a_call_of_a_service_has_a_time_of_its_own(ivr: Ivr, there: Services) -> None:
    put(ivr.application, web_service_timeout="600000", web_service_call_timeout="200")
    there.verify = silent
    assert ivr.does(ivr.calls("any"), "code", code="123456")["path"] == "error"


def test_decision_08_methods_are_read_in_any_case_and_told_in_one(ivr: Ivr, there: Services) -> None:
    there.finds(("EMail", EMAIL), ("sMs", PHONE), ("AUTHENTICATOR", ""), ("sms", "+14155550199"), ("fax", "1"))
    session = ivr.calls("any")
    assert [each["method"] for each in session["prompt"]["choices"]] == ["email", "sms", "authenticator"]
    told = []
    for method in ("email", "sms", "authenticator"):
        told.append(ivr.does(ivr.calls("any"), "method", method=method)["variables"]["TwoFactorAuthSelectedMethod"])
    assert told == ["Email", "SMS", "Authenticator"]
    assert [sent["TwoFactorAuthSelectedMethod"] for path, sent in there.asked if path == "/send"] == ["Email", "SMS"]


@pytest.mark.parametrize(("told", "path"), [("incorrect code", "error"), ("agent", "agent"), ("who knows", "error")])
def test_decision_09_a_send_says_success_or_a_path_or_has_failed(
    ivr: Ivr, there: Services, told: str, path: str
) -> None:
    there.sends(told)
    session = ivr.calls("any")
    assert (session["state"], session["path"]) == ("ended", path)


def test_decision_10_not_found_with_methods_and_success_without_are_the_same(ivr: Ivr, there: Services) -> None:
    put(ivr.application, no_method_path="agent")
    there.finds(("email", EMAIL), told="not found")
    assert ivr.calls("any")["path"] == "agent"
    there.finds()
    assert ivr.calls("any")["path"] == "agent"
    there.finds(("fax", "1"))
    assert ivr.calls("any")["path"] == "agent"


def test_decision_11_the_services_value_wins_over_the_variable_and_that_is_kept(ivr: Ivr, there: Services) -> None:
    there.finds(("email", EMAIL), ("sms", ""))
    given = {"CustomerEmail": "old@customer.example", "CustomerPhone": PHONE}
    session = ivr.calls("any", variables=given)
    assert session["variables"] == {"CustomerEmail": EMAIL}
    assert [each["label"].rpartition(" ")[2] for each in session["prompt"]["choices"]] == ["j…@c….example", "…42"]
    assert row_of(session).steps.get(name="methods.checked").detail["replaced"] == ["CustomerEmail"]


def test_decision_12_an_authenticator_is_offered_to_who_enrolled_one_while_the_switch_is_on(ivr: Ivr) -> None:
    assert ivr.calls("1001")["state"] == "enter"
    put(ivr.application, internal_authenticator="false", no_method_path="agent")
    assert ivr.calls("1001")["path"] == "agent"


def test_decision_12_a_service_cannot_offer_one_that_nobody_enrolled(ivr: Ivr, there: Services) -> None:
    put(ivr.application, code_generation="internal", no_method_path="agent")
    there.finds(("authenticator", ""))
    assert ivr.calls("1002")["path"] == "agent"
    assert ivr.calls("1001")["state"] == "enter"


def test_decision_13_the_services_are_asked_by_a_form_or_where_so_set_by_get(ivr: Ivr, there: Services) -> None:
    put(ivr.application, web_service_variables="Language, CustomerPhone")
    ivr.calls("any", callId="c-7", cli=PHONE, dnis="800", variables={"Language": "dé", "Other": "x"})
    told = there.last("send")
    assert {name: told[name] for name in ("AccountNumber", "callId", "CLI", "DNIS", "IsTestCall")} == {
        "AccountNumber": "any", "callId": "c-7", "CLI": PHONE, "DNIS": "800", "IsTestCall": "false",
    }  # fmt: skip
    assert (told["Language"], "Other" in told, len(told["sessionId"])) == ("dé", False, 32)
    assert all(request.startswith(b"POST ") for request in there.server.requests)
    put(ivr.application, web_service_method="GET")
    ivr.calls("any")
    assert there.server.requests[-1].startswith(b"GET /send?")


def test_decision_14_only_the_best_hypothesis_is_told_and_only_once(ivr: Ivr, there: Services) -> None:
    there.verifies("incorrect code")
    ivr.does(ivr.calls("any"), "code", code="123456")
    assert [name for name in there.last("verify") if name.startswith("authCode")] == ["authCode_nbest1"]
    assert there.times("verify") == 1


def test_decision_15_placeholders_are_encoded_by_the_bodys_type(ivr: Ivr, by_gateway: Listening) -> None:
    setting(ivr.application, "product-name", 'The "Bank"', "two-factor")
    setting(ivr.application, "SMS.RequestBody", '{"to": "[var:recipient]", "text": "[var:message]", "c": "[var:code]"}')
    session = ivr.calls("1004")
    told = json.loads(by_gateway.requests[-1].partition(b"\r\n\r\n")[2])
    assert told["text"].startswith('The "Bank": Your code is ' + told["c"])
    assert ivr.does(session, "code", code=told["c"])["path"] == "success"


def test_decision_16_headers_are_quoted_pairs_split_at_the_first_colon(ivr: Ivr, by_gateway: Listening) -> None:
    setting(ivr.application, "SMS.RequestHeaders", '"X-Key:a,b:c", Accept:text/plain')
    ivr.calls("1004")
    assert b"x-key: a,b:c\r\n" in by_gateway.requests[-1]
    assert b"accept: text/plain\r\n" in by_gateway.requests[-1]
    with pytest.raises(Refusal):
        setting(ivr.application, "SMS.RequestHeaders", '"X-Key:a\r\nHost:b"')


@pytest.mark.parametrize(("plus", "number"), [("true", PHONE), ("false", PHONE[1:])])
def test_decision_17_the_plus_is_put_there_or_removed(ivr: Ivr, by_gateway: Listening, plus: str, number: str) -> None:
    setting(ivr.application, "SMS.PlusSymbolBeforeRecipientNumber", plus)
    setting(ivr.application, "SMS.RequestBody", "to=[var:recipient]&text=[var:message]")
    ivr.calls("1004")
    form = parse_qs(by_gateway.requests[-1].partition(b"\r\n\r\n")[2].decode(), strict_parsing=True)
    assert form["to"] == [number]


def test_decision_18_codes_have_six_digits_or_four_to_nine_with_a_warning_below_six(ivr: Ivr) -> None:
    assert (ivr.calls("1002")["prompt"]["length"], len(last_code())) == (6, 6)
    for digits in ("4", "9"):
        put(ivr.application, digits=digits)
        assert (ivr.calls("1002")["prompt"]["length"], len(last_code())) == (int(digits), int(digits))
        warned = [each for each in two_factor_applications(None) if "too easy to guess" in each.words]
        assert len(warned) == (1 if digits == "4" else 0)
    for digits in ("3", "10"):
        with pytest.raises(Refusal):
            put(ivr.application, digits=digits)


def test_decision_19_who_passed_is_skipped_in_the_same_call_for_a_while_only(ivr: Ivr) -> None:
    ivr.does(ivr.calls("1002", callId="c-1"), "code", code=last_code())
    assert ivr.calls("1002", callId="c-1")["path"] == "success"
    assert ivr.calls("1002", callId="c-2")["state"] == "enter"
    assert ivr.calls("1000", callId="c-1")["state"] == "select"
    FlowSession.objects.filter(authenticated_at__isnull=False).update(
        authenticated_at=row_of(ivr.calls("1002")).started_at - timedelta(minutes=61)
    )
    assert ivr.calls("1002", callId="c-1")["state"] == "enter"
    put(ivr.application, skip_authenticated="false")
    ivr.does(ivr.calls("1002", callId="c-3"), "code", code=last_code())
    assert ivr.calls("1002", callId="c-3")["state"] == "enter"


def test_decision_20_a_path_that_is_gone_is_error_and_a_missing_one_is_refused_before(ivr: Ivr) -> None:
    with pytest.raises(Refusal):
        put(ivr.application, no_method_path="VIP Desk")
    put(ivr.application, paths="VIP Desk", no_method_path="VIP Desk")
    assert ivr.calls("1003")["path"] == "VIP Desk"
    # Behind the services' back, as an old copy of the settings would be.
    Option.objects.filter(application=ivr.application, name="paths").update(value="")
    restamp(ivr.application.contact_center_id)
    session = ivr.calls("1003")
    assert session["path"] == "error"
    assert row_of(session).steps.get(name="path.missing").outcome == "VIP Desk"


def test_decision_22_another_code_is_new_and_takes_the_place_of_the_old_one_when_it_was_taken(ivr: Ivr) -> None:
    session = ivr.does(ivr.calls("1002"), "resend")
    first, second = (each["code"] for each in messages())
    assert Challenge.objects.get(ordinal=1).superseded_at is not None
    if first != second:
        assert ivr.does(session, "code", code=first)["state"] == "enter"
    setting(ivr.application, "Email.Gateways", "smtp")  # has no host: a sure failure
    session = ivr.does(session, "resend")
    assert Challenge.objects.get(ordinal=2).superseded_at is None
    assert ivr.does(session, "code", code=second)["path"] == "success"


def test_decision_23_test_calls_have_their_own_services_and_nothing_of_them_is_sent(
    ivr: Ivr, there: Services, self_service: Application
) -> None:
    with services() as trial:
        urls = {f"{name}_url_test": f"http://127.0.0.1:{trial.port}/{name}" for name in ("check", "send", "verify")}
        put(self_service, **urls)
        session = ivr.does(ivr.calls("any", testCall=True), "code", code="1234")
        assert (session["path"], row_of(session).test_call) == ("success", True)
        assert [path for path, _sent in trial.asked] == ["/check", "/send", "/verify"]
    assert there.server.connections == 0
    assert {event.detail["test_call"] for event in SecurityEvent.objects.filter(name__startswith="two-factor")} == {
        True
    }


def test_decision_23_a_test_call_has_the_same_limits(ivr: Ivr) -> None:
    put(ivr.application, max_sends="1", max_sends_path="agent", test_destinations=f"{EMAIL}=246810")
    session = ivr.calls("1002", testCall=True)
    assert messages() == []
    assert ivr.does(session, "resend")["path"] == "agent"
    session = ivr.does(ivr.calls("1002", testCall=True), "code", code="246810")
    assert session["path"] == "success"


def test_decision_24_strict_hides_mail_and_text_messages_without_something_better(ivr: Ivr) -> None:
    assert ivr.calls("1002")["state"] == "enter"
    assert any("E-mail is offered" in each.words for each in two_factor_applications(None))
    put(ivr.application, strict="true", no_method_path="agent")
    assert ivr.calls("1002")["path"] == "agent"
    Customer.objects.filter(account="1002").update(phone=PHONE)
    assert ivr.calls("1002")["path"] == "agent"
    assert [each["method"] for each in ivr.calls("1000")["prompt"]["choices"]] == ["sms", "authenticator"]
    assert not any("E-mail is offered" in each.words for each in two_factor_applications(None))


@pytest.mark.django_db(transaction=True)
def test_decision_21_the_micro_app_runs_on_our_own_services(
    self_service: Application, encoded_password: str, live_server: Any
) -> None:
    put(None, outgoing_hosts="localhost, 127.0.0.1, ::1")
    put(self_service, reveal_values="true")
    _key, plain = key_of(self_service)
    here = f"{live_server.url}/twofactor/services/key/{plain}"
    roots = {f"{name}_url": f"{here}/{root}" for name, root in zip(("check", "send", "verify"), ROOTS, strict=True)}
    both = roots | {f"{name}_test": url for name, url in roots.items()}
    caller = ivr_of(
        two_factor(self_service.contact_center, "Front", code_generation="external", **both), encoded_password
    )
    session = caller.calls("1000")
    assert [each["method"] for each in session["prompt"]["choices"]] == ["email", "sms", "authenticator"]
    session = caller.does(session, "method", method="email")
    session = caller.does(session, "code", code=other_than(last_code()))
    assert session["state"] == "enter"
    session = caller.does(session, "code", code=last_code())
    assert (session["state"], session["path"]) == ("ended", "success")
    asked = [each for each in steps_of(session) if each.startswith("ws.")]
    assert asked == ["ws.check", "ws.send", "ws.verify", "ws.verify"]
