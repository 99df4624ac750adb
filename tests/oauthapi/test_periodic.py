"""The purges of tokens, codes, families and stored requests: each table shrinks, nothing alive is touched."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db.models import Model
from django.utils import timezone

from accounts.models import User
from activity import jobs, purges
from activity.jobs import Done
from oauthapi import periodic
from oauthapi.models import AccessToken, ApiClient, AuthorizationCode, AuthorizationRequest, RefreshToken, TokenFamily
from oauthapi.services.requests import request_store
from tests.cast import by_password, is_alive, new_code, refreshed

CASES: list[tuple[type[Model], str, Callable[[], Done]]] = [
    (AccessToken, "expires_at", periodic.access_tokens_purge),
    (RefreshToken, "expires_at", periodic.refresh_tokens_purge),
    (TokenFamily, "ends_at", periodic.families_purge),
    (AuthorizationCode, "expires_at", periodic.codes_purge),
    (AuthorizationRequest, "expires_at", periodic.requests_purge),
]


def set_end(model: Any, column: str, end: datetime, number: int | None = None) -> None:
    chosen = list(model.objects.order_by("pk").values_list("pk", flat=True)[:number])
    model.objects.filter(pk__in=chosen).update(**{column: end})


@pytest.fixture
def some_of_each(desk: ApiClient, bob: User) -> dict[str, Any]:
    answer: dict[str, Any] = {}
    for number in range(3):
        answer = by_password(desk, bob)
        new_code(desk, bob, code=f"code-{number}")
        request_store({}, client=desk, browser="b")
    return answer


@pytest.mark.parametrize(("model", "column", "run"), CASES)
def test_what_has_ended_goes_in_slices(
    model: Any, column: str, run: Callable[[], Done], some_of_each: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(purges, "SLICE", 1)
    assert run() == Done(0)
    set_end(model, column, timezone.now() - timedelta(days=2), 2)
    assert [run(), run(), run()] == [Done(1, left_over=True), Done(1, left_over=True), Done(0)]
    assert model.objects.count() == 1


@pytest.mark.parametrize(("model", "column", "run"), CASES)
def test_what_has_just_ended_stays_for_requests_under_way(
    model: Any, column: str, run: Callable[[], Done], some_of_each: dict[str, Any]
) -> None:
    set_end(model, column, timezone.now() - timedelta(minutes=1))
    assert run() == Done(0)


def test_nothing_alive_is_touched(desk: ApiClient, some_of_each: dict[str, Any]) -> None:
    for _model, _column, run in CASES:
        assert run() == Done(0)
    assert is_alive(some_of_each["access_token"])
    assert refreshed(desk, some_of_each["refresh_token"]).status_code == 200


def test_a_code_outlives_the_family_it_led_to(desk: ApiClient, some_of_each: dict[str, Any]) -> None:
    family = TokenFamily.objects.first()
    AuthorizationCode.objects.update(family=family)
    set_end(TokenFamily, "ends_at", timezone.now() - timedelta(days=2))
    periodic.families_purge()
    assert not AccessToken.objects.exists()
    assert AuthorizationCode.objects.filter(family=None).count() == 3


def test_tokens_go_before_their_families() -> None:
    names = [job.name for job in jobs.registry()]
    assert names.index("oauthapi.access-tokens-purge") < names.index("oauthapi.families-purge")
