"""A session begun with X-Support-CSRF(P) has a token, and every POST of it but a login needs it."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from accounts.models import User
from screenrec.models import RecorderSession
from tests.screenrec.desktop import LOGOUT, ME, Desktop, refused

START = {"operationName": "StartContactCenterSession", "channels": ["voice"]}
WORDS = "Missing or invalid Csrf token"


def with_token(user: User, **headers: str) -> tuple[Desktop, str]:
    desktop = Desktop(user)
    answer = desktop.log_in(**(headers or {"X-Support-CSRFP": "True"}))
    return desktop, answer["X-CSRF-TOKEN"]


def is_open() -> bool:
    return RecorderSession.objects.filter(ended_at=None).exists()


@pytest.mark.parametrize("name", ["X-Support-CSRF", "X-Support-CSRFP", "x-support-csrfp"])
def test_the_token_is_a_guid_told_when_asked_for(bob: User, name: str) -> None:
    for value in ("True", "true", "TRUE", "1", " true "):
        answer = Desktop(bob).log_in(**{name: value})
        assert answer["X-CSRF-HEADER"] == "X-CSRF-TOKEN"
        assert str(uuid.UUID(answer["X-CSRF-TOKEN"])) == answer["X-CSRF-TOKEN"]
        assert answer["X-CSRF-TOKEN"] not in answer.content.decode()
        assert RecorderSession.objects.get().csrf


@pytest.mark.parametrize("value", ["False", "0", "", "yes", "truer"])
def test_anything_else_does_not_ask(bob: User, value: str) -> None:
    desktop = Desktop(bob)
    assert "X-CSRF-TOKEN" not in desktop.log_in(**{"X-Support-CSRFP": value}).headers
    assert desktop.log_out().status_code == 200


def test_a_login_with_configuration_gives_one_too(bob: User) -> None:
    assert "X-CSRF-TOKEN" in Desktop(bob).log_in([], **{"X-Support-CSRF": "True"}).headers


@pytest.mark.parametrize("body", [LOGOUT, START])
@pytest.mark.parametrize("proof", ["cookie", "pair", "both"])
def test_without_the_right_token_nothing_is_done(bob: User, carl: User, body: Any, proof: str) -> None:
    desktop, own = with_token(bob)
    _, anothers = with_token(carl)
    assert own != anothers
    asking = Desktop(bob) if proof == "pair" else desktop
    for token in (None, "", "x", anothers, "ä", "0" * 5000, str(uuid.UUID(int=0))):
        sent = {} if token is None else {"X-CSRF-TOKEN": token}
        refused(asking.ask("POST", ME, body, pair=proof != "cookie", **sent), 403, 3, WORDS)
    assert RecorderSession.objects.get(user=bob).ended_at is None
    assert RecorderSession.objects.get(user=bob).channels == []


@pytest.mark.parametrize("proof", ["cookie", "pair"])
@pytest.mark.parametrize("name", ["X-CSRF-TOKEN", "X-CSRF-Token", "x-csrf-token"])
def test_with_it_the_agent_logs_out(bob: User, proof: str, name: str) -> None:
    desktop, token = with_token(bob)
    asking = desktop if proof == "cookie" else Desktop(bob)
    answer = asking.ask("POST", ME, LOGOUT, pair=proof == "pair", **{name: token.upper()})
    assert (answer.status_code, answer.json()) == (200, {"statusCode": 0})
    assert not is_open()


def test_the_token_may_not_come_by_body_or_query(bob: User) -> None:
    desktop, token = with_token(bob)
    body = LOGOUT | {"X-CSRF-TOKEN": token, "csrfToken": token}
    refused(desktop.ask("POST", f"{ME}?X-CSRF-TOKEN={token}", body), 403, 3, WORDS)


def test_the_token_of_the_login_before_is_worth_nothing(bob: User) -> None:
    _, old = with_token(bob)
    desktop, new = with_token(bob)
    assert old != new
    refused(desktop.log_out(**{"X-CSRF-TOKEN": old}), 403, 3, WORDS)
    assert desktop.log_out(**{"X-CSRF-TOKEN": new}).status_code == 200


def test_a_login_and_reading_need_no_token(bob: User) -> None:
    desktop, token = with_token(bob)
    assert desktop.ping().status_code == 200
    assert desktop.ask("GET", ME)["X-CSRF-TOKEN"] == token
    assert desktop.log_in([]).status_code == 200


def test_a_login_that_does_not_ask_ends_the_need(bob: User) -> None:
    with_token(bob)
    desktop = Desktop(bob)
    desktop.log_in()
    assert desktop.log_out().status_code == 200


def test_the_token_without_a_session_proves_nothing(bob: User) -> None:
    _, token = with_token(bob)
    refused(Desktop().log_out(**{"X-CSRF-TOKEN": token}), 401, 20)
    refused(
        Desktop("t100\\bob", password="wrong").ask("POST", ME, LOGOUT, pair=True, **{"X-CSRF-TOKEN": token}), 401, 20
    )
    assert is_open()
