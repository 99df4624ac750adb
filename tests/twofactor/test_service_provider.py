"""The three XML services, served: the seed's bodies, who may ask, and refusals in XML (contract face 2)."""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import fromstring

import pytest

from environment.models import Application, ContactCenter
from environment.services import object_save
from tests.twofactor.services_cast import (
    CHECK,
    FORM,
    ROOTS,
    SEND,
    VERIFY,
    WHO,
    WHOLE,
    WORD,
    ask,
    bound,
    center_of,
    customer,
    key_of,
    machine,
    put,
    two_factor,
)
from twofactor.models import Authenticator
from twofactor.views.services import send, verify

pytestmark = pytest.mark.django_db
CODE = "482910"


@pytest.fixture
def bank(t100: ContactCenter) -> Application:
    """An application, a bound credential ``ivr``, and a customer with both addresses."""
    application = two_factor(t100, reveal_values="true")
    bound(application)
    customer(t100, email="ada&co@one.example", phone="+14155550142")
    return application


class Flow:
    """Decides as told, and remembers what it was asked: what views make of a decision is tested here, not the flow."""

    def __init__(self) -> None:
        self.outcome = "success"
        self.asked: list[dict[str, Any]] = []

    def provider_send(self, **told: Any) -> str:
        self.asked.append(told)
        return self.outcome

    provider_verify = provider_send


@pytest.fixture
def flow(monkeypatch: pytest.MonkeyPatch) -> Flow:
    made = Flow()
    monkeypatch.setattr(send, "provider_send", made.provider_send)
    monkeypatch.setattr(verify, "provider_verify", made.provider_verify)
    return made


def status(answer: Any) -> str:
    assert answer.status_code == 200, answer.content
    assert answer["Content-Type"] == "application/xml; charset=utf-8"
    assert answer["Cache-Control"] == "no-store"
    return fromstring(answer.content).findtext("status") or ""


def refused(answer: Any) -> tuple[int, str]:
    """The status and code of a refusal, which is XML whatever it is about."""
    assert answer["Content-Type"] == "application/xml; charset=utf-8"
    assert answer["Cache-Control"] == "no-store"
    root = fromstring(answer.content)
    assert [each.tag for each in root] == ["code", "message"]
    assert root.tag == "error"
    assert root.findtext("message")
    return answer.status_code, root.findtext("code") or ""


def test_the_check_answers_with_the_seeds_body(bank: Application) -> None:
    assert ask(CHECK).content.decode() == (
        "<checkVerifiedContactMethods>\n"
        "    <status>success</status>\n"
        "    <methods>\n"
        '        <method name="email" value="ada&amp;co@one.example"/>\n'
        '        <method name="SMS" value="+14155550142"/>\n'
        "    </methods>\n"
        "</checkVerifiedContactMethods>\n"
    )


def test_send_and_verify_answer_with_the_seeds_bodies(bank: Application, flow: Flow) -> None:
    for root in (SEND, VERIFY):
        assert ask(root).content.decode() == f"<{root}>\n    <status>success</status>\n</{root}>\n"


def test_values_are_told_only_where_the_application_says_so(bank: Application) -> None:
    put(bank, reveal_values="false")
    body = ask(CHECK).content.decode()
    assert '<method name="email"/>' in body
    assert "value" not in body


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ({}, ["email", "SMS", "authenticator"]),
        ({"internal_authenticator": "false"}, ["email", "SMS"]),
        ({"strict": "true"}, ["SMS", "authenticator"]),
    ],
)
def test_an_enrolled_authenticator_is_a_method(bank: Application, options: dict[str, str], names: list[str]) -> None:
    from django.utils import timezone

    put(bank, **options)
    person = customer(center_of(bank), "4712", email="bea@one.example", phone="+14155550143")
    Authenticator.objects.create(customer=person, seed="x", confirmed_at=timezone.now())
    answer = ask(CHECK, sent=WHO | {"AccountNumber": "4712"})
    assert [each.get("name") for each in fromstring(answer.content).iter("method")] == names


def test_an_authenticator_that_was_never_confirmed_is_none(bank: Application) -> None:
    person = customer(center_of(bank), "4713")
    Authenticator.objects.create(customer=person, seed="x")
    assert status(ask(CHECK, sent=WHO | {"AccountNumber": "4713"})) == "not found"


def test_an_unknown_account_is_told_as_one_without_methods(bank: Application, t200: ContactCenter) -> None:
    customer(center_of(bank), "empty")
    customer(center_of(bank), "off", email="off@one.example", enabled=False)
    customer(t200, "theirs", email="eve@two.example")
    accounts = ("nobody", "empty", "off", "theirs")
    answers = [ask(CHECK, sent=WHO | {"AccountNumber": each}) for each in accounts]
    assert {status(each) for each in answers} == {"not found"}
    assert len({each.content for each in answers}) == 1
    put(bank, status_mapping="no-method=unknown customer")
    assert {status(ask(CHECK, sent=WHO | {"AccountNumber": each})) for each in accounts} == {"unknown customer"}


def test_the_flow_is_told_who_calls(bank: Application, flow: Flow) -> None:
    credential = center_of(bank).basic_credentials.get()
    ask(SEND, sent=WHOLE | {"callId": "c-9", "TwoFactorAuthSelectedMethod": "sms"})
    ask(VERIFY, sent=WHOLE | {"callId": "c-9", "authCode_nbest2": "999999"})
    common = {
        "application": bank,
        "opener": f"credential:{credential.pk}",
        "account": "4711",
        "session_key": "s-1",
        "call_id": "c-9",
        "cli": "+14155550142",
        "test_call": True,
    }
    assert flow.asked == [
        common | {"dnis": "800", "method": "sms"},
        common | {"code": "123456"},
    ]


@pytest.mark.parametrize(
    ("service", "outcome", "told"),
    [
        (SEND, "error", "error"),
        (SEND, "no-method", "error"),
        (SEND, "limited", "error"),
        (SEND, "delivery-failed", "error"),
        (VERIFY, "incorrect code", "incorrect code"),
        (VERIFY, "error", "error"),
        (VERIFY, "locked", "incorrect code"),
        (VERIFY, "no-method", "incorrect code"),
        (VERIFY, "attempts-exhausted", "incorrect code"),
    ],
)
def test_outcomes_are_told_in_the_seeds_words(
    bank: Application, flow: Flow, service: str, outcome: str, told: str
) -> None:
    flow.outcome = outcome
    assert status(ask(service)) == told


def test_outcomes_are_told_in_the_applications_own_words(bank: Application, flow: Flow) -> None:
    put(bank, status_mapping="locked=agent, sends-exhausted = Too many")
    for service, outcome, told in (
        (VERIFY, "locked", "agent"),
        (SEND, "sends-exhausted", "Too many"),
        (SEND, "limited", "error"),
    ):
        flow.outcome = outcome
        assert status(ask(service)) == told


def test_no_mapping_makes_a_success_of_an_outcome(bank: Application) -> None:
    from environment.errors import OptionRefused

    with pytest.raises(OptionRefused):
        put(bank, status_mapping="locked= Success ")


@pytest.mark.parametrize("service", ROOTS)
def test_nobody_and_wrong_pairs_are_refused(bank: Application, flow: Flow, service: str) -> None:
    for more in ({"who": ""}, {"word": "wrong-word-4711"}, {"who": "nobody"}):
        answer = ask(service, **more)
        assert refused(answer) == (401, "not_authenticated")
        assert answer["WWW-Authenticate"].startswith("Basic ")
    assert flow.asked == []


@pytest.mark.parametrize("service", ROOTS)
def test_other_doors_are_told_as_if_they_were_not_there(
    bank: Application, flow: Flow, t200: ContactCenter, service: str
) -> None:
    machine(center_of(bank), "unbound")
    other = two_factor(t200, "Theirs")
    bound(other, "theirs")
    Application.objects.create(name="Web", type="web-engagement-server", contact_center=bank.contact_center)
    doors = [("ivr", "Theirs"), ("ivr", "Web"), ("ivr", "Nowhere"), ("unbound", "Bank"), ("theirs", "Bank")]
    bodies = set()
    for who, where in doors:
        answer = ask(service, where, who=who)
        assert refused(answer) == (404, "not_found")
        bodies.add(answer.content)
    assert len(bodies) == 1
    assert flow.asked == []


def test_a_disabled_application_answers_nobody(bank: Application) -> None:
    _key, plain = key_of(bank)
    bank.enabled = False
    object_save(bank)
    assert refused(ask(CHECK)) == (404, "not_found")
    assert refused(ask(CHECK, f"key/{plain}", who="")) == (404, "not_found")


def test_a_disabled_contact_center_answers_nobody(bank: Application) -> None:
    _key, plain = key_of(bank)
    ContactCenter.objects.update(enabled=False)
    assert refused(ask(CHECK))[0] == 401
    assert refused(ask(CHECK, f"key/{plain}", who="")) == (404, "not_found")


@pytest.mark.parametrize("missing", ["AccountNumber", "TwoFactorAuthSelectedMethod", "authCode_nbest1"])
@pytest.mark.parametrize("value", [None, "", "  "])
def test_a_missing_parameter_is_named(bank: Application, flow: Flow, missing: str, value: str | None) -> None:
    service = VERIFY if missing == "authCode_nbest1" else SEND
    sent = {name: text for name, text in WHOLE.items() if name != missing} | ({missing: value} if value else {})
    answer = ask(service, sent=sent)
    assert refused(answer)[0] == 400
    assert missing in answer.content.decode()
    assert flow.asked == []


BAD: dict[str, Any] = {
    "a method that is none": WHOLE | {"TwoFactorAuthSelectedMethod": "pigeon"},
    "an account that is too long": WHOLE | {"AccountNumber": "4" * 256},
    "an account with a line end": WHOLE | {"AccountNumber": "47\n11"},
    "NUL": WHOLE | {"sessionId": "a\x00b"},
    "a number that is too long": WHOLE | {"CLI": "4" * 65},
    "a test call that is neither": WHOLE | {"IsTestCall": "perhaps"},
    "no UTF-8": b"AccountNumber=%ff%fe&TwoFactorAuthSelectedMethod=SMS",
    "raw bytes": "AccountNumber=é&TwoFactorAuthSelectedMethod=SMS".encode(),
    "a parameter twice": "AccountNumber=1&AccountNumber=2&TwoFactorAuthSelectedMethod=SMS",
    "too many parameters": "&".join(f"p{number}=1" for number in range(201)),
}


@pytest.mark.parametrize("sent", BAD.values(), ids=BAD)
def test_a_bad_parameter_is_refused(bank: Application, flow: Flow, sent: Any) -> None:
    assert refused(ask(SEND, sent=sent))[0] == 400
    assert flow.asked == []


def test_the_account_parameter_is_an_option(bank: Application) -> None:
    put(bank, account_parameter="Kontonummer")
    assert refused(ask(CHECK))[0] == 400
    assert status(ask(CHECK, sent={"Kontonummer": "4711"})) == "success"


@pytest.mark.parametrize("media", ["application/json", "text/xml", "multipart/form-data; boundary=x", ""])
def test_only_forms_are_read(bank: Application, media: str) -> None:
    assert refused(ask(CHECK, media=media)) == (415, "unsupported_media_type")
    assert status(ask(CHECK, media=f"{FORM}; charset=UTF-8")) == "success"


def test_a_long_body_is_refused(bank: Application, flow: Flow) -> None:
    assert status(ask(SEND, sent=WHOLE | {"more": "x" * 15_000})) == "success"
    assert refused(ask(SEND, sent=WHOLE | {"more": "x" * 16_384})) == (413, "payload_too_large")
    assert len(flow.asked) == 1


def test_get_is_a_switch_of_the_application(bank: Application, flow: Flow) -> None:
    for service in ROOTS:
        answer = ask(service, method="GET")
        assert refused(answer) == (405, "method_not_allowed")
        assert "GET" not in answer["Allow"]
    put(bank, services_by_get="true")
    assert [status(ask(service, method="GET")) for service in ROOTS] == ["success"] * 3
    assert flow.asked[-1]["code"] == "123456"
    put(bank, services_by_get="false")
    assert refused(ask(VERIFY, method="GET"))[0] == 405


def test_a_posts_query_is_not_read(bank: Application, flow: Flow) -> None:
    answer = ask(f"{VERIFY}?authCode_nbest1=123456", sent=WHO)
    assert refused(answer)[0] == 400
    assert flow.asked == []


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "HEAD"])
def test_other_methods_are_refused(bank: Application, method: str) -> None:
    answer = ask(CHECK, method=method)
    assert answer.status_code == 405
    assert answer["Allow"] == "POST, OPTIONS"


@pytest.mark.parametrize("where", ["", "/", "/Bank", "/Bank/", "/Bank/nothing", "/key", "/key/x/nothing"])
def test_paths_that_are_none_are_refused_in_xml(bank: Application, where: str) -> None:
    from django.test import Client

    assert refused(Client().post(f"/twofactor/services{where}")) == (404, "not_found")


def test_a_trailing_slash_makes_no_difference(bank: Application) -> None:
    assert status(ask(f"{CHECK}/")) == "success"


def test_the_caller_asks_so_often_an_hour(bank: Application) -> None:
    put(bank, section="two-factor-limits", credential_checks_hour="2")
    assert [ask(CHECK).status_code for _ in range(3)] == [200, 200, 429]
    answer = ask(CHECK)
    assert refused(answer) == (429, "too_many_requests")
    assert int(answer["Retry-After"]) > 0


def test_our_own_fault_is_told_in_xml_and_says_nothing(bank: Application, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(**told: Any) -> str:
        raise RuntimeError(f"code {told['code']}")

    monkeypatch.setattr(verify, "provider_verify", broken)
    answer = ask(VERIFY, sent=WHOLE | {"authCode_nbest1": CODE})
    assert refused(answer) == (500, "internal_error")
    assert CODE not in answer.content.decode()


def test_credentials_over_plain_http_are_refused_in_production(bank: Application, settings: Any) -> None:
    settings.DESKGATE_MODE = "production"
    _key, plain = key_of(bank)
    afar = {"REMOTE_ADDR": "203.0.113.7"}
    for where, who in (("Bank", "ivr"), (f"key/{plain}", "")):
        assert refused(ask(CHECK, where, who=who, **afar))[0] == 403
        assert status(ask(CHECK, where, who=who, **afar, secure=True)) == "success"


def test_the_word_is_the_seeds_own(bank: Application) -> None:
    """A credential's token, which stands for its pair, opens the door too; an unknown bearer does not."""
    assert refused(ask(CHECK, who="", headers={"Authorization": f"Bearer {WORD}"}))[0] == 401
