"""Text messages by the generic HTTP gateway, to servers of this test whose answers are written by hand."""

from __future__ import annotations

import json
from time import monotonic
from urllib.parse import parse_qs
from xml.etree import ElementTree

import pytest

from environment.models import Application
from tests.config.listening import answer, listening
from tests.twofactor.bad_servers import closed_port, dripping_head, endless, silent
from tests.twofactor.sending import CODE, PHONE, message, setting
from twofactor.delivery.delivering import deliver
from twofactor.delivery.messages import Verdict
from twofactor.models import Delivery, Method

pytestmark = pytest.mark.django_db


def sms(application: Application, **words):
    return message(application, Method.SMS, **words)


def at(application: Application, port: int, path: str = "/sms", **words: object) -> None:
    setting(application, "SMS.URL", f"http://127.0.0.1:{port}{path}")
    for name, value in words.items():
        setting(application, f"SMS.{name}", value)


def rows() -> list[tuple[str, str, int | None]]:
    return list(Delivery.objects.order_by("attempt").values_list("gateway", "outcome", "http_status"))


def test_a_form_body_keeps_its_plus_and_the_gateway_gets_what_the_settings_say(office: Application):
    setting(office, "sms-from", "+14155550100", "two-factor")
    with listening(answer()) as server:
        at(
            office,
            server.port,
            RequestHeaders='"X-Key:a,b:c", Accept:text/plain',
            RequestBody="to=[var:recipient]&from=[var:from]&text=[var:message]&ref=[var:reference]&min=[var:expiryMinutes]",
        )
        assert deliver(sms(office), seconds=5) == Verdict.ACCEPTED
        head, _, body = server.request.partition("\r\n\r\n")
    assert head.startswith("POST /sms HTTP/1.1\r\n")
    assert "x-key: a,b:c\r\n" in head
    assert "content-type: application/x-www-form-urlencoded" in head
    form = parse_qs(body, strict_parsing=True)
    row = Delivery.objects.get()
    assert form == {
        "to": [PHONE],
        "from": ["+14155550100"],
        "text": [f"Bank: Your code is {CODE}. It is valid for 5 minutes. We never call you to ask for it."],
        "ref": [row.pk],
        "min": ["5"],
    }
    assert (row.outcome, row.http_status, row.prefix, row.destination_mask) == ("accepted", 200, "US", "…42")


@pytest.mark.parametrize(("plus", "written"), [("true", "+14155550142"), ("false", "14155550142")])
def test_the_number_has_exactly_one_plus_or_none(office: Application, plus: str, written: str):
    with listening(answer()) as server:
        at(office, server.port, PlusSymbolBeforeRecipientNumber=plus, RequestBody='{"to": "[var:recipient]"}')
        assert deliver(sms(office), seconds=5) == Verdict.ACCEPTED
        assert json.loads(server.request.partition("\r\n\r\n")[2]) == {"to": written}
        assert "content-type: application/json" in server.request


HOSTILE = 'a "quote", a \\ and\na line, <tag> & [var:code] ]]> \u2028 ä +&='


def test_a_value_breaks_out_of_no_body(office: Application):
    variables = {"Name": HOSTILE, "code": "000000", "recipient": "+999"}
    with listening(answer()) as server:
        at(office, server.port, RequestBody='{"text": "[var:message]", "name": "[var:Name]", "code": "[var:code]"}')
        assert deliver(sms(office, variables=variables), seconds=5) == Verdict.ACCEPTED
        at(office, server.port, RequestBody="<sms name='[var:Name]'><n>[var:Name]</n><c>[var:code]</c></sms>")
        assert deliver(sms(office, variables=variables), seconds=5) == Verdict.ACCEPTED
        at(office, server.port, RequestBody="n=[var:Name]&c=[var:code]&u=[var:unset]")
        assert deliver(sms(office, variables=variables), seconds=5) == Verdict.ACCEPTED
        setting(office, "SMS.RequestHeaders", "Content-Type:text/plain; charset=utf-8")
        at(office, server.port, RequestBody="[var:Name]")
        assert deliver(sms(office, variables=variables), seconds=5) == Verdict.ACCEPTED
        bodies = [each.partition(b"\r\n\r\n")[2].decode() for each in server.requests]
    told = json.loads(bodies[0])
    assert (told["name"], told["code"]) == (HOSTILE, CODE)
    tree = ElementTree.fromstring(bodies[1])
    assert (tree.findtext("n"), tree.findtext("c")) == (HOSTILE, CODE)
    assert parse_qs(bodies[2], keep_blank_values=True) == {"n": [HOSTILE], "c": [CODE], "u": [""]}
    assert bodies[3] == HOSTILE


def test_get_puts_the_values_into_the_address_and_sends_no_body(office: Application):
    with listening(answer()) as server:
        at(office, server.port, "/[var:Who]/send?to=[var:recipient]&text=[var:message]", Method="GET", RequestBody="x")
        assert deliver(sms(office, variables={"Who": "../admin?x=1#y"}), seconds=5) == Verdict.ACCEPTED
        line, body = server.request.split("\r\n", 1)[0], server.request.partition("\r\n\r\n")[2]
    assert line.startswith("GET /..%2Fadmin%3Fx%3D1%23y/send?to=%2B14155550142&text=Bank%3A%20Your%20code")
    assert body == ""


PAGE = answer(b"<!DOCTYPE html><html>Please sign in</html>", "Content-Type: text/html")


@pytest.mark.parametrize(
    ("said", "settings", "verdict", "outcomes"),
    [
        (answer(b"OK 123"), {}, Verdict.ACCEPTED, [("accepted", 200)]),
        (answer(b"", status="202 Accepted"), {}, Verdict.ACCEPTED, [("accepted", 202)]),
        (answer(b"", status="204 No Content"), {}, Verdict.FAILED, [("configuration", 204)]),
        (answer(b"", status="204 No Content"), {"SuccessStatus": "204"}, Verdict.ACCEPTED, [("accepted", 204)]),
        (answer(b"no", status="500 Oh"), {}, Verdict.FAILED, [("transient", 500)] * 2),
        (answer(b"no", status="429 Slow"), {}, Verdict.FAILED, [("transient", 429)] * 2),
        (answer(b"no", status="401 Who"), {}, Verdict.FAILED, [("configuration", 401)]),
        (answer(b"ERROR: no credit"), {"FailurePattern": "no * credit\nerror:"}, Verdict.FAILED, [("blocked", 200)]),
        (answer(b"Message queued, id 7"), {"SuccessPattern": "Queued*id"}, Verdict.ACCEPTED, [("accepted", 200)]),
        (answer(b"id queued"), {"SuccessPattern": "queued*id"}, Verdict.FAILED, [("blocked", 200)]),
        (PAGE, {}, Verdict.FAILED, [("configuration", 200)]),
        (PAGE, {"SuccessPattern": "sign in"}, Verdict.ACCEPTED, [("accepted", 200)]),
        (answer(b"", "Location: /x", status="302 Found"), {}, Verdict.FAILED, [("configuration", None)]),
        (b"", {}, Verdict.UNKNOWN, [("unknown", None)]),
        (b"SSH-2.0-OpenSSH\r\n", {}, Verdict.UNKNOWN, [("unknown", None)]),
        (endless, {}, Verdict.UNKNOWN, [("unknown", None)]),
        (dripping_head, {}, Verdict.UNKNOWN, [("unknown", None)]),
        (silent, {}, Verdict.UNKNOWN, [("unknown", None)]),
    ],
    ids=[
        "200", "202", "204", "204-wanted", "500", "429", "401", "error-text", "pattern", "pattern-missed", "html",
        "html-wanted", "redirect", "hung-up", "no-http", "endless", "drip", "silent",
    ],
)  # fmt: skip
def test_what_a_gateway_answers_is_judged_within_the_time(office: Application, said, settings, verdict, outcomes):
    with listening(said) as server:
        at(office, server.port, Timeout=1500, **settings)
        begun = monotonic()
        assert deliver(sms(office), seconds=4) == verdict
        assert monotonic() - begun < 4.8
        assert server.connections == len(outcomes)
    assert [(outcome, status) for _gateway, outcome, status in rows()] == outcomes


def test_nobody_there_may_pass_and_is_tried_once_more(office: Application):
    at(office, closed_port())
    assert deliver(sms(office), seconds=3) == Verdict.FAILED
    assert rows() == [("http", "transient", None)] * 2


def test_a_host_that_is_not_listed_and_http_that_is_not_allowed_are_never_asked(office: Application):
    with listening(answer()) as server:
        at(office, server.port)
        setting(None, "allow-http", "false", "two-factor")
        assert deliver(sms(office), seconds=2) == Verdict.FAILED
        setting(None, "allow-http", "true", "two-factor")
        setting(None, "outgoing-hosts", "sms.example", "two-factor")
        assert deliver(sms(office), seconds=2) == Verdict.FAILED
        assert server.connections == 0
    assert [row[1] for row in rows()] == ["configuration", "configuration"]


def test_a_failure_that_passes_is_over_with_the_second_try_and_the_same_code(office: Application):
    said = [answer(b"", status="503 Later"), answer()]
    with listening(lambda connected: connected.sendall(said.pop(0))) as server:
        at(office, server.port, RequestBody="[var:code]")
        assert deliver(sms(office), seconds=3) == Verdict.ACCEPTED
        assert [each.partition(b"\r\n\r\n")[2] for each in server.requests] == [CODE.encode()] * 2
    assert [(row.attempt, row.outcome) for row in Delivery.objects.order_by("attempt")] == [
        (1, "transient"),
        (2, "accepted"),
    ]


@pytest.mark.parametrize(
    ("to", "countries", "refused"),
    [
        ("+14155550142", "", ""),
        ("+14155550142", "US, CA", ""),
        ("+14155550142", "DE", "a country that SMS.Countries does not list"),
        ("+4915112345678", "DE", ""),
        ("+19002345678", "", "premium"),
        ("+449098790000", "", "premium"),
        ("+1415", "", "telephone"),
    ],
)
def test_premium_numbers_and_other_countries_get_nothing(office: Application, to: str, countries: str, refused: str):
    setting(office, "SMS.Countries", countries)
    with listening(answer()) as server:
        at(office, server.port)
        verdict = deliver(sms(office, to=to), seconds=2)
        assert server.connections == (0 if refused else 1)
    row = Delivery.objects.get()
    assert (verdict, row.outcome) == ((Verdict.FAILED, "permanent") if refused else (Verdict.ACCEPTED, "accepted"))
    assert refused in row.detail
