"""What a call may cost: sends and checks per account, number, system, application and country (reference part E.8)."""

from __future__ import annotations

from typing import Any

import pytest

from environment.models import Application
from tests.twofactor.playing import LIMITS, Ivr, ivr_of, last_code, messages, other_than, row_of, steps_of
from tests.twofactor.sending import PHONE, home, setting
from tests.twofactor.services_cast import put
from twofactor.models import Customer, FlowStep, StoredAnswer

pytestmark = pytest.mark.django_db
STRANGER, ANOTHER = "+14155550199", "+14155550177"


def limited(application: Application, **limits: int) -> None:
    for name, value in limits.items():
        setting(application, name.replace("_", "-"), value, LIMITS)


def wrongly(ivr: Ivr, account: str = "1000", **words: Any) -> dict[str, Any]:
    """A call that enters a wrong code."""
    session = by_mail(ivr, account, **words)
    return ivr.does(session, "code", code=other_than(last_code()))


def by_mail(ivr: Ivr, account: str = "1000", **words: Any) -> dict[str, Any]:
    return ivr.does(ivr.calls(account, **words), "method", method="email")


def rightly(ivr: Ivr, **words: Any) -> str:
    """Where a call ends that enters the right code."""
    return str(ivr.does(by_mail(ivr, **words), "code", code=last_code())["path"])


def refusals() -> list[str]:
    return list(FlowStep.objects.filter(name="limit.hit").order_by("pk").values_list("outcome", flat=True))


# --- waits after wrong codes ---


def test_the_wait_of_an_account_spares_its_own_phone(ivr: Ivr, self_service: Application) -> None:
    limited(self_service, failures_before_wait=3)
    for _ in range(4):
        wrongly(ivr, cli=STRANGER)
    assert rightly(ivr, cli=STRANGER) == "error"
    assert rightly(ivr, cli=ANOTHER) == "error"
    assert rightly(ivr) == "error"
    assert rightly(ivr, cli=PHONE) == "success"


@pytest.mark.parametrize("cli", ["0014155550142", "14155550142", "+1 415 555 0142"])
def test_the_own_phone_may_be_written_otherwise(ivr: Ivr, self_service: Application, cli: str) -> None:
    limited(self_service, failures_before_stop=1)
    wrongly(ivr, cli=STRANGER)
    assert rightly(ivr, cli=cli) == "success"


@pytest.mark.parametrize("cli", ["0142", "5550142", "", "anonymous", "+24155550142"])
def test_no_other_number_is_taken_for_it(ivr: Ivr, self_service: Application, cli: str) -> None:
    limited(self_service, failures_before_stop=1)
    wrongly(ivr, cli=STRANGER)
    assert rightly(ivr, cli=cli) == "error"


def test_the_own_phone_has_a_wait_of_its_own(ivr: Ivr, self_service: Application) -> None:
    limited(self_service, failures_before_wait=2)
    for _ in range(2):
        wrongly(ivr, cli=PHONE)
    assert rightly(ivr, cli=PHONE) == "error"


def test_wrong_codes_of_the_own_phone_hold_up_nobody_else(ivr: Ivr, self_service: Application) -> None:
    limited(self_service, failures_before_wait=2)
    for _ in range(2):
        wrongly(ivr, cli=PHONE)
    assert rightly(ivr, cli=STRANGER) == "success"


def test_an_account_without_a_phone_has_nobody_spared(ivr: Ivr, self_service: Application) -> None:
    limited(self_service, failures_before_stop=1)
    Customer.objects.filter(account="1000").update(phone="")
    wrongly(ivr, cli=STRANGER)
    assert rightly(ivr, cli=PHONE) == "error"


def test_another_account_is_not_held_up(ivr: Ivr, self_service: Application) -> None:
    limited(self_service, failures_before_stop=1)
    wrongly(ivr, cli=STRANGER)
    session = ivr.calls("1002", cli=STRANGER)
    assert ivr.does(session, "code", code=last_code())["path"] == "success"


# --- sends ---


def test_a_fifth_of_an_accounts_sends_is_kept_for_its_own_phone(ivr: Ivr, self_service: Application) -> None:
    put(self_service, max_sends_path="agent")
    limited(self_service, account_sends_hour=5)
    for _ in range(4):
        assert by_mail(ivr, cli=STRANGER)["state"] == "enter"
    refused = by_mail(ivr, cli=ANOTHER)
    assert (refused["state"], refused["path"], len(messages())) == ("ended", "agent", 4)
    assert 0 < refused["retryAfter"] <= 3_600
    assert by_mail(ivr, cli=PHONE)["state"] == "enter"
    assert by_mail(ivr, cli=PHONE)["path"] == "agent"
    assert refusals() == ["account", "account"]


@pytest.mark.parametrize(
    ("limit", "kind"),
    [
        ("number_sends_hour", "number"),
        ("pair_sends_hour", "pair"),
        ("account_sends_day", "account"),
        ("credential_sends_hour", "opener"),
        ("address_sends_hour", "address"),
        ("application_sends_hour", "application"),
        ("application_sends_day", "application"),
        ("country_sends_hour", "country"),
        ("country_sends_day", "country"),
        ("destination_sends_10_minutes", "destination"),
        ("destination_sends_hour", "destination"),
        ("destination_sends_day", "destination"),
        ("destination_pause", "destination-pause"),
    ],
)
def test_each_limit_of_sends_is_kept_over_calls(ivr: Ivr, self_service: Application, limit: str, kind: str) -> None:
    put(self_service, max_sends_path="agent")
    limited(self_service, **{limit: 300 if kind == "destination-pause" else 2})
    went = 1 if kind == "destination-pause" else 2
    sms = [ivr.does(ivr.calls("1000", cli=STRANGER), "method", method="sms") for _ in range(went + 1)]
    # Of two sends of an account, or to a destination, one is kept for its own phone.
    went -= kind in ("account", "destination")
    assert [each["path"] for each in sms[:went]] == [None] * went
    assert (sms[-1]["path"], len(messages())) == ("agent", went)
    assert set(refusals()) == {kind}
    assert sms[-1]["retryAfter"] > 0


@pytest.mark.parametrize(
    ("limit", "spared"),
    [
        ("number_sends_hour", {"cli": ANOTHER}),
        ("pair_sends_hour", {"cli": ANOTHER}),
        ("account_sends_hour", {"account": "1005"}),
        ("country_sends_hour", {"account": "1005"}),
        ("destination_sends_hour", {"account": "1005"}),
    ],
)
def test_a_limit_holds_up_only_whom_it_is_about(
    ivr: Ivr, self_service: Application, limit: str, spared: dict[str, str]
) -> None:
    Customer.objects.create(
        contact_center=home(self_service), account="1005", phone="+4915112345678", email="x@y.example"
    )
    put(self_service, max_sends_path="agent")
    limited(self_service, **{limit: 2})

    def sends(account: str = "1000", cli: str = STRANGER) -> Any:
        return ivr.does(ivr.calls(account, cli=cli), "method", method="sms")["path"]

    assert [sends() for _ in range(3)][-1] == "agent"
    assert sends(**spared) is None


def test_another_credential_and_another_application_have_limits_of_their_own(
    ivr: Ivr, self_service: Application, encoded_password: str
) -> None:
    put(self_service, max_sends_path="agent")
    limited(self_service, credential_sends_hour=1)
    assert [ivr.calls("1002")["path"] for _ in range(2)] == [None, "agent"]
    assert ivr_of(self_service, encoded_password, "other").calls("1002")["path"] is None


def test_what_was_refused_was_not_counted(ivr: Ivr, self_service: Application) -> None:
    put(self_service, max_sends_path="agent")
    limited(self_service, application_sends_hour=1, number_sends_hour=2)
    for _ in range(4):
        ivr.calls("1002", cli=STRANGER)
    limited(self_service, application_sends_hour=0)
    assert ivr.calls("1002", cli=STRANGER)["path"] is None
    assert ivr.calls("1002", cli=STRANGER)["path"] == "agent"


# --- checks ---


def test_the_checks_of_a_number_are_kept_over_calls(ivr: Ivr, self_service: Application) -> None:
    put(self_service, max_verify_path="agent")
    limited(self_service, number_checks_hour=2)
    for _ in range(2):
        session = ivr.calls("1002", cli=STRANGER)
        ivr.does(session, "code", code=other_than(last_code()))
    session = ivr.calls("1002", cli=STRANGER)
    assert ivr.does(session, "code", code=last_code())["path"] == "agent"
    assert "verify.locked" in steps_of(session)


@pytest.mark.parametrize("limit", ["credential_checks_hour", "address_checks_hour"])
def test_a_system_that_checks_too_often_waits(ivr: Ivr, self_service: Application, limit: str) -> None:
    limited(self_service, **{limit: 2})
    for _ in range(2):
        session = ivr.calls("1002", cli=STRANGER)
        ivr.does(session, "code", code=other_than(last_code()))
    session = ivr.calls("1002", cli=STRANGER)
    refused = ivr.post(f"/{session['id']}/code", {"code": last_code()})
    assert (refused.status_code, int(refused.headers["Retry-After"]) > 0) == (429, True)
    assert row_of(session).state == "enter"


# --- Idempotency-Key ---


def begin(ivr: Ivr, key: str, **body: Any) -> Any:
    sent = {"application": ivr.application.name, "account": "1002"} | body
    return ivr.post("", sent, **{"Idempotency-Key": key})


def test_a_key_that_came_with_another_request_is_refused(ivr: Ivr) -> None:
    session = begin(ivr, "k").json()
    for again in (
        begin(ivr, "k", account="1000"),
        ivr.post(f"/{session['id']}/code", {"code": "123456"}, **{"Idempotency-Key": "k"}),
    ):
        assert again.status_code == 400
        assert again.json()["errors"][0]["code"] == "reused"
    assert len(messages()) == 1


def test_a_key_is_its_openers_own(ivr: Ivr, encoded_password: str) -> None:
    other = ivr_of(ivr.application, encoded_password, "other")
    one, another = begin(ivr, "k"), begin(other, "k")
    assert (one.status_code, another.status_code) == (201, 201)
    assert one.json()["id"] != another.json()["id"]


@pytest.mark.parametrize("key", ["k" * 256, "k\u00a0", "k\t k"])
def test_a_key_is_printable_and_short(ivr: Ivr, key: str) -> None:
    assert begin(ivr, key).status_code == 400
    assert messages() == []


def test_the_answer_to_a_right_code_can_be_had_by_its_key_only(ivr: Ivr) -> None:
    session = ivr.calls("1002")
    code, path = {"code": last_code()}, f"/{session['id']}/code"
    assert ivr.post(path, code, **{"Idempotency-Key": "k"}).json()["path"] == "success"
    assert ivr.post(path, code, **{"Idempotency-Key": "k"}).json()["path"] == "success"
    assert ivr.post(path, code, **{"Idempotency-Key": "other"}).status_code == 409
    kept = StoredAnswer.objects.get(body__gt="")
    assert code["code"] not in kept.request + kept.key
    assert "success" not in kept.body


def test_a_wrong_code_by_one_key_is_counted_once(ivr: Ivr) -> None:
    session = ivr.calls("1002")
    wrong = {"code": other_than(last_code())}
    told = [ivr.post(f"/{session['id']}/code", wrong, **{"Idempotency-Key": "k"}).json() for _ in range(9)]
    assert all(each == told[0] for each in told)
    assert told[0]["state"] == "enter"
    assert ivr.does(session, "code", code=last_code())["path"] == "success"


def test_nothing_is_kept_of_a_refused_request(ivr: Ivr) -> None:
    assert begin(ivr, "k", account="").status_code == 400
    assert not StoredAnswer.objects.exists()
    assert begin(ivr, "k").status_code == 201


def test_while_the_first_is_answered_the_second_waits(ivr: Ivr) -> None:
    assert begin(ivr, "k").status_code == 201
    StoredAnswer.objects.update(body="")
    again = begin(ivr, "k")
    assert (again.status_code, again["Retry-After"]) == (409, "1")
    assert len(messages()) == 1
