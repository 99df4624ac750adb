"""What an administrator sees of visits: lists, searches by whole ids, timelines, and only what is his."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Role, User
from accounts.privileges import CONTACT_CENTER_PRIVILEGES
from environment.models import Application
from history.models import Event, Identity, Visit
from history.selectors import timeline
from tests.admin_client import admin_of
from tests.history.rows import (
    DAY,
    MINUTE,
    event_row,
    make_event,
    make_events,
    make_identity,
    make_page,
    make_recognition,
    make_server,
    make_session,
    make_visit,
)

VISITS, IDENTITIES, EVENTS = "/admin/history/visit/", "/admin/history/identity/", "/admin/history/event/"


@pytest.fixture
def server(t100: Any) -> Application:
    return make_server(t100)


@pytest.fixture
def other(t200: Any) -> Application:
    return make_server(t200, "Web_Two")


@pytest.fixture
def shopping(server: Application) -> Visit:
    """Ann looks at two pages, signs in on the second, goes back, and signs out."""
    visit = make_visit(server, lasted=12 * MINUTE, event_count=6, user_agent="Firefox")
    ann = make_identity(server, name="Ann", location="Paris", visit_scope="Authenticated")
    make_recognition(visit, ann)
    session = make_session(visit, ann, at=2 * MINUTE, ended_at=visit.started_at + 10 * MINUTE)
    shop = make_page(visit, url="https://shop.example.com/", title="The shop", ended_at=visit.started_at + MINUTE)
    cart = make_page(visit, at=MINUTE, url="https://shop.example.com/cart", title="The cart", category="checkout")
    known = {"identity": ann, "session": session}
    rows = [
        event_row(visit, page=shop, event_type="SYSTEM", event_name="PageEntered"),
        event_row(visit, at=2_500, page=shop, event_name="Searched", data={"words": ["red", "shoes"]}),
        event_row(visit, at=MINUTE, page=cart, event_type="SYSTEM", event_name="PageEntered"),
        event_row(visit, at=2 * MINUTE, page=cart, event_type="SYSTEM", event_name="SignIn", is_turn=True, **known),
        event_row(visit, at=9 * MINUTE, page=shop, event_name="Looked", **known),
        event_row(visit, at=10 * MINUTE, page=cart, event_type="SYSTEM", event_name="SignOut", is_turn=True, **known),
    ]
    Event.objects.bulk_create(reversed(rows))
    return visit


def page_of(row: Any) -> str:
    return f"/admin/history/{row._meta.model_name}/{row.pk}/change/"


def listed(browser: Any, address: str, **asked: str) -> list[Any]:
    answer = browser.get(address, asked)
    assert answer.status_code == 200
    return list(answer.context["cl"].result_list)


def test_a_visit_tells_its_times_its_state_and_who_it_was(shopping: Visit, alice: User) -> None:
    page = admin_of(alice).get(VISITS).content.decode()
    for words in (str(shopping.visit_id), "12 min", "open", "ann@example.com"):
        assert words in page
    page = admin_of(alice).get(page_of(shopping)).content.decode()
    for words in ("Firefox", "open", "12 min"):
        assert words in page


def test_the_timeline_is_in_order_of_the_browsers_time_page_by_page(shopping: Visit, alice: User) -> None:
    answer = admin_of(alice).get(page_of(shopping))
    parts = answer.context["parts"]
    told = [(part.page.title, part.stretch.is_return, [s.event.event_name for s in part.steps]) for part in parts]
    assert told == [
        ("The shop", False, ["PageEntered", "Searched"]),
        ("The cart", False, ["PageEntered", "SignIn"]),
        ("The shop", True, ["Looked"]),
        ("The cart", True, ["SignOut"]),
    ]
    page = answer.content.decode()
    for words in ("+2.5 s", "+2 min<", "signed in", "signed out", "stayed 1 min", "checkout", "<details>"):
        assert words in page
    assert "&quot;words&quot;: [\n" in page
    session = shopping.sessions.get()
    assert str(session.session_id) in page
    assert page_of(Identity.objects.get()) in page


def test_a_business_event_called_sign_in_signs_nobody_in(server: Application, alice: User) -> None:
    visit = make_visit(server)
    make_event(visit, event_name="SignIn", event_type="BUSINESS")
    assert "signed in" not in admin_of(alice).get(page_of(visit)).content.decode()


def test_pages_without_an_event_are_in_the_timeline_too(server: Application, alice: User) -> None:
    visit = make_visit(server)
    make_event(visit, at=1_000)
    make_event(visit, at=9_000)
    make_page(visit, at=5_000, title="Alone")
    parts = admin_of(alice).get(page_of(visit)).context["parts"]
    assert [(str(part.page.title) if part.page else "", len(part.steps)) for part in parts] == [
        ("", 1),
        ("Alone", 0),
        ("", 1),
    ]


def test_a_long_timeline_goes_on_where_it_stopped(server: Application, alice: User, monkeypatch: Any) -> None:
    visit = make_visit(server, lasted=DAY)
    # Several at one time: then their ids decide, as in the story of the visit.
    Event.objects.bulk_create([event_row(visit, at=number // 7 * 1_000) for number in range(25)])
    monkeypatch.setattr(timeline.timeline_of, "__kwdefaults__", {"limit": 10})
    browser, address, seen = admin_of(alice), page_of(visit), []
    for _number in range(3):
        answer = browser.get(address)
        seen += [step.event.pk for part in answer.context["parts"] for step in part.steps]
        address = answer.context["more_url"]
    assert not address
    assert len(seen) == 25
    assert seen == list(Event.objects.order_by("happened_at", "event_id").values_list("pk", flat=True))


@pytest.mark.parametrize("place", ["x", "1", "1.2.3", "9" * 19 + ".1", "1." + "9" * 39, "-5.٣", "1.1\n"])
def test_a_place_that_is_none_shows_the_beginning(place: str, shopping: Visit, alice: User) -> None:
    browser = admin_of(alice)
    assert browser.get(page_of(shopping), {"after": place}).context["from_start"]
    assert browser.get(page_of(Identity.objects.get()), {"after": place}).context["from_start"]


def test_five_hundred_events_stand_on_a_page(server: Application, alice: User) -> None:
    visit = make_visit(server)
    make_events(visit, 501)
    answer = admin_of(alice).get(page_of(visit))
    assert sum(len(part.steps) for part in answer.context["parts"]) == 500
    assert "Later events" in answer.content.decode()


def test_an_identity_tells_its_profile_and_its_visits_the_newest_first(server: Application, alice: User) -> None:
    ann = make_identity(server, name="Ann", location="Paris", entity_in_cs="cs-1", visit_scope="Authenticated")
    visits = [make_visit(server, ago=number * DAY) for number in range(60)]
    for visit in visits:
        make_recognition(visit, ann)
    browser = admin_of(alice)
    answer = browser.get(page_of(ann))
    page = answer.content.decode()
    for words in ("Ann", "Paris", "cs-1", "Authenticated"):
        assert words in page
    first = [row["link"] for row in answer.context["visits"]]
    rest = browser.get(answer.context["more_url"])
    shown = [*first, *(row["link"] for row in rest.context["visits"])]
    assert len(first) == 50
    assert [page_of(visit) in link for visit, link in zip(visits, shown, strict=True)] == [True] * 60
    assert not rest.context["more_url"]


def test_an_events_page_leads_to_its_place_in_the_timeline(shopping: Visit, alice: User) -> None:
    event = Event.objects.get(event_name="Looked")
    browser = admin_of(alice)
    page = browser.get(page_of(event))
    ((_label, url),) = page.context["object_links"]
    steps = [step.event for part in browser.get(url).context["parts"] for step in part.steps]
    assert steps[0] == event
    assert "ann@example.com" in page.content.decode()


def test_whole_ids_find_the_visit_the_event_and_the_identity(
    shopping: Visit, server: Application, alice: User, root: User
) -> None:
    make_event(make_visit(server))
    event = Event.objects.get(event_name="Looked")
    for browser in (admin_of(alice), admin_of(root)):
        ids = (shopping.visit_id, event.page_id, event.event_id, "ann@example.com")
        assert [listed(browser, VISITS, q=str(one)) for one in ids] == [[shopping]] * 4
        counts = [len(listed(browser, EVENTS, q=str(one))) for one in ids]
        assert counts == [6, 3, 1, 3]
        assert listed(browser, IDENTITIES, q="ann@example.com") == [Identity.objects.get()]
        for nothing in ("ann", "Ann@example.com", str(uuid4()), "%"):
            assert [listed(browser, one, q=nothing) for one in (VISITS, IDENTITIES, EVENTS)] == [[], [], []]
        assert browser.get(VISITS, {"q": "\x00"}).status_code == 400


def test_open_visits_are_those_that_something_came_for_lately(server: Application, alice: User, root: User) -> None:
    fresh, old = make_visit(server, ago=29 * MINUTE), make_visit(server, ago=31 * MINUTE)
    for browser in (admin_of(alice), admin_of(root)):
        assert listed(browser, VISITS, state="open") == [fresh]
        assert listed(browser, VISITS, state="over") == [old]
        assert listed(browser, VISITS) == [fresh, old]


def test_where_applications_wait_differently_each_has_its_own_end(
    server: Application, other: Application, root: User, monkeypatch: Any
) -> None:
    times = {server.pk: 10 * MINUTE, other.pk: 60 * MINUTE}
    monkeypatch.setattr("history.admin.finding.visit_timeout", lambda application: times[application.pk])
    rows = {name: make_visit(one, ago=30 * MINUTE) for name, one in (("server", server), ("other", other))}
    browser = admin_of(root)
    assert listed(browser, VISITS, state="open") == [rows["other"]]
    assert listed(browser, VISITS, state="over") == [rows["server"]]


def test_filters_by_application_and_contact_center(
    server: Application, other: Application, root: User, alice: User
) -> None:
    mine, theirs = make_visit(server), make_visit(other)
    events = [make_event(mine), make_event(theirs)]
    browser = admin_of(root)
    for asked in ({"application": str(server.pk)}, {"contact_center": str(server.contact_center_id)}):
        assert listed(browser, VISITS, **asked) == [mine]
        assert listed(browser, EVENTS, **asked) == events[:1]
    assert listed(browser, VISITS, application="x") == listed(browser, VISITS, contact_center="x") == []
    assert "admin-autocomplete" in browser.get(VISITS).content.decode()
    # Nothing to choose from for whoever has one application only.
    assert "admin-autocomplete" not in admin_of(alice).get(VISITS).content.decode()
    make_server(alice.contact_center, "Second")  # type: ignore[arg-type]
    assert "admin-autocomplete" in admin_of(alice).get(VISITS).content.decode()


def test_the_events_list_has_the_newest_hundred(server: Application, alice: User) -> None:
    old, new = make_visit(server, ago=DAY), make_visit(server)
    make_events(old, 150, received_at=old.received_at)
    (latest,) = make_events(new, 1)
    browser = admin_of(alice)
    assert listed(browser, EVENTS)[0] == latest
    assert browser.get(EVENTS).context["cl"].result_count == 100


def test_another_contact_center_sees_nothing_of_it(shopping: Visit, eve: User, alice: User) -> None:
    event, identity = Event.objects.first(), Identity.objects.get()
    assert event is not None
    theirs, hers = admin_of(eve), admin_of(alice)
    for row, address in ((shopping, VISITS), (event, EVENTS), (identity, IDENTITIES)):
        assert theirs.get(page_of(row)).status_code == 302
        assert hers.get(page_of(row)).status_code == 200
        assert listed(theirs, address) == []
        assert listed(hers, address) != []
        for one in (shopping.visit_id, event.event_id, event.page_id, "ann@example.com"):
            assert listed(theirs, address, q=str(one)) == []
        for asked in ({"application": str(shopping.application_id)}, {"state": "open"}):
            if address == VISITS or "state" not in asked:
                assert listed(theirs, address, **asked) == []


def test_without_the_privilege_there_is_no_menu_entry_and_no_page(
    shopping: Visit, alice: User, t100: Any, make_user: Any
) -> None:
    assert VISITS in admin_of(alice).get("/admin/").content.decode()
    kept = [name for name in sorted(CONTACT_CENTER_PRIVILEGES) if not name.startswith("history:")]
    role = Role.objects.create(name="ROLE_OTHER", contact_center=t100, privileges=kept)
    browser = admin_of(make_user("dora", t100, roles=[role]))
    assert VISITS not in browser.get("/admin/").content.decode()
    for address in (VISITS, IDENTITIES, EVENTS):
        assert browser.get(address).status_code == 403
    assert browser.get(page_of(shopping)).status_code in (302, 403)


def statements(browser: Any, *addresses: str) -> list[int]:
    counts = []
    for address in addresses:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            assert browser.get(address).status_code == 200
        counts.append(len(seen))
    return counts


@pytest.mark.parametrize("who", ["alice", "root"])
def test_ten_times_the_rows_ask_the_same_statements(who: str, server: Application, request: Any) -> None:
    browser = admin_of(request.getfixturevalue(who))
    visit = make_visit(server, lasted=MINUTE)
    ann = make_identity(server)

    def more(start: int, count: int) -> list[int]:
        for number in range(start, start + count):
            one = make_visit(server, ago=number)
            make_recognition(one, ann)
            make_recognition(one, make_identity(server, f"{number}@example.com"))
            session = make_session(visit, ann)
            make_event(visit, at=number, page=make_page(visit), identity=ann, session=session, data={"a": number})
            make_event(one)
        addresses = (VISITS, IDENTITIES, EVENTS, page_of(visit), page_of(ann), page_of(visit.events.first()))
        return statements(browser, *addresses)

    few = more(0, 3)
    assert more(3, 27) == few
    assert max(few) <= 14, few
