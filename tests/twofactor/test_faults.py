"""Whatever fails at the other side, at whichever step: a path or a prompt within the time, a row that says so, and
nothing of what the caller has is lost.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from time import monotonic
from typing import Any

import pytest

from environment.models import Application
from tests.config.listening import answer, listening
from tests.twofactor import bad_servers as bad
from tests.twofactor import twilio_server as fake
from tests.twofactor.customer_services import Services, aimed, services, status
from tests.twofactor.mail_server import Inbox, mail_server
from tests.twofactor.playing import Ivr, last_code, row_of
from tests.twofactor.sending import EMAIL, PHONE, setting
from tests.twofactor.services_cast import CHECK, SEND, VERIFY, put
from twofactor.delivery import delivering
from twofactor.flow import calls
from twofactor.models import Challenge, Customer, Delivery, FlowStep, Guard

pytestmark = pytest.mark.django_db
# A busy machine takes seconds for what takes milliseconds. That a deadline was kept is told by the outcome too: silent
# servers hang up after five seconds, which would be another one.
SECONDS, LATEST = 1.0, 20.0
"""Of all calls of a request to who is slow, and of the whole request on a busy machine. Who is silent is so for 5."""
REFUSED = None
PAGE = answer(b"<!doctype html><p>It works", "Content-Type: text/html")
ELSEWHERE = answer(b"", "Location: /elsewhere", status="302 Found")


@pytest.fixture(autouse=True)
def short(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Little time for all calls of one request together, where somebody is slow."""
    if any(slow in request.node.name for slow in ("timeout", "drip", "share")):
        monkeypatch.setattr(calls, "BUDGET", SECONDS)
    monkeypatch.setattr(delivering, "JITTER", (0.01, 0.02))


@pytest.fixture
def servers() -> Iterator[ExitStack]:
    with ExitStack() as stack:
        yield stack


# --- deliveries ---

DELIVERIES: list[tuple[str, str, Any, str, list[str]]] = [
    ("smtp", "refused", REFUSED, "failed", ["transient"] * 2),
    ("smtp", "550", Inbox(recipient="550 5.1.1 nobody"), "failed", ["permanent"]),
    ("smtp", "451", Inbox(recipient="451 4.7.1 later"), "failed", ["transient"] * 2),
    ("smtp", "timeout", bad.silent, "failed", ["transient"]),
    ("smtp", "drip", bad.dripping_reply, "failed", ["transient"]),
    ("smtp", "timeout after data", bad.until_data(bad.silent), "unknown", ["unknown"]),
    ("http", "refused", REFUSED, "failed", ["transient"] * 2),
    ("http", "500", answer(b"", status="500 Oh"), "failed", ["transient"] * 2),
    ("http", "200 with an error", answer(b"ERROR: no credit"), "failed", ["blocked"]),
    ("http", "HTML", PAGE, "failed", ["configuration"]),
    ("http", "redirect", ELSEWHERE, "failed", ["configuration"]),
    ("http", "endless", bad.endless, "unknown", ["unknown"]),
    ("http", "drip", bad.dripping_head, "unknown", ["unknown"]),
    ("http", "timeout", bad.silent, "unknown", ["unknown"]),
    ("twilio", "21211", "+15005550001", "failed", ["permanent"]),
    ("twilio", "21610", "+15005550004", "failed", ["permanent"]),
    ("twilio", "20429", "+15005550020", "failed", ["transient"] * 2),
    ("twilio", "500", "+15005550021", "failed", ["transient"] * 2),
    ("twilio", "timeout", fake.SILENT, "unknown", ["unknown"]),
]
each_delivery = pytest.mark.parametrize(
    ("gateway", "fault", "verdict", "outcomes"),
    [(gateway, fault, verdict, outcomes) for gateway, _name, fault, verdict, outcomes in DELIVERIES],
    ids=[f"{gateway}-{name}" for gateway, name, *_rest in DELIVERIES],
)


def faulty(stack: ExitStack, application: Application, gateway: str, fault: Any) -> None:
    """Let the office's codes go by this gateway, which is at fault. Its own time is longer than the request's."""
    if gateway == "twilio":
        server = stack.enter_context(fake.twilio_server())
        setting(None, "SMS.Twilio.URL", f"http://127.0.0.1:{server.port}")
        told = {"SMS.Gateways": "twilio", "SMS.Twilio.AccountSid": fake.SID, "SMS.Twilio.AuthToken": fake.TOKEN}
        put(application, "server-settings", **told, **{"SMS.Timeout": "9000"})
        put(application, sms_from="+15005550006")
    elif gateway == "http":
        port = bad.closed_port() if fault is REFUSED else stack.enter_context(listening(fault)).port
        told = {"SMS.Gateways": "http", "SMS.URL": f"http://127.0.0.1:{port}/", "SMS.FailurePattern": "error:"}
        put(application, "server-settings", **told, **{"SMS.Timeout": "9000"})
    else:
        if isinstance(fault, Inbox):
            port = stack.enter_context(mail_server(fault)).port
        else:
            port = bad.closed_port() if fault is REFUSED else stack.enter_context(bad.talking(fault))
        told = {"Email.Gateways": "smtp", "Email.SMTP.Host": "127.0.0.1", "Email.SMTP.Port": str(port)}
        put(application, "server-settings", **told, **{"Email.SMTP.Timeout": "9000"})


def customer_of(gateway: str, fault: Any) -> None:
    """1002 has the one address or number that the gateway is about."""
    phone = "" if gateway == "smtp" else fault if gateway == "twilio" else PHONE
    Customer.objects.filter(account="1002").update(email=EMAIL if gateway == "smtp" else "", phone=phone)


def told_of(session: dict[str, Any], name: str, ordinal: int) -> str:
    return FlowStep.objects.get(session=session["id"], name=name, ordinal=ordinal).outcome


@each_delivery
def test_a_first_send_that_fails(
    ivr: Ivr, servers: ExitStack, gateway: str, fault: Any, verdict: str, outcomes: list[str]
) -> None:
    faulty(servers, ivr.application, gateway, fault)
    customer_of(gateway, fault)
    begun = monotonic()
    session = ivr.calls("1002")
    assert monotonic() - begun < LATEST
    waits = verdict == "unknown"  # it may have arrived
    assert (session["state"], session["path"]) == (("enter", None) if waits else ("ended", "error"))
    assert row_of(session).sends_used == (1 if waits else 0)
    assert list(Delivery.objects.order_by("attempt").values_list("outcome", flat=True)) == outcomes
    assert told_of(session, "code.sent", 1) == verdict


@each_delivery
def test_a_resend_that_fails(
    ivr: Ivr, servers: ExitStack, gateway: str, fault: Any, verdict: str, outcomes: list[str]
) -> None:
    customer_of(gateway, fault)
    session = ivr.calls("1002")
    faulty(servers, ivr.application, gateway, fault)
    begun = monotonic()
    session = ivr.does(session, "resend")
    assert monotonic() - begun < LATEST
    assert session["state"] == "enter"
    rows = Delivery.objects.filter(challenge__ordinal=2).order_by("attempt")
    assert list(rows.values_list("outcome", flat=True)) == outcomes
    assert told_of(session, "code.sent", 2) == verdict
    if verdict == "unknown":
        assert row_of(session).sends_used == 2
        assert Challenge.objects.get(ordinal=1).superseded_at is not None
        assert Challenge.objects.get(ordinal=2).burnt_at is None
    else:
        assert row_of(session).sends_used == 1
        assert session["prompt"]["text"].startswith("We could not send the code that way.")
        assert ivr.does(session, "code", code=last_code())["path"] == "success"


# --- the customer's web services ---

TWICE = "<status>success</status><status>success</status>"
WEB: list[tuple[str, Any, str]] = [
    ("refused", REFUSED, "connection"),
    ("timeout", bad.silent, "timeout"),
    ("500", answer(b"", status="500 Oh"), "http-500"),
    ("HTML", PAGE, "not-xml"),
    ("DTD", lambda root: answer(f"<!DOCTYPE a><{root}><status>success</status></{root}>".encode()), "dtd"),
    ("two statuses", lambda root: answer(f"<{root}>{TWICE}</{root}>".encode()), "two-statuses"),
    ("endless", bad.endless, "too-large"),
    ("redirect", ELSEWHERE, "redirect"),
    ("drip", bad.dripping_body, "timeout"),
]
each_fault = pytest.mark.parametrize(
    ("fault", "reason"), [each[1:] for each in WEB], ids=[each[0].replace(" ", "-") for each in WEB]
)
ROOTS = {"check": CHECK, "send": SEND, "verify": VERIFY}
BY_ROOT = (WEB[4][1], WEB[5][1])


@pytest.fixture
def there(self_service: Application) -> Iterator[Services]:
    """The customer's services, whose own time is longer than the request's."""
    with services() as state:
        aimed(self_service, state, web_service_call_timeout="9000")
        yield state


def breaks(application: Application, there: Services, service: str, fault: Any) -> None:
    """Let one of the services be at fault."""
    if fault is REFUSED:
        put(application, **{f"{service}_url": f"http://127.0.0.1:{bad.closed_port()}/"})
    else:
        setattr(there, service, fault(ROOTS[service]) if fault in BY_ROOT else fault)


def outcome_of(session: dict[str, Any], service: str) -> str:
    return FlowStep.objects.filter(session=session["id"], name=f"ws.{service}").order_by("pk").last().outcome  # type: ignore[union-attr]


@each_fault
def test_a_check_of_methods_that_fails(ivr: Ivr, there: Services, fault: Any, reason: str) -> None:
    breaks(ivr.application, there, "check", fault)
    begun = monotonic()
    session = ivr.calls("any")
    assert monotonic() - begun < LATEST
    assert (session["state"], session["path"], session["prompt"]) == ("ended", "error", None)
    assert outcome_of(session, "check") == reason


@each_fault
def test_a_first_send_by_the_service_that_fails(ivr: Ivr, there: Services, fault: Any, reason: str) -> None:
    breaks(ivr.application, there, "send", fault)
    begun = monotonic()
    session = ivr.calls("any")
    assert monotonic() - begun < LATEST
    waits = reason == "timeout"
    assert (session["state"], session["path"]) == (("enter", None) if waits else ("ended", "error"))
    assert row_of(session).sends_used == (1 if waits else 0)
    assert outcome_of(session, "send") == reason


@each_fault
def test_a_resend_by_the_service_that_fails(ivr: Ivr, there: Services, fault: Any, reason: str) -> None:
    session = ivr.calls("any")
    breaks(ivr.application, there, "send", fault)
    begun = monotonic()
    session = ivr.does(session, "resend")
    assert monotonic() - begun < LATEST
    assert session["state"] == "enter"
    assert row_of(session).sends_used == (2 if reason == "timeout" else 1)
    assert outcome_of(session, "send") == reason
    assert ivr.does(session, "code", code="123456")["path"] == "success"


@each_fault
def test_a_check_of_a_code_that_fails(ivr: Ivr, there: Services, fault: Any, reason: str) -> None:
    session = ivr.calls("any")
    breaks(ivr.application, there, "verify", fault)
    begun = monotonic()
    session = ivr.does(session, "code", code="123456")
    assert monotonic() - begun < LATEST
    assert (session["state"], session["path"]) == ("ended", "error")
    assert outcome_of(session, "verify") == reason
    # The other side may have looked at it: the try stays counted.
    assert Challenge.objects.get().attempts == 1
    # Nobody knows whether the code was right: the account is not charged with it.
    assert {guard.failures for guard in Guard.objects.all()} == {0}
    assert there.times("verify") == (0 if fault is REFUSED else 1)


def test_all_calls_of_one_request_share_its_time(ivr: Ivr, there: Services) -> None:
    there.check, there.send = status(CHECK, "success", ("email", EMAIL), ("sms", PHONE)), bad.silent
    session = ivr.does(ivr.calls("any"), "method", method="email")
    assert session["state"] == "enter"
    # Both fail for sure, one after the other: slowly, then with the little that is left.
    there.finds(("email", EMAIL))
    there.check = bad.dripping_body
    begun = monotonic()
    assert ivr.calls("any")["path"] == "error"
    assert monotonic() - begun < LATEST
