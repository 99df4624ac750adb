"""The customer's web services, asked by us: real servers of this machine that behave, and that do not."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable
from time import monotonic
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from environment.models import Application, ContactCenter
from tests.config.listening import Listening, answer, listening
from tests.twofactor.bad_servers import closed_port, dripping_body, endless, silent
from tests.twofactor.services_cast import put, two_factor
from twofactor.webservices.client import ServiceCaller, ServiceFailed, check_methods, send_code, verify_code
from twofactor.webservices.reading import LONGEST

pytestmark = pytest.mark.django_db
ANSWER = b"""<checkVerifiedContactMethods><status>success</status>
<methods><method name="email" value="ada@one.example"/><method name="SMS"/></methods></checkVerifiedContactMethods>"""
SENT = b"<sendAuthenticationCode><status>success </status></sendAuthenticationCode>"
WRONG = b"<codeAuthentication><status> Incorrect  code</status></codeAuthentication>"
CODE = "918273"


@pytest.fixture
def bank(t100: ContactCenter) -> Application:
    """An application that may ask servers of this machine."""
    put(None, outgoing_hosts="127.0.0.1", allow_http="true")
    return two_factor(t100)


def caller(application: Application, **more: Any) -> ServiceCaller:
    told = {"session_id": "s-1", "account": "47 11&x=1", "call_id": "c-1", "cli": "+14155550142", "dnis": "800"}
    return ServiceCaller(application, **told | more)


def aim(application: Application, server: Listening, path: str = "/ws") -> None:
    """All services' production addresses at this server; nobody listens at the test ones."""
    here, nowhere = f"http://127.0.0.1:{server.port}{path}", f"http://127.0.0.1:{closed_port()}/test"
    urls = {f"{service}_url": here for service in ("check", "send", "verify")}
    put(application, **urls, **dict.fromkeys((f"{name}_test" for name in urls), nowhere))


def form_of(server: Listening) -> dict[str, str]:
    """What the only request's body says."""
    body = server.request.partition("\r\n\r\n")[2]
    return {name: values[0] for name, values in parse_qs(body, keep_blank_values=True, strict_parsing=True).items()}


def target_of(server: Listening) -> str:
    return server.request.split(" ", 2)[1]


def reason(ask: Callable[[], Any]) -> str:
    with pytest.raises(ServiceFailed) as failed:
        ask()
    assert not failed.value.__cause__
    return failed.value.reason


def test_a_check_brings_status_and_methods(bank: Application) -> None:
    with listening(answer(ANSWER)) as server:
        aim(bank, server)
        found = check_methods(caller(bank), seconds=5)
    assert (found.status, found.methods) == ("success", (("email", "ada@one.example"), ("sms", "")))
    assert "ada" not in repr(found)


def test_who_calls_goes_along_as_a_form(bank: Application) -> None:
    put(bank, account_parameter="Kontonummer", web_service_variables="CustomerPhone, Language")
    variables = {"CustomerPhone": "+14155550142", "Language": "dé", "Other": "not listed"}
    with listening(answer(ANSWER)) as server:
        aim(bank, server)
        check_methods(caller(bank, variables=variables), seconds=5)
    assert server.request.startswith("POST /ws HTTP/1.1\r\n")
    assert "content-type: application/x-www-form-urlencoded\r\n" in server.request
    assert form_of(server) == {
        "Kontonummer": "47 11&x=1",
        "sessionId": "s-1",
        "callId": "c-1",
        "CLI": "+14155550142",
        "DNIS": "800",
        "IsTestCall": "false",
        "CustomerPhone": "+14155550142",
        "Language": "dé",
    }


def test_a_listed_variable_takes_the_place_of_nothing_of_ours(bank: Application) -> None:
    put(bank, web_service_variables="authCode_nbest1, sessionId, AccountNumber")
    variables = {"authCode_nbest1": "000000", "sessionId": "another", "AccountNumber": "another"}
    with listening(answer(WRONG)) as server:
        aim(bank, server)
        verify_code(caller(bank, variables=variables), CODE, seconds=5)
    told = form_of(server)
    assert (told["authCode_nbest1"], told["sessionId"], told["AccountNumber"]) == (CODE, "s-1", "47 11&x=1")


@pytest.mark.parametrize(
    ("method", "spelling"), [("email", "Email"), ("sms", "SMS"), ("authenticator", "Authenticator")]
)
def test_the_selected_method_is_sent_in_the_seeds_spelling(bank: Application, method: str, spelling: str) -> None:
    with listening(answer(SENT)) as server:
        aim(bank, server)
        assert send_code(caller(bank), method, seconds=5) == "success"
    assert form_of(server)["TwoFactorAuthSelectedMethod"] == spelling


def test_the_code_goes_in_the_body_and_into_no_log(bank: Application, caplog: pytest.LogCaptureFixture) -> None:
    with listening(answer(WRONG)) as server, caplog.at_level(logging.DEBUG):
        aim(bank, server)
        assert verify_code(caller(bank), CODE, seconds=5) == "incorrect code"
    assert form_of(server)["authCode_nbest1"] == CODE
    assert target_of(server) == "/ws"
    assert CODE not in caplog.text + str([vars(record) for record in caplog.records])


def test_by_get_the_parameters_stand_in_the_address(bank: Application, caplog: pytest.LogCaptureFixture) -> None:
    put(bank, web_service_method="GET")
    with listening(answer(WRONG)) as server, caplog.at_level(logging.DEBUG):
        aim(bank, server, "/ws?tenant=1")
        verify_code(caller(bank), CODE, seconds=5)
    assert server.request.startswith("GET /ws?tenant=1&")
    told = parse_qs(urlsplit(target_of(server)).query, keep_blank_values=True)
    assert (told["authCode_nbest1"], told["AccountNumber"]) == ([CODE], ["47 11&x=1"])
    assert CODE not in caplog.text + str([vars(record) for record in caplog.records])


def test_variables_in_the_address_are_encoded(bank: Application) -> None:
    with listening(answer(ANSWER)) as server:
        aim(bank, server, "/ws/[var:Region]/[var:AccountNumber]?lang=[var:Language]&x=[var:None]")
        check_methods(caller(bank, variables={"Region": "a/b?c#d", "Language": "é&y=1"}), seconds=5)
    assert target_of(server) == "/ws/a%2Fb%3Fc%23d/47%2011%26x%3D1?lang=%C3%A9%26y%3D1&x="


def test_a_variable_does_not_climb_in_the_path(bank: Application) -> None:
    with listening(answer(ANSWER)) as server:
        aim(bank, server, "/ws/[var:AccountNumber]/methods")
        assert reason(lambda: check_methods(caller(bank, account=".."), seconds=5)) == "bad-url"
    assert server.connections == 0


def test_test_calls_ask_the_test_address_and_no_other(bank: Application) -> None:
    with listening(answer(SENT)) as production, listening(answer(SENT)) as trial:
        aim(bank, production)
        for test_call in (True, False):
            put(bank, send_url_test=f"http://127.0.0.1:{trial.port}/test")
            send_code(caller(bank, test_call=test_call), "sms", seconds=5)
        assert [target_of(each) for each in (trial, production)] == ["/test", "/ws"]
        assert form_of(trial)["IsTestCall"] == "true"
        put(bank, check_url="", check_url_test="")
        assert reason(lambda: check_methods(caller(bank, test_call=True), seconds=5)) == "no-url"


def test_a_test_call_whose_address_is_dead_does_not_ask_the_other(bank: Application) -> None:
    with listening(answer(SENT)) as production:
        aim(bank, production)
        assert reason(lambda: send_code(caller(bank, test_call=True), "sms", seconds=5)) == "connection"
    assert production.connections == 0


DTD = b"<!DOCTYPE a>" + SENT
BAD: list[tuple[str, Any, str]] = [
    ("refused by nobody listening", None, "connection"),
    ("silence", silent, "timeout"),
    ("a slow drip", dripping_body, "timeout"),
    ("hanging up", b"", "protocol"),
    ("no HTTP", b"SSH-2.0-OpenSSH_9\r\n", "protocol"),
    ("HTTP 500", answer(SENT, status="500 Internal Server Error"), "http-500"),
    ("HTTP 404", answer(SENT, status="404 Not Found"), "http-404"),
    ("HTML", answer(b"<!doctype html><p>It works", "Content-Type: text/html"), "not-xml"),
    ("nothing", answer(b""), "not-xml"),
    ("a DTD", answer(DTD), "dtd"),
    ("two statuses", answer(SENT.replace(b"</status>", b"</status><status>success</status>")), "two-statuses"),
    ("a comment in the status", answer(SENT.replace(b"succ", b"suc<!-- -->c")), "bad-status"),
    ("another root", answer(WRONG), "wrong-root"),
    ("deep nesting", answer(SENT.replace(b"<status>", b"<a>" * 50 + b"</a>" * 50 + b"<status>")), "too-deep"),
    ("a megabyte", answer(SENT + b" " * 1_000_000), "too-large"),
    ("a body without end", endless, "too-large"),
    ("just too long", answer(SENT + b" " * (LONGEST + 1 - len(SENT))), "too-large"),
    ("compressed", answer(SENT, "Content-Encoding: gzip"), "encoded"),
    ("a redirect", answer(b"", "Location: /elsewhere", status="302 Found"), "redirect"),
]


@pytest.mark.parametrize(("behaviour", "expected"), [each[1:] for each in BAD], ids=[each[0] for each in BAD])
def test_a_bad_answer_is_a_failure_in_time_and_asked_for_once(bank: Application, behaviour: Any, expected: str) -> None:
    put(bank, web_service_call_timeout="1500")
    with listening(behaviour or b"") as server:
        aim(bank, server)
        if behaviour is None:
            put(bank, send_url=f"http://127.0.0.1:{closed_port()}/")
        begun = monotonic()
        assert reason(lambda: send_code(caller(bank), "sms", seconds=5)) == expected
        assert monotonic() - begun < 4.5
    assert server.connections == (0 if behaviour is None else 1)


def test_the_callers_time_counts_where_it_is_shorter(bank: Application) -> None:
    with listening(silent) as server:
        aim(bank, server)
        begun = monotonic()
        assert reason(lambda: verify_code(caller(bank), CODE, seconds=0.3)) == "timeout"
        assert monotonic() - begun < 4.5


def test_a_host_that_is_not_listed_is_not_asked(bank: Application) -> None:
    with listening(answer(SENT)) as server:
        aim(bank, server)
        put(None, outgoing_hosts="192.0.2.1")
        assert reason(lambda: send_code(caller(bank), "sms", seconds=5)) == "not-listed"
        put(None, outgoing_hosts="127.0.0.1", allow_http="false")
        assert reason(lambda: send_code(caller(bank), "sms", seconds=5)) == "not-https"
    assert server.connections == 0


def failing_first(stream: socket.socket, asked: list[int]) -> None:
    asked.append(1)
    stream.sendall(answer(b"", status="503 Busy") if len(asked) == 1 else answer(ANSWER))


def test_a_check_is_asked_once_more_when_that_may_help(bank: Application) -> None:
    asked: list[int] = []
    with listening(lambda stream: failing_first(stream, asked)) as server:
        aim(bank, server)
        assert check_methods(caller(bank), seconds=5).status == "success"
        assert server.connections == 2


@pytest.mark.parametrize(("body", "times"), [(answer(b"", status="500 Oh"), 2), (answer(DTD), 1), (answer(b"x"), 1)])
def test_a_check_is_asked_no_third_time(bank: Application, body: bytes, times: int) -> None:
    with listening(body) as server:
        aim(bank, server)
        reason(lambda: check_methods(caller(bank), seconds=5))
        assert server.connections == times


def test_the_second_asking_has_the_time_that_is_left(bank: Application) -> None:
    with listening(silent) as server:
        aim(bank, server)
        put(bank, web_service_call_timeout="1000")
        begun = monotonic()
        assert reason(lambda: check_methods(caller(bank), seconds=2)) == "timeout"
        assert monotonic() - begun < 4.5
        assert server.connections == 2


def test_what_is_told_of_a_caller_holds_no_account_and_no_number(bank: Application) -> None:
    shown = repr(caller(bank, account="4711-secret", variables={"a": "4711-secret"}))
    assert "4711-secret" not in shown
    assert "4155550142" not in shown
