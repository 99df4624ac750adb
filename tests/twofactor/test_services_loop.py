"""Our client asks our own provider over HTTP: what one writes, the other reads (reference part F 21)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from environment.models import Application, ContactCenter
from tests.twofactor.services_cast import ROOTS, customer, key_of, put, two_factor
from twofactor.webservices.client import ServiceCaller, ServiceFailed, check_methods, send_code, verify_code

pytestmark = pytest.mark.django_db(transaction=True)
PHONE, CODE = "+14155550142", "482910"
Caller = Callable[..., ServiceCaller]


@pytest.fixture
def bank(t100: ContactCenter) -> Application:
    """Provides: codes of test calls to PHONE are CODE, and nothing is sent."""
    customer(t100, email="ada@one.example", phone=PHONE)
    return two_factor(t100, reveal_values="true", test_destinations=f"{PHONE}={CODE}")


@pytest.fixture
def front(bank: Application, t100: ContactCenter, live_server: Any) -> Application:
    """Asks the other one's services by its key, with test calls; production calls would ask another place."""
    put(None, outgoing_hosts="localhost, 127.0.0.1, ::1", allow_http="true")
    _key, plain = key_of(bank)
    check, send, verify = (f"{live_server.url}/twofactor/services/key/{plain}/{root}" for root in ROOTS)
    nowhere = dict.fromkeys(("check_url", "send_url", "verify_url"), "https://nowhere.example/")
    return two_factor(t100, "Front", check_url_test=check, send_url_test=send, verify_url_test=verify, **nowhere)


@pytest.fixture
def calling(front: Application) -> Caller:
    def calling(account: str = "4711", session_id: str = "s-1", **more: Any) -> ServiceCaller:
        return ServiceCaller(front, session_id, account, cli=PHONE, test_call=True, **more)

    return calling


def test_a_customer_proves_himself(calling: Caller) -> None:
    found = check_methods(calling(), seconds=10)
    assert (found.status, found.methods) == ("success", (("email", "ada@one.example"), ("sms", PHONE)))
    assert send_code(calling(), "sms", seconds=10) == "success"
    assert verify_code(calling(), "000000", seconds=10) == "incorrect code"
    assert verify_code(calling(), CODE, seconds=10) == "success"
    assert verify_code(calling(), CODE, seconds=10) == "incorrect code"


def test_a_code_of_one_call_is_wrong_in_another(calling: Caller) -> None:
    assert send_code(calling(), "sms", seconds=10) == "success"
    assert verify_code(calling(session_id="s-2"), CODE, seconds=10) == "incorrect code"
    assert verify_code(calling(account="4712"), CODE, seconds=10) == "incorrect code"
    assert verify_code(calling(), CODE, seconds=10) == "success"


def test_an_unknown_account_is_not_found_and_gets_nothing(calling: Caller) -> None:
    nobody = calling(account="nobody")
    assert (check_methods(nobody, seconds=10).status, check_methods(nobody, seconds=10).methods) == ("not found", ())
    assert send_code(nobody, "sms", seconds=10) == "error"
    assert verify_code(nobody, CODE, seconds=10) == "incorrect code"


def test_a_code_is_refused_after_its_last_try(calling: Caller) -> None:
    assert send_code(calling(), "sms", seconds=10) == "success"
    tries = [verify_code(calling(), wrong, seconds=10) for wrong in ("000000", "000001", "000002")]
    assert tries == ["incorrect code"] * 3
    assert verify_code(calling(), CODE, seconds=10) == "incorrect code"


def test_a_refusal_of_the_provider_is_a_failure_of_the_client(calling: Caller, bank: Application) -> None:
    put(bank, account_parameter="Kontonummer")
    with pytest.raises(ServiceFailed) as failed:
        send_code(calling(), "sms", seconds=10)
    assert failed.value.reason == "http-400"


def test_both_follow_the_switch_to_get(calling: Caller, bank: Application, front: Application) -> None:
    put(front, web_service_method="GET")
    with pytest.raises(ServiceFailed) as failed:
        send_code(calling(), "sms", seconds=10)
    assert failed.value.reason == "http-405"
    put(bank, services_by_get="true")
    assert send_code(calling(), "sms", seconds=10) == "success"
    assert verify_code(calling(), CODE, seconds=10) == "success"
