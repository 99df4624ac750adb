"""Walking a list by cursors gives the list; a cursor is good for its own list only, and for nobody who changes it."""

from __future__ import annotations

import base64
from itertools import pairwise
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from config.keyring import new_ring_text
from environment.models import Application, ContactCenter
from history.cursors import Listing, Mark, cursor_of, mark_of
from history.models import Event, Identity, Page, Recognition, Session
from history.selectors import included, lists
from tests.history.asking import PAIR, server
from tests.history.test_refusals import CURSOR, assert_refused
from tests.history.visiting import ADA, HOME, VISIT, event, get, guid, keys_of, send, visitor

pytestmark = pytest.mark.django_db
NAMES = {
    "visits": "visitId",
    "sessions": "sessionId",
    "pages": "pageId",
    "events": "eventID",
    "identities": "identityId",
}
TIMES: dict[Any, str] = {Event: "received_at", Page: "started_at", Session: "started_at", Recognition: "started_at"}
LISTS = [
    f"/visits/{VISIT}/events", f"/visits/{VISIT}/pages", f"/visits/{VISIT}/sessions", f"/visits/{VISIT}/identities",
    f"/pages/{HOME}/events", visitor(ADA, "/events"), visitor(ADA, "/pages"), visitor(ADA, "/sessions"),
    visitor(ADA, "/visits"), "/identities",
]  # fmt: skip


@pytest.fixture
def busy(world: Application) -> Application:
    """The world with more of everything: nine visits of nine visitors, most of them ada's too, and long lists."""
    more = [event("Look", guid(1_000 + n), 10 + n // 4, browserPageID="P1") for n in range(9)]
    for n in range(8):
        more.append(event("SignIn", guid(1_100 + n), 20 + n // 3, data={"userID": f"user{n}"}))
        more.append(event("SignIn", guid(1_200 + n), 30 + n // 3, data={"userID": ADA}))
        more.append(event("PageEntered", guid(1_300 + n), 33, pageID=guid(1_400 + n)))
    assert send(VISIT, *more).status_code == 201
    for n in range(8):
        assert send(guid(1_500 + n), event("SignIn", None, 40, data={"userID": ADA})).status_code == 201
    return world


def walked(path: str, *, by: str = "page_start", between: Any = None, **query: Any) -> list[str]:
    """The ids of all pages in turn; ``between`` runs after each page."""
    ids: list[str] = []
    start: dict[str, str] = {}
    for _ in range(200):
        answer = get(path, **query, **start)
        page = keys_of(answer, NAMES[path.rpartition("/")[2]])
        ids += page
        if "Paging-Next" not in answer:
            return ids
        assert len(page) == query["page_size"]
        start = {by: answer["Paging-Next"]}
        if between:
            between()
    raise AssertionError("the list has no end")


def whole(path: str) -> list[str]:
    answer = get(path)
    assert "Paging-Next" not in answer
    return keys_of(answer, NAMES[path.rpartition("/")[2]])


def test_walking_gives_exactly_the_list(busy: Application) -> None:
    for path in LISTS:
        wanted = whole(path)
        assert len(wanted) == len(set(wanted)) > 7, path
        for size in (1, 3, 7):
            assert walked(path, page_size=size) == wanted, (path, size)
        assert walked(path, page_size=3, by="next") == wanted
        assert walked(path, page_size=len(wanted)) == wanted
        assert "Paging-Next" not in get(path, page_size=1_000)


def test_walking_among_equal_times_gives_exactly_the_list(busy: Application) -> None:
    for model, column in TIMES.items():
        model.objects.update(**{column: 1_700_000_000_000})
    for path in LISTS:
        wanted = whole(path)
        for size in (1, 3, 7):
            assert walked(path, page_size=size) == wanted, (path, size)


def test_lists_are_in_order_of_time(busy: Application) -> None:
    for path, column in ((f"/visits/{VISIT}/events", "serverTimestamp"), (f"/visits/{VISIT}/pages", "startDate"),
                         (visitor(ADA, "/sessions"), "startDate"), (visitor(ADA, "/visits"), "startDate")):  # fmt: skip
        times = [each[column] for each in get(path).json()]
        assert all(before <= after for before, after in pairwise(times))


def test_walking_while_events_arrive_misses_nothing_and_tells_nothing_twice(busy: Application) -> None:
    path, came = f"/visits/{VISIT}/events", 0
    before = whole(path)

    def arrive() -> None:
        nonlocal came
        if came < 20:
            came += 1
            # As late as may be by the browser's time: the list is ordered by the server's.
            assert send(VISIT, event("Late", guid(2_000 + came), 0, browserPageID="P1")).status_code == 201

    for size in (3, 7):
        ids = walked(path, page_size=size, between=arrive)
        assert ids == whole(path)
        assert ids[: len(before)] == before
    assert came == 20


def test_pages_keep_filters_and_lists(busy: Application) -> None:
    path = f"/visits/{VISIT}/events"
    assert walked(path, page_size=3, eventName="Look") == [guid(1_000 + n) for n in range(9)]
    told = get(visitor(ADA, "/visits"), page_size=3, include_events="true")
    assert len(told.json()) == 3
    further = get(visitor(ADA, "/visits"), page_start=told["Paging-Next"], page_size=3, include_pages="true")
    assert all(each["events"] is None and each["pageIds"] is not None for each in further.json())


def test_a_cursor_without_a_size_gives_all_the_rest(busy: Application) -> None:
    path = f"/visits/{VISIT}/events"
    rest = get(path, page_start=get(path, page_size=5)["Paging-Next"])
    assert keys_of(rest, "eventID") == whole(path)[5:]
    assert get(path, page_start=get(path, page_size=5)["Paging-Next"], next=get(path, page_size=5)["Paging-Next"])


def test_a_cursor_is_of_one_list_under_one_set_of_filters_at_one_door(busy: Application, t200: ContactCenter) -> None:
    path = f"/visits/{VISIT}/events"
    cursor = get(path, page_size=2)["Paging-Next"]
    assert get(path, page_start=cursor, base="/history/GWE/backend/data").status_code == 200
    elsewhere = [
        *(f"{each}?" for each in LISTS if each != path),
        f"/visits/{guid(1_500)}/events?", f"{path}?eventName=Look&", f"{path}?age=10000&",
    ]  # fmt: skip
    for other in elsewhere:
        assert_refused(get(f"{other}{urlencode({'page_start': cursor})}"), 400, CURSOR)
    filtered = get(path, page_size=2, eventName="Look")["Paging-Next"]
    assert_refused(get(path, page_start=filtered), 400, CURSOR)
    assert_refused(get(path, page_start=filtered, eventName="AddToCart"), 400, CURSOR)
    for changed in (
        cursor[:-1],
        cursor[1:],
        cursor + "A",
        cursor + "=",
        cursor.swapcase(),
        f" {cursor}",
        cursor * 2,
        "é",
    ):
        assert_refused(get(path, page_start=changed), 400, CURSOR)
    server("Two", t200, PAIR)
    theirs = "/history/Two/server/data"
    assert send(VISIT, *[event("Look") for _ in range(5)], base=theirs).status_code == 201
    assert_refused(get(path, page_start=cursor, base=theirs), 400, CURSOR)


def test_a_cursor_outlives_a_new_key_but_not_the_loss_of_its_own(busy: Application, settings: Any) -> None:
    path = f"/visits/{VISIT}/events"
    old, new = settings.DESKGATE_KEYS, new_ring_text("new")
    cursor = get(path, page_size=5)["Paging-Next"]
    wanted = whole(path)[5:]
    settings.DESKGATE_KEYS = f"{new},{old}"
    assert keys_of(get(path, page_start=cursor), "eventID") == wanted
    settings.DESKGATE_KEYS = f"{old},{new}"
    assert keys_of(get(path, page_start=cursor), "eventID") == wanted


def test_a_cursor_of_a_lost_key_is_refused(settings: Any) -> None:
    listing = Listing(1, ("events",), {})
    cursor = cursor_of(listing, Mark(1, 1))
    settings.DESKGATE_KEYS = new_ring_text("new")
    assert mark_of(listing, cursor) is None


def test_the_mark_goes_on_when_its_row_is_gone(busy: Application) -> None:
    path = f"/visits/{VISIT}/events"
    wanted, cursor = whole(path), get(path, page_size=5)["Paging-Next"]
    Event.objects.filter(event_id=wanted[4]).delete()
    assert keys_of(get(path, page_start=cursor), "eventID") == wanted[5:]
    assert Identity.objects.exists()


MARKS = st.builds(Mark, st.integers(0, 2**63 - 1), st.integers(0, 2**63 - 1))
LISTINGS = st.builds(
    Listing,
    st.integers(1, 2**31),
    st.lists(st.text(max_size=8), min_size=1, max_size=3).map(tuple),
    st.dictionaries(st.text(max_size=5), st.text(max_size=5), max_size=3),
)


@settings(deadline=None)
@given(listing=LISTINGS, mark=MARKS)
def test_a_cursor_says_its_mark_in_characters_that_a_query_takes_as_they_are(listing: Listing, mark: Mark) -> None:
    cursor = cursor_of(listing, mark)
    assert mark_of(listing, cursor) == mark
    assert urlencode({"next": cursor}) == f"next={cursor}"


@settings(deadline=None)
@given(listing=LISTINGS, mark=MARKS, position=st.integers(0, 31), flip=st.integers(1, 255))
def test_any_changed_byte_is_refused(listing: Listing, mark: Mark, position: int, flip: int) -> None:
    raw = bytearray(base64.urlsafe_b64decode(cursor_of(listing, mark) + "="))
    assert len(raw) == 32
    raw[position] ^= flip
    assert mark_of(listing, base64.urlsafe_b64encode(bytes(raw)).decode().rstrip("=")) is None


@settings(deadline=None)
@given(listing=LISTINGS, mark=MARKS, position=st.integers(0, 42), character=st.characters(max_codepoint=0x250))
@example(listing=Listing(1, ("x",), {}), mark=Mark(1, 1), position=42, character="B")
def test_any_changed_character_is_refused(listing: Listing, mark: Mark, position: int, character: str) -> None:
    cursor = cursor_of(listing, mark)
    changed = cursor[:position] + character + cursor[position + 1 :]
    assert changed == cursor or mark_of(listing, changed) is None


@settings(deadline=None)
@given(one=LISTINGS, other=LISTINGS, mark=MARKS)
@example(one=Listing(1, ("a", "b"), {}), other=Listing(1, ("a",), {"b": ""}), mark=Mark(1, 1))
@example(one=Listing(1, ("a",), {"b": "c"}), other=Listing(1, ("a",), {"bc": ""}), mark=Mark(1, 1))
@example(one=Listing(1, ("12",), {}), other=Listing(11, ("2",), {}), mark=Mark(1, 1))
def test_no_other_list_takes_it(one: Listing, other: Listing, mark: Mark) -> None:
    assert one == other or mark_of(other, cursor_of(one, mark)) is None


@settings(deadline=None)
@given(text=st.text(max_size=70))
def test_anything_else_is_no_cursor(text: str) -> None:
    assert mark_of(Listing(1, ("x",), {}), text) is None


@pytest.fixture
def heavy(world: Application, monkeypatch: pytest.MonkeyPatch) -> str:
    """A visit of twelve events of 30,000 bytes each, where an answer holds 100,000 bytes of data."""
    for module in (lists, included):
        monkeypatch.setattr(module, "MOST_DATA", 100_000)
    data = {"text": "ä" * 15_000}
    assert send(guid(3_000), *[event("Look", guid(3_100 + n), n, data=data) for n in range(12)]).status_code == 201
    return f"/visits/{guid(3_000)}"


@pytest.mark.parametrize("size", [{}, {"page_size": 10}, {"page_size": 2}])
def test_a_page_of_events_ends_before_its_data_is_too_much(heavy: str, size: dict[str, Any]) -> None:
    ids: list[str] = []
    start: dict[str, str] = {}
    counts = []
    while True:
        answer = get(f"{heavy}/events", **size, **start)
        counts.append(len(answer.json()))
        ids += keys_of(answer, "eventID")
        if "Paging-Next" not in answer:
            break
        start = {"page_start": answer["Paging-Next"]}
    assert counts == ([2] * 6 if size.get("page_size") == 2 else [3] * 4)
    assert ids == [guid(3_100 + n) for n in range(12)]


def test_an_event_that_is_too_much_alone_is_a_page(heavy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "MOST_DATA", 10)
    assert len(walked(f"{heavy}/events", page_size=1)) == 12


def test_details_of_too_much_data_are_refused_and_ids_are_not(heavy: str) -> None:
    assert len(get(heavy, include_events="true").json()["eventIds"]) == 12
    answer = get(heavy, include_events="true", include_events_detail="true")
    assert answer.status_code == 400
    text = answer.content.decode()
    assert "'include_events_detail' would include more than" in text
    assert "ask for the list of events itself." in text
    assert "page_size" not in text


def test_too_many_included_are_refused_in_words_that_help(heavy: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(included, "MOST", 2)
    one = get(heavy, include_events="true")
    assert (one.status_code, "page_size" in one.content.decode()) == (400, False)
    many = get(visitor(ADA, "/visits"), include_events="true")
    assert (many.status_code, "smaller page_size" in many.content.decode()) == (400, True)
