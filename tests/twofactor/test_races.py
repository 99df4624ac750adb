"""Many at once: one acceptance per code, as many comparisons as the limit, no send beyond the maximum.

On PostgreSQL with a connection for each; on SQLite with threads.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest

from environment.models import Application
from tests.cast import at_once
from tests.twofactor.playing import Ivr, last_code, messages, other_than, row_of, unlimited
from tests.twofactor.sending import setting
from twofactor.flow.actions import verifying
from twofactor.models import Challenge, FlowSession

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def comparisons(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """One entry for each code that was really compared."""
    made: list[int] = []
    lock = threading.Lock()
    real: Callable[..., bool] = verifying.code_is_right

    def counted(*args: Any, **words: Any) -> bool:
        with lock:
            made.append(1)
        return real(*args, **words)

    monkeypatch.setattr(verifying, "code_is_right", counted)
    return made


@pytest.fixture
def ready(ivr: Ivr, self_service: Application, wide_gate: None) -> Ivr:
    """Without limits of requests, which are not what is counted here."""
    unlimited(
        self_service, "address-checks-hour", "credential-checks-hour", "address-sends-hour", "credential-sends-hour"
    )
    unlimited(self_service)
    return ivr


def statuses(answers: list[Any]) -> Counter[int]:
    for answer in answers:
        if isinstance(answer, BaseException):
            raise answer
    return Counter(answer.status_code for answer in answers)


def test_fifty_rounds_of_24_equal_right_codes_are_exactly_fifty_acceptances(ready: Ivr, comparisons: list[int]) -> None:
    setting(ready.application, "max-verify", 10, "two-factor")
    accepted, seen = 0, Counter[int]()
    for _ in range(50):
        session = ready.calls("1002")
        code = {"code": last_code()}
        answers = at_once([lambda at=f"/{session['id']}/code", code=code: ready.post(at, code)] * 24)  # type: ignore[misc]
        seen += statuses(answers)
        accepted += sum(answer.status_code == 200 and answer.json()["path"] == "success" for answer in answers)
        assert row_of(session).path == "success"
    assert accepted == 50
    assert set(seen) <= {200, 409}, seen
    assert Challenge.objects.filter(consumed_at__isnull=False).count() == 50


def test_twenty_rounds_of_100_wrong_codes_with_a_limit_of_5_are_exactly_100_comparisons(
    ready: Ivr, comparisons: list[int]
) -> None:
    setting(ready.application, "max-verify", 5, "two-factor")
    setting(ready.application, "max-verify-path", "agent", "two-factor")
    setting(ready.application, "failures-before-stop", 1_000_000, "two-factor-limits")
    seen = Counter[int]()
    for _ in range(20):
        session = ready.calls("1002")
        wrong = {"code": other_than(last_code())}
        for _part in range(4):
            answers = at_once([lambda at=f"/{session['id']}/code", code=wrong: ready.post(at, code)] * 25)  # type: ignore[misc]
            seen += statuses(answers)
        assert row_of(session).path == "agent"
    assert len(comparisons) == 100
    assert set(seen) <= {200, 409}, seen


def test_sends_never_exceed_their_maximum(ready: Ivr) -> None:
    session = ready.calls("1002")
    seen = statuses(at_once([lambda: ready.post(f"/{session['id']}/resend", {})] * 16))
    assert set(seen) <= {200, 409}, seen
    assert len(messages()) <= 3
    assert row_of(session).sends_used <= 3


def test_resends_at_once_within_the_cool_down_send_nothing(ready: Ivr) -> None:
    session = ready.calls("1002")
    setting(ready.application, "resend-cool-down", 30, "two-factor-limits")
    answers = at_once([lambda: ready.post(f"/{session['id']}/resend", {})] * 12)
    assert statuses(answers) == {200: 12}
    assert all(answer.json()["retryAfter"] > 0 for answer in answers)
    assert len(messages()) == 1


def test_two_choices_at_once_send_one_code(ready: Ivr) -> None:
    session = ready.calls("1000")
    answers = at_once([lambda: ready.post(f"/{session['id']}/method", {"method": "email"})] * 8)
    assert statuses(answers)[200] == 1
    assert statuses(answers)[409] == 7
    assert len(messages()) == 1


def test_the_budget_of_an_account_holds_over_calls_at_once(ready: Ivr) -> None:
    setting(ready.application, "account-sends-hour", 10, "two-factor-limits")
    at_once([lambda: ready.calls("1002")] * 16)
    assert len(messages()) == 8  # a fifth is kept for calls from the account's own phone


def test_the_same_key_at_once_makes_one_session(ready: Ivr) -> None:
    body = {"application": ready.application.name, "account": "1002"}
    answers = at_once([lambda: ready.post("", body, **{"Idempotency-Key": "k"})] * 12)
    assert set(statuses(answers)) <= {201, 409}
    assert len({answer.json()["id"] for answer in answers if answer.status_code == 201}) == 1
    assert FlowSession.objects.count() == 1


def test_a_hang_up_beside_the_right_code_ends_it_once(ready: Ivr) -> None:
    for _ in range(10):
        session = ready.calls("1002")
        code = {"code": last_code()}
        answers = at_once(
            [
                lambda at=f"/{session['id']}", code=code: ready.post(f"{at}/code", code),  # type: ignore[misc]
                lambda at=f"/{session['id']}": ready.post(f"{at}/hangup", {}),  # type: ignore[misc]
            ]
        )
        assert set(statuses(answers)) <= {200, 409}
        row = row_of(session)
        assert row.path in ("success", "hangup")
        assert (row.authenticated_at is not None) == (row.path == "success")
