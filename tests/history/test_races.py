"""What happens at the same moment: real threads with real connections, on SQLite and on PostgreSQL."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from environment.models import Application
from history.models import Event, Identity, Recognition, Visit
from tests.cast import at_once
from tests.history.test_any_order import state
from tests.history.visiting import ADA, SENT, VISIT, event, get, guid, post, send, visitor

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
ROUNDS = 3


def answers(calls: list[Callable[[], Any]]) -> list[int]:
    """The statuses of calls made at once; none fails for a fault of ours."""
    told = at_once(calls)
    assert not [each for each in told if isinstance(each, BaseException)], told
    assert all(each.status_code < 500 for each in told), [each.content for each in told]
    return [each.status_code for each in told]


STORY = [
    *SENT,
    event("SignOut", guid(0x201), 8),
    event("SignIn", guid(0x202), 9, data={"userID": "eva"}),
    event("Look", guid(0x203), 10, browserPageID="P1"),
    event("SignIn", guid(0x204), 11, data={"userID": ADA, "name": "Ada L."}),
    event("PageExited", guid(0x205), 12, browserPageID="P1"),
]


def test_eight_senders_of_one_visit_in_different_orders_end_as_one(shop: Application) -> None:
    for each in STORY:
        assert send(VISIT, each).status_code == 201
    wanted = state(shop)
    for turn in range(ROUNDS):
        Visit.objects.all().delete()
        Identity.objects.all().delete()
        chance = random.Random(turn)

        def run(order: list[dict[str, Any]], size: int) -> Any:
            for begin in range(0, len(order), size):
                answer = send(VISIT, *order[begin : begin + size])
                if answer.status_code >= 300:
                    return answer
            return answer

        orders = [chance.sample(STORY, len(STORY)) for _ in range(8)]
        told = answers([partial(run, order, 1 + n % 4) for n, order in enumerate(orders)])
        assert set(told) <= {200, 201}
        assert state(shop) == wanted
        assert Visit.objects.get().event_count == len(STORY)


def test_each_event_is_new_exactly_once(shop: Application) -> None:
    told = answers([lambda: send(VISIT, event("Look", guid(1)))] * 8)
    assert Counter(told) == {201: 1, 200: 7}
    assert Event.objects.count() == Visit.objects.get().event_count == 1


def test_two_visits_of_one_identity_signing_in_and_out_do_not_lock_each_other(shop: Application) -> None:
    for turn in range(ROUNDS):
        pair = [guid(100 + 2 * turn), guid(101 + 2 * turn)]

        def run(visit_id: str, first: str, second: str, base: int) -> Any:
            for step in range(6):
                who = (first, second)[step % 2]
                body = {"userID": who, "name": f"{who} {step}"}
                answer = send(
                    visit_id, event("SignIn", None, base + step, data=body), event("SignOut", None, base + step)
                )
                if answer.status_code >= 300:
                    return answer
            return send(visit_id, event("SignIn", None, base + 10, data={"userID": first}))

        told = answers([
            partial(run, pair[0], "ada", "eva", 0), partial(run, pair[1], "eva", "ada", 0),
        ])  # fmt: skip
        assert told == [201, 201]
        # Each identity stands as the last of all its visits left it.
        for identity in Identity.objects.all():
            last = Recognition.objects.filter(identity=identity).order_by("-last_key", "-pk").first()
            assert last is not None
            assert identity.visit_scope == last.scope
        Visit.objects.all().delete()


def test_a_new_identity_from_eight_visits_at_once_is_one(shop: Application) -> None:
    for turn in range(ROUNDS):
        names = [f"new{turn}-{number}" for number in range(3)]

        def run(number: int, names: list[str] = names, turn: int = turn) -> Any:
            order = random.Random(number).sample(names, 3)
            return send(
                guid(1_000 + 10 * turn + number),
                *[event("SignIn", None, step, data={"userID": name}) for step, name in enumerate(order)],
            )

        assert answers([partial(run, number) for number in range(8)]) == [201] * 8
        assert Identity.objects.filter(identity_id__in=names).count() == 3
        for name in names:
            assert len(get(visitor(name, "/visits")).json()) == 8


def test_one_event_sent_to_two_visits_at_once_is_in_one(shop: Application) -> None:
    for turn in range(ROUNDS * 2):
        sent = event("Look", guid(500 + turn), 1)
        told = answers([partial(send, guid(v), sent) for v in (1, 2)])
        assert sorted(told) == [201, 409]
    assert sum(Visit.objects.values_list("event_count", flat=True)) == Event.objects.count() == ROUNDS * 2


def test_batches_that_cross_do_not_lock_each_other(shop: Application) -> None:
    for turn in range(ROUNDS * 2):
        sent = [event("Look", guid(5_000 + 100 * turn + n), n, pageID=guid(9_000 + 100 * turn + n)) for n in range(40)]
        told = answers([partial(send, guid(1), *sent), partial(send, guid(2), *reversed(sent))])
        assert sorted(told) == [201, 409]


def test_one_page_named_by_two_visits_at_once_is_of_one(shop: Application) -> None:
    for turn in range(ROUNDS):
        page = guid(700 + turn)
        told = answers([partial(send, guid(v), event("PageEntered", None, 1, pageID=page)) for v in (1, 2)])
        assert sorted(told) == [201, 409]


def test_visits_and_sessions_told_at_once_are_made_once(shop: Application) -> None:
    for turn in range(ROUNDS):
        key = guid(800 + turn)
        told = answers([partial(post, "/visits", {"visitId": key, "startDate": 5})] * 6)
        assert Counter(told) == {201: 1, 200: 5}
        body = {"sessionId": guid(900 + turn), "identityId": "ada", "startDate": 6}
        told = answers([partial(post, f"/visits/{key}/sessions", body)] * 6)
        assert Counter(told) == {201: 1, 200: 5}
