"""How many statements the flow's calls take, kept as a table: whoever raises a number does it knowingly."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from environment.models import Application
from tests.history.test_query_budget import statements
from tests.twofactor.playing import ivr_of, last_code, other_than
from tests.twofactor.sending import home
from tests.twofactor.services_cast import put
from twofactor.models import Customer

pytestmark = pytest.mark.django_db
BUDGET = {
    "start with one method": 36,
    "start with a menu": 12,
    "choice": 31,
    "wrong code": 20,
    "right code": 21,
    "resend": 31,
    "no code": 10,
    "hang-up": 11,
    "read": 8,
}
"""Caches warm, all limits set, a calling number told; transactions' own words (BEGIN, SAVEPOINT, …) are not counted."""
CLI = "+14155550199"
WIDE = (
    *("destination_sends_10_minutes", "destination_sends_hour", "destination_sends_day", "account_sends_hour"),
    *("account_sends_day", "pair_sends_hour", "number_sends_hour", "number_checks_hour", "failures_before_wait"),
)


@pytest.fixture
def bank(office: Application, settings: Any) -> Application:
    """As ``self_service``, with every limit there is, wide."""
    settings.DESKGATE_MODE = "demo"
    put(office, "server-settings", **{"Email.Gateways": "outbox", "SMS.Gateways": "outbox"})
    put(office, "two-factor-limits", **dict.fromkeys(WIDE, "1000"), resend_cool_down="0", destination_pause="0")
    put(office, max_verify="10", max_sends="10")
    for account in ("1000", "1002"):
        phone = "+14155550142" if account == "1000" else ""
        Customer.objects.create(
            contact_center=home(office), account=account, email=f"{account}@customer.example", phone=phone
        )
    return office


@pytest.fixture
def calls(bank: Application, encoded_password: str) -> dict[str, Callable[[], Callable[[], Any]]]:
    """Each makes ready what it needs, and gives the call that is counted."""
    ivr = ivr_of(bank, encoded_password)

    def start(account: str) -> Callable[[], Any]:
        body = {"application": bank.name, "account": account, "callId": "c-1", "cli": CLI}
        return lambda: ivr.post("", body)

    def step(what: str, account: str = "1002", code: Callable[[], str] | None = None, **body: str) -> Callable[[], Any]:
        session = ivr.calls(account, cli=CLI)
        sent = body | ({"code": code()} if code else {})
        return lambda: ivr.post(f"/{session['id']}/{what}", sent)

    def read() -> Callable[[], Any]:
        session = ivr.calls("1002", cli=CLI)
        return lambda: ivr.get(f"/{session['id']}")

    return {
        "start with one method": lambda: start("1002"),
        "start with a menu": lambda: start("1000"),
        "choice": lambda: step("method", "1000", choice="1"),
        "wrong code": lambda: step("code", code=lambda: other_than(last_code())),
        "right code": lambda: step("code", code=last_code),
        "resend": lambda: step("resend"),
        "no code": lambda: step("code", code=lambda: "1"),
        "hang-up": lambda: step("hangup"),
        "read": read,
    }


@pytest.mark.parametrize("name", BUDGET)
def test_a_call_keeps_to_its_budget(calls: dict[str, Callable[[], Callable[[], Any]]], name: str) -> None:
    calls[name]()()
    taken = statements(calls[name]())
    assert len(taken) == BUDGET[name], f"{name}: {len(taken)}\n" + "\n".join(taken)


def test_it_does_not_grow_with_what_the_account_did(calls: dict[str, Callable[[], Callable[[], Any]]]) -> None:
    for _ in range(8):
        calls["wrong code"]()()
        calls["resend"]()()
    for name in ("start with one method", "wrong code", "right code"):
        assert len(statements(calls[name]())) == BUDGET[name], name
