"""The rows of the state table (reference part E.2) that ask the customer's own services, each a real server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from environment.models import Application
from tests.config.listening import answer
from tests.twofactor.bad_servers import silent
from tests.twofactor.customer_services import Services, aimed, services
from tests.twofactor.playing import Ivr, messages, row_of, steps_of
from tests.twofactor.services_cast import put
from twofactor.models import Challenge, Guard

pytestmark = pytest.mark.django_db
BOTH = (("email", "jo@customer.example"), ("SMS", "+14155550142"))
CODE = "4711"


@pytest.fixture
def there(self_service: Application) -> Iterator[Services]:
    """The customer's services; a call may be led to "agent" and to "VIP Desk"."""
    with services() as state:
        aimed(self_service, state, paths="VIP Desk", web_service_call_timeout="300")
        yield state


def waiting(ivr: Ivr) -> dict[str, Any]:
    """A call that waits for its code."""
    session = ivr.calls("any")
    assert session["state"] == "enter", session
    return session


def tries(session: dict[str, Any]) -> list[int]:
    return list(Challenge.objects.filter(session=session["id"]).values_list("attempts", flat=True))


@pytest.mark.parametrize(("told", "path"), [("agent", "agent"), (" vip  DESK ", "VIP Desk"), ("error", "error")])
def test_row_05_a_status_that_is_a_valid_path_is_taken(ivr: Ivr, there: Services, told: str, path: str) -> None:
    there.finds(("email", "jo@customer.example"), told=told)
    session = ivr.calls("any")
    assert (session["state"], session["path"], session["prompt"]) == ("ended", path, None)
    assert (there.times("check"), there.times("send")) == (1, 0)


@pytest.mark.parametrize(
    ("said", "times", "outcome"),
    [
        (answer(b"", status="500 Oh"), 2, "http-500"),
        (silent, 2, "timeout"),
        (answer(b"<!doctype html><p>It works", "Content-Type: text/html"), 1, "not-xml"),
    ],
    ids=["500", "silent", "html"],
)
def test_row_06_a_check_that_fails_is_asked_once_more_and_takes_the_error_path(
    ivr: Ivr, there: Services, said: Any, times: int, outcome: str
) -> None:
    there.check = said
    session = ivr.calls("any")
    assert (session["state"], session["path"]) == ("ended", "error")
    assert there.times("check") == times
    step = row_of(session).steps.get(name="ws.check")
    assert step.outcome == outcome
    assert step.ms is not None


def test_row_06_a_status_that_is_no_path_takes_the_error_path(ivr: Ivr, there: Services) -> None:
    there.finds(told="queue seven")
    assert ivr.calls("any")["path"] == "error"
    assert there.times("check") == 1


@pytest.mark.parametrize(("key", "method"), [("1", "Email"), ("2", "SMS")])
def test_row_18_the_service_is_told_the_selected_method_and_the_send_counts(
    ivr: Ivr, there: Services, key: str, method: str
) -> None:
    there.finds(*BOTH)
    session = ivr.does(ivr.calls("any"), "method", choice=key)
    assert there.last("send")["TwoFactorAuthSelectedMethod"] == method
    assert there.last("send")["sessionId"] == session["id"]
    assert row_of(session).sends_used == 1
    assert messages() == []  # nothing is sent from here


def test_row_18_the_sends_of_external_codes_have_a_maximum_too(ivr: Ivr, there: Services) -> None:
    put(ivr.application, max_sends="2", max_sends_path="agent")
    session = ivr.does(waiting(ivr), "resend")
    assert session["state"] == "enter"
    assert ivr.does(session, "resend")["path"] == "agent"
    assert there.times("send") == 2


def test_row_19_nothing_is_sent_for_an_authenticator(ivr: Ivr, there: Services) -> None:
    there.finds(("authenticator", ""))
    put(ivr.application, prompt_wording="Google Authenticator")
    session = waiting(ivr)
    assert "Google Authenticator" in session["prompt"]["text"]
    assert there.times("send") == 0
    assert row_of(session).sends_used == 1


def test_row_20_a_send_that_succeeded_waits_for_the_code_of_the_grammar(ivr: Ivr, there: Services) -> None:
    put(ivr.application, enter_code_min_digits="3", enter_code_max_digits="7")
    prompt = waiting(ivr)["prompt"]
    assert (prompt["input"], prompt["minLength"], prompt["maxLength"]) == ("digits", 3, 7)
    assert Challenge.objects.get().sent_at is not None
    assert Challenge.objects.get().code_mac == ""


def test_row_21_incorrect_code_of_a_send_is_a_failure(ivr: Ivr, there: Services) -> None:
    there.finds(*BOTH)
    there.sends("incorrect code")
    session = ivr.does(ivr.calls("any"), "method", method="sms")
    # One method is left: it is not asked for; it fails as well.
    assert (session["state"], session["path"]) == ("ended", "error")
    assert [sent["TwoFactorAuthSelectedMethod"] for path, sent in there.asked if path == "/send"] == ["SMS", "Email"]
    assert row_of(session).sends_used == 0


@pytest.mark.parametrize(("told", "path"), [("agent", "agent"), ("VIP desk", "VIP Desk")])
def test_row_22_a_send_that_names_a_path_takes_it(ivr: Ivr, there: Services, told: str, path: str) -> None:
    there.sends(told)
    session = ivr.calls("any")
    assert (session["state"], session["path"]) == ("ended", path)
    assert Challenge.objects.get().burnt_at is not None


def test_row_31_a_try_is_counted_and_the_service_asked_with_the_best_hypothesis(ivr: Ivr, there: Services) -> None:
    there.verifies("incorrect code")
    session = ivr.does(waiting(ivr), "code", code=f" {CODE}#")
    told = there.last("verify")
    assert told["authCode_nbest1"] == CODE
    assert (told["sessionId"], told["AccountNumber"]) == (session["id"], "any")
    assert tries(session) == [1]


@pytest.mark.parametrize("typed", ["", "471", "12345678901", "47a1"])
def test_row_31_what_is_no_code_is_not_asked_about(ivr: Ivr, there: Services, typed: str) -> None:
    session = ivr.does(waiting(ivr), "code", code=typed)
    assert (session["state"], there.times("verify"), tries(session)) == ("enter", 0, [0])


def test_row_32_success_passes_once(ivr: Ivr, there: Services) -> None:
    session = ivr.does(waiting(ivr), "code", code=CODE)
    assert (session["state"], session["path"]) == ("ended", "success")
    assert row_of(session).authenticated_at is not None
    assert ivr.post(f"/{session['id']}/code", {"code": CODE}).status_code == 409
    assert there.times("verify") == 1


def test_row_33_incorrect_code_is_as_a_wrong_code(ivr: Ivr, there: Services) -> None:
    there.verifies("Incorrect  Code")
    put(ivr.application, max_verify="2", max_verify_path="agent")
    session = ivr.does(waiting(ivr), "code", code=CODE)
    assert (session["state"], session["prompt"]["text"][:17]) == ("enter", "That is not right")
    assert ivr.does(session, "code", code=CODE)["path"] == "agent"
    assert there.times("verify") == 2
    assert {guard.failures for guard in Guard.objects.all()} == {2}


def test_row_33_without_a_path_the_service_is_asked_for_another_code(ivr: Ivr, there: Services) -> None:
    there.verifies("incorrect code")
    put(ivr.application, max_verify="1", max_sends="2", max_sends_path="agent")
    session = ivr.does(waiting(ivr), "code", code=CODE)
    assert (session["state"], there.times("send")) == ("enter", 2)
    assert ivr.does(session, "code", code=CODE)["path"] == "agent"


def test_row_33_for_an_authenticator_another_code_is_the_prompt_again(ivr: Ivr, there: Services) -> None:
    there.finds(("authenticator", ""))
    there.verifies("incorrect code")
    put(ivr.application, max_verify="1", max_sends="2", max_sends_path="agent")
    session = ivr.does(waiting(ivr), "code", code=CODE)
    assert (session["state"], row_of(session).sends_used, there.times("send")) == ("enter", 2, 0)
    assert ivr.does(session, "code", code=CODE)["path"] == "agent"


@pytest.mark.parametrize(("told", "path"), [("agent", "agent"), ("VIP  desk", "VIP Desk"), ("error", "error")])
def test_row_34_a_status_that_is_a_valid_path_is_taken(ivr: Ivr, there: Services, told: str, path: str) -> None:
    there.verifies(told)
    session = ivr.does(waiting(ivr), "code", code=CODE)
    assert (session["state"], session["path"]) == ("ended", path)
    assert row_of(session).authenticated_at is None


@pytest.mark.parametrize(
    ("said", "outcome"),
    [
        (silent, "timeout"),
        (answer(b"", status="503 Busy"), "http-503"),
        (answer(b"<codeAuthentication>"), "not-xml"),
        (b"", "protocol"),
    ],
    ids=["silent", "503", "bad-xml", "hung-up"],
)
def test_row_35_a_check_of_a_code_that_fails_stays_counted_and_is_not_repeated(
    ivr: Ivr, there: Services, said: Any, outcome: str
) -> None:
    there.verify = said
    session = ivr.does(waiting(ivr), "code", code=CODE)
    assert (session["state"], session["path"]) == ("ended", "error")
    assert there.times("verify") == 1
    assert tries(session) == [1]
    # Nobody knows whether it was right: the account is not charged with it.
    assert {guard.failures for guard in Guard.objects.all()} == {0}
    assert row_of(session).steps.get(name="ws.verify").outcome == outcome


def test_row_35_an_unknown_status_is_an_error(ivr: Ivr, there: Services) -> None:
    there.verifies("maybe")
    session = ivr.does(waiting(ivr), "code", code=CODE)
    assert (session["path"], there.times("verify")) == ("error", 1)
    assert "path.taken" in steps_of(session)
