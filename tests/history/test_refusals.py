"""What is refused, word for word; and that a refused request stores nothing."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest
from django.urls import reverse

from environment.models import Application, ContactCenter
from history.models import Event, Page, Session, Visit
from tests.history.asking import PAIR, ask, put, server
from tests.history.visiting import (
    ADA,
    BASE,
    CART,
    CHECKOUT,
    ENTERED,
    HOME,
    LONE,
    OTHER,
    SESSION,
    SHOP,
    VISIT,
    below,
    event,
    get,
    guid,
    keys_of,
    populate,
    post,
    send,
    visitor,
)  # fmt: skip

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("world")]
TITLES = {400: "Bad Request", 404: "Not Found", 405: "Method Not Allowed", 409: "Conflict", 413: "Payload Too Large"}
EVENTS = f"/visits/{VISIT}/events"
LATEST = 253_402_300_799_999


def assert_refused(answer: Any, status: int, description: str) -> None:
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/json; charset=UTF-8"
    told = answer.json()
    assert list(told) == ["code", "title", "description"]
    assert told == {"code": status, "title": TITLES.get(status, told["title"]), "description": description}


NUMBER = "The parameter '{}' is a whole number from {} to {}."
AGE, SIZE = NUMBER.format("age", 0, 10**11), NUMBER.format("page_size", 1, 1_000)
TEXT = "The parameter '{}' is a text of 1 to 4096 characters without NUL."
CURSOR = (
    "The parameter 'page_start' is no cursor of this list: send the value of Paging-Next as it came, with the same "
    "filters."
)
GETS = [
    (f"/visits/{VISIT}?include_events_detail=true", "The parameter 'include_events_detail' needs include_events=true."),
    (f"/visits/{VISIT}?include_pages=false&include_pages_detail=true",
     "The parameter 'include_pages_detail' needs include_pages=true."),
    (f"/pages/{HOME}?include_events_detail=1", "The parameter 'include_events_detail' is true or false."),
    (f"/visits/{VISIT}?include_events=yes", "The parameter 'include_events' is true or false."),
    (f"/visits/{VISIT}?include_events=", "The parameter 'include_events' is true or false."),
    (f"/visits/{VISIT}?include_visits=true", "The parameter 'include_visits' is not known here."),
    (f"/visits/{VISIT}?page_size=3", "The parameter 'page_size' is not known here."),
    (f"{EVENTS}?include_pages=true", "The parameter 'include_pages' is not known here."),
    (f"{EVENTS}?age=-1", AGE),
    (f"{EVENTS}?age=1.5", AGE),
    (f"{EVENTS}?age=", AGE),
    (f"{EVENTS}?age=1e3", AGE),
    (f"{EVENTS}?age=%2B1", AGE),
    (f"{EVENTS}?age=%D9%A1", AGE),
    (f"{EVENTS}?age={10**11 + 1}", AGE),
    (f"{EVENTS}?age={'9' * 5000}", AGE),
    (f"{EVENTS}?page_size=0", SIZE),
    (f"{EVENTS}?page_size=1001", SIZE),
    (f"{EVENTS}?page_size=x", SIZE),
    (f"{EVENTS}?page_size=-3", SIZE),
    (f"{EVENTS}?page_start=x", CURSOR),
    (f"{EVENTS}?next={'A' * 43}", CURSOR),
    (f"{EVENTS}?page_start=", TEXT.format("page_start")),
    (f"{EVENTS}?page_start=a&next=b", "The parameter 'next' is another than 'page_start'."),
    (f"{EVENTS}?age=1&age=2", "The parameter 'age' stands here more than once."),
    (f"{EVENTS}?eventName=a&eventName=a", "The parameter 'eventName' stands here more than once."),
    (f"{EVENTS}?eventname=a", "The parameter 'eventname' is not known here."),
    (f"{EVENTS}?title=a", "The parameter 'title' is not known here."),
    (f"{EVENTS}?%C3%A4%07={'x' * 9}", "The parameter '\\xe4\\x07' is not known here."),
    (f"{EVENTS}?eventType=system", "The parameter 'eventType' is one of SYSTEM, BUSINESS."),
    (f"{EVENTS}?eventName=", TEXT.format("eventName")),
    (f"{EVENTS}?eventName=a%00b", "The address contains NUL."),
    (f"{EVENTS}?url={'u' * 4097}", TEXT.format("url")),
    (f"{EVENTS}?globalVisitID={guid(1)}", "The parameter 'globalVisitID' is not known here."),
    (visitor(ADA, "/events?globalVisitID=abc"), "The parameter 'globalVisitID' is a GUID."),
    (visitor(ADA, "/visits?globalVisitID=0x345678123456781234567812345678"),
     "The parameter 'globalVisitID' is a GUID."),
    (f"/visits/{VISIT}/identities?association=authenticated",
     "The parameter 'association' is one of Authenticated, Recognized."),
    ("/identities?location=", TEXT.format("location")),
    ("/identities?age=3", "The parameter 'age' is not known here."),
    (f"/events/{CART}?age=3", "The parameter 'age' is not known here."),
]  # fmt: skip


def test_a_bad_query_is_400_and_named() -> None:
    for path, words in GETS:
        assert_refused(ask(BASE + path, PAIR), 400, words)


GUID = "The parameter '{}' is wrong: this is a UUID."
WHEN = f"The parameter '{{}}' is wrong: this is a whole number from 0 to {LATEST}."
JSON = "The request body is not valid JSON: {}."
MISSING = "The parameter '{}' is missing."
CONTROL = "The parameter '{}' is wrong: this holds a control character."
LONG = "The parameter '{}' is wrong: this is longer than {} characters."
DATA = {"userID": ADA}


def named(**more: Any) -> dict[str, Any]:
    return {"eventName": "Look", **more}


POSTS: list[tuple[str, Any, str]] = [
    (EVENTS, {}, MISSING.format("eventName")),
    (EVENTS, "", MISSING.format("eventName")),
    (EVENTS, {"eventName": None}, MISSING.format("eventName")),
    (EVENTS, {"eventName": " "}, "The parameter 'eventName' is wrong: this is empty."),
    (EVENTS, {"eventName": 5}, "The parameter 'eventName' is wrong: this is a text."),
    (EVENTS, {"eventName": "x" * 256}, LONG.format("eventName", 255)),
    (EVENTS, {"eventName": "a\nb"}, CONTROL.format("eventName")),
    (EVENTS, {"eventName": "SignIn"}, MISSING.format("data.userID")),
    (EVENTS, {"eventName": "SignIn", "data": {"userID": ""}}, "The parameter 'data.userID' is wrong: this is empty."),
    (EVENTS, {"eventName": "SignIn", "data": {"userID": True}},
     "The parameter 'data.userID' is wrong: this is a text."),
    (EVENTS, {"eventName": "SignIn", "data": {"userID": "x" * 256}}, LONG.format("data.userID", 255)),
    (EVENTS, {"eventName": "UserInfo", "data": {"userID": [1]}},
     "The parameter 'data.userID' is wrong: this is a text."),
    (EVENTS, {"eventName": "PageExited"}, MISSING.format("pageID")),
    (EVENTS, named(visitID=OTHER), "The parameter 'visitID' is another than the path's."),
    (EVENTS, named(visitID="abc"), GUID.format("visitID")),
    (EVENTS, named(eventID=5), GUID.format("eventID")),
    (EVENTS, named(eventID="0x345678123456781234567812345678"), GUID.format("eventID")),
    (EVENTS, named(pageID="1_345678123456781234567812345678"), GUID.format("pageID")),
    (EVENTS, named(globalVisitID="g" * 32), GUID.format("globalVisitID")),
    (EVENTS, named(timestamp=1.5), WHEN.format("timestamp")),
    (EVENTS, named(timestamp=-1), WHEN.format("timestamp")),
    (EVENTS, named(timestamp=LATEST + 1), WHEN.format("timestamp")),
    (EVENTS, named(timestamp="1"), WHEN.format("timestamp")),
    (EVENTS, named(timestamp=True), WHEN.format("timestamp")),
    (EVENTS, named(eventType="system"), "The parameter 'eventType' is wrong: this is one of SYSTEM, BUSINESS."),
    (EVENTS, named(eventType=["SYSTEM"]), "The parameter 'eventType' is wrong: this is one of SYSTEM, BUSINESS."),
    (EVENTS, named(data=[]), "The parameter 'data' is wrong: this is an object."),
    (EVENTS, named(data="x"), "The parameter 'data' is wrong: this is an object."),
    (EVENTS, named(data={"a": "x" * 32_768}),
     "The parameter 'data' is wrong: this is longer than 32768 characters of JSON."),
    (EVENTS, named(url="x" * 4_097), LONG.format("url", 4_096)),
    (EVENTS, named(title="x" * 501), LONG.format("title", 500)),
    (EVENTS, named(category="x" * 256), LONG.format("category", 255)),
    (EVENTS, named(browserPageID="x" * 65), LONG.format("browserPageID", 64)),
    (EVENTS, named(userAgent="x" * 1_001), LONG.format("userAgent", 1_000)),
    (EVENTS, named(url=7), "The parameter 'url' is wrong: this is a text."),
    (EVENTS, "5", "The event must be a JSON object."),
    (EVENTS, "null", "The event must be a JSON object."),
    (EVENTS, '{"eventName": "a', JSON.format("unterminated string starting at at line 1 column 15")),
    (EVENTS, '{"eventName": "a", "eventName": "b"}', JSON.format("the key eventName stands twice in one object")),
    (EVENTS, '{"eventName": "a", "data": {"b": 1, "b": 2}}', JSON.format("the key b stands twice in one object")),
    (EVENTS, '{"eventName": "a\\u0000"}', JSON.format("NUL in the string at $.eventName")),
    (EVENTS, '{"eventName": "\\ud800"}', JSON.format("a lone surrogate in the string at $.eventName")),
    (EVENTS, '{"eventName": "a", "data": {"x": NaN}}', JSON.format("NaN is not a JSON number")),
    (EVENTS, '{"eventName": "a", "data": {"x": 1e999}}', JSON.format("a number is too large")),
    (EVENTS, '{"eventName": "a", "data": ' + '{"x":' * 32 + "1" + "}" * 33,
     JSON.format("nesting is deeper than 32 at byte 182")),
    (EVENTS, b'{"eventName": "\xff"}', JSON.format("byte 15 is not UTF-8")),
    (EVENTS, "[]", "A batch is a list of 1 to 1000 events."),
    (EVENTS, [named()] * 1_001, "A batch is a list of 1 to 1000 events."),
    (EVENTS, [named(), 5], "The event 1 must be a JSON object."),
    (EVENTS, [named(), [named()]], "The event 1 must be a JSON object."),
    (EVENTS, [named(), {}], MISSING.format("1.eventName")),
    (EVENTS, [named(), named(timestamp=-1)], WHEN.format("1.timestamp")),
    (EVENTS, [named(), {"eventName": "SignIn"}], MISSING.format("1.data.userID")),
    (EVENTS, [named(), named(visitID=OTHER)], "The parameter '1.visitID' is another than the path's."),
    ("/visits", "[]", "The request body must be a JSON object."),
    ("/visits", {"visitId": "abc"}, GUID.format("visitId")),
    ("/visits", {"startDate": 1.0}, WHEN.format("startDate")),
    ("/visits", {"userAgent": "a\x07"}, CONTROL.format("userAgent")),
    (f"/visits/{VISIT}/sessions", {}, MISSING.format("identityId")),
    (f"/visits/{VISIT}/sessions", {"identityId": ""}, "The parameter 'identityId' is wrong: this is empty."),
    (f"/visits/{VISIT}/sessions", {"identityId": "a", "sessionId": "x"}, GUID.format("sessionId")),
    (f"/visits/{VISIT}/sessions", {"identityId": "a", "startDate": -1}, WHEN.format("startDate")),
    (f"/sessions/{SESSION}/pages", {"pageId": "x"}, GUID.format("pageId")),
    (f"/sessions/{SESSION}/pages", {"url": "x" * 4_097}, LONG.format("url", 4_096)),
]  # fmt: skip


def counts() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (Visit, Event, Page, Session))


def test_a_bad_body_is_400_and_named_and_stores_nothing() -> None:
    before = counts()
    for path, body, words in POSTS:
        assert_refused(post(path, body if isinstance(body, str | bytes) else json.dumps(body)), 400, words)
        assert counts() == before


OF_ANOTHER = "The {} of '{}' belongs to another visit."
CONFLICTS: list[tuple[str, Any, str]] = [
    (EVENTS, named(eventID=LONE), OF_ANOTHER.format("event", "eventID")),
    (EVENTS, [named(), named(eventID=LONE), named()], OF_ANOTHER.format("event", "eventID")),
    (f"/visits/{OTHER}/events", named(pageID=CHECKOUT), OF_ANOTHER.format("page", "pageID")),
    (f"/visits/{guid(5)}/events", [named(), named(pageID=CHECKOUT)], OF_ANOTHER.format("page", "pageID")),
    (f"/visits/{OTHER}/sessions", {"identityId": "a", "sessionId": SESSION}, OF_ANOTHER.format("session", "sessionId")),
]  # fmt: skip


def test_an_id_of_another_visit_is_409_and_stores_nothing() -> None:
    before = counts()
    for path, body, words in CONFLICTS:
        assert_refused(post(path, json.dumps(body)), 409, words)
        assert counts() == before


def test_nul_in_an_address_is_400_before_anybody_looks() -> None:
    for path in (visitor("\x00"), visitor("a\x00"), "/visits/%00"):
        assert_refused(get(path), 400, "The address contains NUL.")


def test_a_page_of_another_visits_session_is_409() -> None:
    opened = post(f"/visits/{OTHER}/sessions", {"identityId": "bob"}).json()["sessionId"]
    assert_refused(post(f"/sessions/{opened}/pages", {"pageId": HOME}), 409, OF_ANOTHER.format("page", "pageID"))


def test_a_full_visit_is_409_and_known_events_are_still_answered(world: Application) -> None:
    put(world, "events-per-visit", "8", section="history")
    assert_refused(send(VISIT, named(), named()), 409, "A visit has at most 8 events.")
    assert send(VISIT, named()).status_code == 201
    assert_refused(send(VISIT, named()), 409, "A visit has at most 8 events.")
    assert send(VISIT, event("AddToCart", CART)).status_code == 200
    assert Visit.objects.get(visit_id=VISIT).event_count == Event.objects.filter(visit__visit_id=VISIT).count() == 8


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "application/xml", "", "application/json; x"]
)
def test_json_is_read_whatever_it_is_called(content_type: str) -> None:
    body = json.dumps(named(eventID=guid(70)))
    assert post(EVENTS, body, content_type=content_type).status_code == 201
    assert post(EVENTS, f"[{body}]", content_type=content_type).status_code == 200


CODES = {"visit_id": VISIT, "session_id": SESSION, "page_id": HOME, "event_id": ENTERED, "identity_id": ADA}
WORDS = {
    "visit_id": "visit",
    "session_id": "session",
    "page_id": "page",
    "event_id": "event",
    "identity_id": "identity",
}
MALFORMED = ["abc", VISIT[:-1], f"{VISIT}0", "g" * 32, f"0x{'1' * 30}", f"1_{'1' * 30}", "\u0661" * 32, "..%2F", "*",
             f"%7B{'1' * 30}%7D", f"-{'1' * 31}", f"+{'1' * 31}", f"{'1' * 31}%20", "1-" * 18]  # fmt: skip


def of_ids() -> list[tuple[str, str, Any]]:
    """(name, parameter, view) of every resource whose path holds an id."""
    return [(each.name, word, each.callback.cls) for each in below() for word in each.pattern.regex.groupindex]


def test_an_id_that_is_unknown_or_malformed_is_404_everywhere() -> None:
    assert len(of_ids()) == 16
    for name, word, view in of_ids():
        path = reverse(name, kwargs={word: "@"})
        unknown = [guid(0x77), "nobody"] if word == "identity_id" else [guid(0x77), *MALFORMED]
        for written in unknown:
            if hasattr(view, "get"):
                answer = ask(path.replace("@", written), PAIR)
                assert (path, written, answer.status_code) == (path, written, 404)
        assert_refused(ask(path.replace("@", unknown[1]), PAIR), 404, f"There is no such {WORDS[word]}.")
        if hasattr(view, "post"):
            answer = ask(path.replace("@", "abc"), PAIR, method="post", data=named(identityId="a"),
                         content_type="application/json")  # fmt: skip
            assert_refused(answer, 404, f"There is no such {WORDS[word]}.")


def test_no_id_leads_through_another_contact_centers_door(world: Application, t200: ContactCenter) -> None:
    server("Two", t200, PAIR)
    theirs = "/history/Two/server/data"
    assert post("/visits", {}, base=theirs).status_code == 201
    for name, word, view in of_ids():
        below = reverse(name, kwargs={word: CODES[word]}).removeprefix(BASE)
        for method in ("get", "post"):
            if hasattr(view, method) and (name, method) != ("history-visit-events", "post"):
                data = {"data": {"identityId": "a"}, "content_type": "application/json"} if method == "post" else {}
                ours = ask(f"/history/GWE/server/data{below}", PAIR, method=method, **data)
                assert (below, ours.status_code) == (below, 201 if method == "post" else 200)
                answer = ask(theirs + below, PAIR, method=method, **data)
                assert_refused(answer, 404, f"There is no such {WORDS[word]}.")


def test_one_id_at_two_doors_is_two_visits(world: Application, t200: ContactCenter) -> None:
    two = server("Two", t200, PAIR)
    theirs = "/history/Two/server/data"
    populate(theirs)
    named_ours = "/history/GWE/server/data"
    assert send(VISIT, event("Theirs", guid(60), 1), base=theirs).status_code == 201
    assert get(f"/events/{guid(60)}", base=named_ours).status_code == 404
    assert len(keys_of(get(EVENTS, base=named_ours), "eventID")) == 7
    assert len(keys_of(get(EVENTS, base=theirs), "eventID")) == 8
    for model in (Visit, Page, Session, Event):
        rows = model.objects.filter(application=two)
        assert rows.count() == model.objects.filter(application=world).count() + (model is Event)
    # Nothing of one door points at a row of another.
    assert not Event.objects.filter(application=two).exclude(visit__application=two).exists()
    assert not Event.objects.filter(application=two, identity__isnull=False).exclude(identity__application=two).exists()


STRANGE = ["a/b", "a%b", "100%25", "a+b", "müller@example.com", "日本語", "..", ".", "a b", "?x=1", "#1", "x" * 255,
           "é" * 255, "😀", "a;b", "a\\b", "'; DROP TABLE x; --", "a//b", "4711", "<script>"]  # fmt: skip


def test_identity_ids_of_any_characters_are_found_again() -> None:
    for number, strange in enumerate(STRANGE):
        assert send(guid(500 + number), event("SignIn", data={"userID": strange})).status_code == 201
    for strange in STRANGE:
        assert get(visitor(strange)).json()["identityId"] == strange
        for rest in ("/visits", "/sessions", "/events"):
            assert get(visitor(strange, rest)).status_code == 200, strange
        assert get(visitor(strange, "/pages")).status_code == 204
    for near in ("a", "A+B", "a/", "MÜLLER@example.com", "x" * 254, "x" * 256, "x" * 5_000, "a\n", "%"):
        assert get(visitor(near)).status_code == 404, near
    assert get("/identities/a+b").json()["identityId"] == "a+b"
    assert [each["identityId"] for each in get("/identities").json()] == [ADA, *STRANGE]


def test_a_number_is_an_identity_too() -> None:
    assert send(OTHER, event("SignIn", data={"userID": 4711})).status_code == 201
    assert get("/identities/4711").json()["identityId"] == "4711"


def test_another_method_is_405_with_what_is_allowed() -> None:
    for each in below():
        path = reverse(each.name, kwargs={word: CODES[word] for word in each.pattern.regex.groupindex})
        view = each.callback.cls
        allowed = [method for method in ("GET", "POST") if hasattr(view, method.lower())]
        allowed += ["HEAD", "OPTIONS"] if "GET" in allowed else ["OPTIONS"]
        for method in {"get", "head", "post", "put", "patch", "delete", "trace"} - {each.lower() for each in allowed}:
            answer = ask(path, PAIR, method=method)
            assert (path, method, answer.status_code, answer["Allow"]) == (path, method, 405, ", ".join(allowed))
            if method != "head":
                assert_refused(answer, 405, "This method is not allowed here.")
        asked = ask(path, method="options")
        assert (asked.status_code, asked["Allow"], asked.content) == (204, ", ".join(allowed), b"")


@pytest.mark.parametrize("name", ["GWE%0A", "a" * 300, "%FF", "..", quote("<x>")])
def test_a_door_of_a_strange_name_is_404(name: str) -> None:
    answer = ask(f"/history/{name}/server/data/identities", PAIR)
    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/json; charset=UTF-8"


def test_a_body_larger_than_the_limit_is_413() -> None:
    answer = post(EVENTS, b" " * 3_000_000)
    assert answer.status_code == 413
    assert answer.json()["code"] == 413
    assert SHOP not in answer.content.decode()
