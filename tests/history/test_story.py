"""System events keep visits, pages, identities and sessions in step, in the words of the reference (A.7)."""

from __future__ import annotations

from typing import Any

import pytest

from environment.models import Application
from history.models import Event, Visit
from tests.history.asking import put
from tests.history.visiting import ADA, CART, START, VISIT, event, get, guid, keys_of, post, send, visitor

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("shop")]
EVA = "eva@example.com"


def visit() -> dict[str, Any]:
    return get(f"/visits/{VISIT}").json()


def scope(identity_id: str) -> str:
    return get(visitor(identity_id)).json()["visitScope"]


def sessions(**query: str) -> list[tuple[str, int, int, int]]:
    """(identity, start, end, duration) of the visit's; times in seconds after the beginning."""
    answer = get(f"/visits/{VISIT}/sessions", **query)
    told = answer.json() if answer.status_code == 200 else []
    return [
        (each["identityId"], (each["startDate"] - START) // 1_000, max(0, (each["endDate"] - START) // 1_000),
         each["duration"])
        for each in told
    ]  # fmt: skip


def say(name: str, at: int, **more: Any) -> dict[str, Any]:
    """Send one new event; what the API says of it."""
    answer = send(VISIT, event(name, None, at, **more))
    assert answer.status_code == 201, answer.content
    return answer.json()


def sign_in(identity_id: str, at: int, **data: Any) -> dict[str, Any]:
    return say("SignIn", at, data={"userID": identity_id, **data})


def test_the_story_of_a_visit() -> None:
    # "VisitStarted makes a new visit"; it is anonymous until a sign-in ties it to an identity.
    say("VisitStarted", 0)
    assert (visit()["startDate"], visit()["endDate"], visit()["activeSessionId"]) == (START, 0, None)
    assert get(f"/visits/{VISIT}/identities").status_code == 204
    # "PageEntered makes a page tied to the visit".
    home = say("PageEntered", 1, browserPageID="P1", url="https://shop.example.com/")["pageID"]
    page = get(f"/pages/{home}").json()
    assert (page["visitId"], page["identityId"], page["sessionId"], page["endDate"]) == (VISIT, None, None, 0)
    anonymous = say("Look", 2, browserPageID="P1")
    assert anonymous["pageID"] == home
    # "SignIn makes the identity; opens a new session that becomes the active one"; scope Authenticated.
    sign_in(ADA, 3, name="Ada", location="Paris")
    [session] = get(f"/visits/{VISIT}/sessions").json()
    assert visit()["activeSessionId"] == session["sessionId"]
    assert (session["identityId"], session["startDate"], session["endDate"]) == (ADA, START + 3_000, 0)
    assert scope(ADA) == "Authenticated"
    mine = say("AddToCart", 4, browserPageID="P1")["eventID"]
    assert mine in keys_of(get(f"/sessions/{session['sessionId']}/events"), "eventID")
    assert anonymous["eventID"] not in keys_of(get(visitor(ADA, "/events")), "eventID")
    # The page is now tied to the identity and the session too.
    assert get(f"/pages/{home}").json()["sessionId"] == session["sessionId"]
    assert keys_of(get(visitor(ADA, "/pages")), "pageId") == [home]
    # "PageExited updates that page; coming back makes a new page".
    assert say("PageExited", 11, browserPageID="P1")["pageID"] == home
    left = get(f"/pages/{home}").json()
    assert (left["endDate"], left["duration"]) == (START + 11_000, 10)
    back = say("PageEntered", 12, browserPageID="P2", url="https://shop.example.com/")["pageID"]
    assert back != home
    assert keys_of(get(f"/visits/{VISIT}/pages"), "pageId") == [home, back]
    assert get(f"/pages/{home}").json()["endDate"] == START + 11_000
    # "UserInfo: profile updated".
    say("UserInfo", 13, data={"userID": ADA, "name": "Ada L.", "entityInCS": "CS7", "sex": "f"})
    told = get(visitor(ADA)).json()
    assert (told["name"], told["location"], told["entityInCS"]) == ("Ada L.", "Paris", "CS7")
    # "One visit may hold several identities": the next SignIn ends the session before.
    sign_in(EVA, 14)
    assert sessions() == [(ADA, 3, 14, 11), (EVA, 14, 0, 0)]
    assert sessions(identityId=EVA) == [(EVA, 14, 0, 0)]
    assert (scope(ADA), scope(EVA)) == ("Recognized", "Authenticated")
    assert keys_of(get(f"/visits/{VISIT}/identities"), "identityId") == [ADA, EVA]
    assert keys_of(get(f"/visits/{VISIT}/identities", association="Recognized"), "identityId") == [ADA]
    # "SignOut closes the session, sets its end date; scope becomes Recognized".
    say("SignOut", 20)
    assert visit()["activeSessionId"] is None
    assert sessions() == [(ADA, 3, 14, 11), (EVA, 14, 20, 6)]
    assert scope(EVA) == "Recognized"
    # Still recognised: what he does is his, in no session.
    later = say("Look", 21)["eventID"]
    assert keys_of(get(visitor(EVA, "/events"), ), "eventID")[-1] == later  # fmt: skip
    assert visit()["endDate"] == 0


def test_user_info_recognises_a_visitor_where_nobody_is_signed_in() -> None:
    say("UserInfo", 1, data={"userID": ADA})
    assert scope(ADA) == "Recognized"
    assert visit()["activeSessionId"] is None
    assert sessions() == []
    assert keys_of(get(visitor(ADA, "/visits")), "visitId") == [VISIT]
    sign_in(ADA, 2)
    assert scope(ADA) == "Authenticated"


def test_user_info_of_somebody_else_does_not_sign_anybody_out() -> None:
    sign_in(ADA, 1)
    say("UserInfo", 2, data={"userID": EVA})
    assert (scope(ADA), scope(EVA)) == ("Authenticated", "Recognized")
    assert sessions() == [(ADA, 1, 0, 0)]


def test_a_sign_out_of_nobody_and_the_exit_of_an_unknown_page_are_kept() -> None:
    say("SignOut", 1)
    page = say("PageExited", 5, browserPageID="P9")["pageID"]
    told = get(f"/pages/{page}").json()
    assert (told["startDate"], told["endDate"]) == (START + 5_000, START + 5_000)
    say("PageEntered", 2, browserPageID="P9", url="https://shop.example.com/late")
    told = get(f"/pages/{page}").json()
    assert (told["startDate"], told["duration"], told["url"]) == (START + 2_000, 3, "https://shop.example.com/late")


def test_the_same_identity_signs_in_again() -> None:
    sign_in(ADA, 1)
    sign_in(ADA, 5)
    say("SignOut", 9)
    sign_in(ADA, 10)
    assert sessions() == [(ADA, 1, 5, 4), (ADA, 5, 9, 4), (ADA, 10, 0, 0)]
    assert scope(ADA) == "Authenticated"
    assert keys_of(get(visitor(ADA, "/visits")), "visitId") == [VISIT]


def test_the_scope_of_an_identity_is_that_of_the_visit_that_touched_it_last() -> None:
    sign_in(ADA, 10)
    assert send(guid(9), event("SignIn", None, 20, data={"userID": ADA})).status_code == 201
    assert send(guid(9), event("SignOut", None, 21)).status_code == 201
    assert scope(ADA) == "Recognized"
    there = get(f"/visits/{VISIT}/identities").json()
    assert [each["visitScope"] for each in there] == ["Authenticated"]


def test_a_visit_without_events_for_long_is_over_and_the_next_event_opens_it_again(shop: Application) -> None:
    put(shop, "visit-timeout-minutes", "5", section="history")
    say("VisitStarted", 0)
    sign_in(ADA, 1)
    page = say("PageEntered", 2, browserPageID="P1")["pageID"]
    rows = Visit.objects.filter(visit_id=VISIT)
    now = rows.get().received_at
    rows.update(received_at=now - 4 * 60_000)
    assert visit()["endDate"] == 0
    rows.update(received_at=now - 6 * 60_000)
    over = visit()
    assert (over["endDate"], over["activeSessionId"]) == (START + 2_000, None)
    assert sessions() == [(ADA, 1, 2, 1)]
    assert get(f"/pages/{page}").json()["endDate"] == START + 2_000
    say("Look", 900)
    again = visit()
    assert (again["endDate"], again["activeSessionId"] is None) == (0, False)
    assert sessions() == [(ADA, 1, 0, 0)]
    assert get(f"/pages/{page}").json()["endDate"] == 0


def test_a_duplicate_changes_nothing_whatever_it_says() -> None:
    first = send(VISIT, event("AddToCart", CART, 1, url="https://shop.example.com/", data={"price": 1}))
    assert first.status_code == 201
    for other in (
        event("AddToCart", CART, 1, url="https://shop.example.com/", data={"price": 1}),
        event("SignIn", CART, 99, data={"userID": ADA}),
        event("PageExited", CART, 99, pageID=guid(1)),
        event(
            "AddToCart", CART.replace("-", "").upper(), 5, eventType="SYSTEM", globalVisitID=guid(2), userAgent="Opera"
        ),
    ):
        before = list(Visit.objects.values())
        again = send(VISIT, other)
        assert (again.status_code, again.json()) == (200, first.json())
        assert list(Visit.objects.values()) == before
    assert get("/identities").status_code == get(f"/visits/{VISIT}/pages").status_code == 204


def test_a_batch_is_told_in_its_order_new_and_known_alike() -> None:
    one, two, three = (event("Look", guid(number), number) for number in (1, 2, 3))
    assert send(VISIT, two).status_code == 201
    mixed = send(VISIT, one, two, three | {"data": {"n": 1}}, three)
    assert mixed.status_code == 201
    assert [each["eventID"] for each in mixed.json()] == [guid(1), guid(2), guid(3), guid(3)]
    assert mixed.json()[3]["data"] == {"n": 1}
    again = send(VISIT, three, one, two)
    assert (again.status_code, [each["eventID"] for each in again.json()]) == (200, [guid(3), guid(1), guid(2)])
    alone = post(f"/visits/{VISIT}/events", [one])
    assert (alone.status_code, len(alone.json())) == (200, 1)
    assert Event.objects.count() == Visit.objects.get().event_count == 3


def test_a_business_event_may_bear_a_systems_name() -> None:
    told = say("SignIn", 1, eventType="BUSINESS")
    assert told["eventType"] == "BUSINESS"
    assert get("/identities").status_code == 204
    assert say("Anything", 2, eventType="SYSTEM")["eventType"] == "SYSTEM"


def test_what_is_sent_is_told_again_as_it_was() -> None:
    data = {"z": None, "a": [1, 2.5, {"ü": "😀"}], "n": -0.0, "big": 10**20, "userID": "x", "": ""}
    told = say("Look", 1, data=data, category="a/b", browserPageID="é", url="javascript:alert(1)")
    assert list(told["data"]) == list(data)
    assert (told["data"], told["category"], told["url"]) == (data, "a/b", "javascript:alert(1)")
    assert get(f"/events/{told['eventID']}").json() == told
    assert say("Look", 2, data={})["data"] == say("Look", 3, data=None)["data"] == {}
