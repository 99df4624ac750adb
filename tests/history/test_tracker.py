"""The trackers' door: what pages of a listed origin with the site's key may send, and nothing else."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import pytest
from django.test import Client

from environment.models import Application, ContactCenter
from history import options
from history.models import Event, Identity, Page, Visit
from history.tracking import BELIEVED, LONGEST_BODY
from history.views.lists import now_ms
from tests.cast import basic
from tests.history.asking import PAIR, put, server

pytestmark = pytest.mark.django_db
KEY = "shop-key-1"
SHOP = "https://shop.example.com"
PATH = "/server/tracker/events"
VISIT = "91ca7db4-3fa3-11e2-aee5-00505625a04f"
OTHER = "91ca7db4-3fa3-11e2-aee5-00505625a050"


@pytest.fixture
def gwe(t100: ContactCenter) -> Application:
    """Locked for everybody with a pair, open for the shop's pages."""
    application = server("GWE", t100, PAIR)
    put(application, "site-key", KEY, section="tracker")
    put(application, "origins", f"{SHOP}, https://*.shops.example.com", section="tracker")
    return application


def entered(**words: Any) -> dict[str, Any]:
    return {"visitID": VISIT, "eventName": "PageEntered", "url": f"{SHOP}/", "browserPageID": "A1"} | words


def send(body: Any = None, *, site: str | None = KEY, origin: str | None = SHOP, path: str = PATH, **words: Any) -> Any:
    """One request of a page, as sendBeacon makes it."""
    headers = dict(words.pop("headers", {}))
    if origin is not None:
        headers["Origin"] = origin
    if not isinstance(body, bytes | str):
        body = json.dumps(entered() if body is None else body)
    kind = words.pop("content_type", "text/plain;charset=UTF-8")
    address = words.pop("address", "203.0.113.7")
    path = path if site is None else f"{path}?site={site}"
    client = Client(raise_request_exception=False)
    return client.post(path, body, content_type=kind, headers=headers, REMOTE_ADDR=address, **words)


def assert_refused(answer: Any, status: int, *words: str, stored: int = 0) -> None:
    assert answer.status_code == status, answer.content
    body = answer.json()
    assert (list(body), body["code"]) == (["code", "title", "description"], status)
    assert all(word in body["description"] for word in words), body
    assert Event.objects.count() == stored


@pytest.mark.parametrize(
    "path",
    [PATH, "/backend/tracker/events", "/history/GWE/server/tracker/events", "/history/GWE/backend/tracker/events/"],
)
def test_a_page_sends_an_event_and_is_told_nothing(gwe: Application, path: str) -> None:
    answer = send(path=path)
    assert (answer.status_code, answer.content) == (204, b"")
    assert "Content-Type" not in answer
    assert not answer.cookies
    assert answer["Access-Control-Allow-Origin"] == SHOP
    assert answer["Access-Control-Allow-Credentials"] == "true"
    assert "Origin" in answer["Vary"]
    event = Event.objects.get()
    assert (event.event_name, event.visit.visit_id, event.visit.application) == ("PageEntered", UUID(VISIT), gwe)
    assert Page.objects.get().url == f"{SHOP}/"


@pytest.mark.parametrize(
    "kind",
    ["text/plain", "application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""],
)
def test_the_body_is_json_whatever_the_content_type_says(gwe: Application, kind: str) -> None:
    assert send(content_type=kind).status_code == 204
    assert Event.objects.count() == 1


@pytest.mark.parametrize("site", [None, "", "wrong", KEY.upper(), KEY + "x", "%00", "%ff", "%F0%9F%8D%8E"])
def test_another_site_key_is_403(gwe: Application, site: str | None) -> None:
    answer = send(site=site)
    if site != "%00":  # refused before any door is looked at
        assert_refused(answer, 403)
    assert answer.status_code in (400, 403)
    assert not Visit.objects.exists()


def test_without_a_key_in_the_options_nobody_sends(gwe: Application) -> None:
    put(gwe, "site-key", "", section="tracker")
    for site in ("", None, KEY):
        assert_refused(send(site=site), 403)


@pytest.mark.parametrize(
    "origin",
    [None, "", "null", "NULL", "https://shop.example.com.evil.example", "http://shop.example.com", "*", "https://*",
     "https://shop.example.com:8443", "https://shops.example.com", "https://a.b.shops.example.com", "https://x@shop.example.com",
     "https://shop.example.com/path"],
)  # fmt: skip
def test_another_origin_is_403_and_reads_nothing(gwe: Application, origin: str | None) -> None:
    answer = send(origin=origin)
    assert_refused(answer, 403)
    assert "Access-Control-Allow-Origin" not in answer
    assert "Origin" in answer["Vary"]


def test_a_pattern_of_origins_means_one_label(gwe: Application) -> None:
    answer = send(origin="https://one.shops.example.com")
    assert (answer.status_code, answer["Access-Control-Allow-Origin"]) == (204, "https://one.shops.example.com")


def test_no_origin_is_listed_by_itself(gwe: Application) -> None:
    put(gwe, "origins", "", section="tracker")
    assert_refused(send(), 403)


def test_the_key_of_one_door_does_not_open_another(gwe: Application, t200: ContactCenter) -> None:
    two = server("Two", t200)
    put(two, "site-key", "two-key", section="tracker")
    put(two, "origins", SHOP, section="tracker")
    assert_refused(send(path="/history/Two/server/tracker/events"), 403)
    assert send(path="/history/Two/server/tracker/events", site="two-key").status_code == 204
    assert Event.objects.get().application == two
    assert_refused(send(), 503, stored=1)
    assert_refused(send(path="/history/Nobody/server/tracker/events"), 404, stored=1)


def test_the_pair_of_the_history_api_opens_nothing_here(gwe: Application) -> None:
    pair = {"Authorization": basic(*PAIR)}
    assert_refused(send(site="wrong", headers=pair), 403)
    assert_refused(send(origin=None, headers=pair), 403)
    # Nor does a wrong one close: nobody looks at it.
    assert send(headers={"Authorization": basic("x", "y"), "Cookie": "deskgate_session=x"}).status_code == 204
    assert Client().get("/server/data/visits/" + VISIT).status_code == 401


@pytest.mark.parametrize("method", ["get", "head", "put", "delete", "patch"])
def test_nothing_is_read(gwe: Application, method: str) -> None:
    answer = getattr(Client(), method)(f"{PATH}?site={KEY}", headers={"Origin": SHOP})
    assert (answer.status_code, answer["Allow"]) == (405, "POST, OPTIONS")


def preflight(origin: str | None = SHOP, site: str = KEY, **headers: str) -> Any:
    sent = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type"} | headers
    if origin:
        sent["Origin"] = origin
    return Client().options(f"{PATH}?site={site}", headers=sent)


def test_a_preflight_lets_json_through_with_the_mode_that_beacons_have(gwe: Application) -> None:
    answer = preflight(**{"Access-Control-Request-Private-Network": "true"})
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer["Access-Control-Allow-Origin"] == SHOP
    assert answer["Access-Control-Allow-Methods"] == "POST"
    assert answer["Access-Control-Allow-Headers"] == "Content-Type"
    assert answer["Access-Control-Allow-Credentials"] == "true"
    assert answer["Access-Control-Allow-Private-Network"] == "true"
    assert answer["Access-Control-Max-Age"] == "600"
    assert "Origin" in answer["Vary"]


def test_a_preflight_of_another_origin_or_key_is_403(gwe: Application) -> None:
    other = preflight("https://evil.example")
    assert other.status_code == 403
    assert "Access-Control-Allow-Origin" not in other
    assert preflight(site="wrong").status_code == 403
    assert preflight(None).status_code == 204
    assert "Access-Control-Allow-Origin" not in preflight(None)


def test_several_visits_in_one_body_each_get_their_own(gwe: Application) -> None:
    events = [entered(), entered(visitID=OTHER), {"visitID": VISIT, "eventName": "AddToCart", "data": {"sku": "1"}}]
    assert send(events).status_code == 204
    assert {str(visit.visit_id): visit.event_count for visit in Visit.objects.all()} == {VISIT: 2, OTHER: 1}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"eventName": "X"}, "visitID"),
        (entered(visitID="x"), "visitID"),
        (entered(visitID=7), "visitID"),
        (entered(eventName=""), "eventName"),
        (entered(eventName=None), "eventName"),
        (entered(eventName=["x"]), "eventName"),
        (entered(timestamp="now"), "timestamp"),
        (entered(timestamp=-1), "timestamp"),
        (entered(timestamp=10**30), "timestamp"),
        (entered(url=7), "url"),
        (entered(data=[]), "data"),
        (entered(data={"x": "y" * 40_000}), "data"),
        (entered(eventName="SignIn"), "data.userID"),
        ([entered(), {"visitID": OTHER, "eventName": 1}], "1.eventName"),
        ([entered(), 7], "1"),
        ([], "1 to 100"),
        ([entered()] * 101, "1 to 100"),
        (7, "object"),
        (None, ""),
    ],
)
def test_a_bad_event_is_400_with_its_field_and_nothing_is_stored(gwe: Application, body: Any, field: str) -> None:
    answer = send(json.dumps(body))
    assert_refused(answer, 400, field)
    assert answer["Access-Control-Allow-Origin"] == SHOP
    assert not Visit.objects.exists()


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"\xff\xfe", b'{"visitID": "\\u0000"}', b'{"a": "\\ud800"}', b"[" * 5000, b'{"a": NaN}',
     b'{"a":1,"a":2}',
     b"------x\r\nContent-Disposition: form-data\r\n\r\n"],
)  # fmt: skip
def test_what_is_no_json_is_400(gwe: Application, body: bytes) -> None:
    for kind in ("text/plain", "multipart/form-data; boundary=x"):
        assert_refused(send(body, content_type=kind), 400)


def test_64_kib_are_taken_and_a_byte_more_is_413(gwe: Application) -> None:
    assert LONGEST_BODY == 65_536
    fits = json.dumps(entered()).encode().ljust(LONGEST_BODY)
    assert send(fits).status_code == 204
    answer = send(fits + b" ")
    assert_refused(answer, 413, stored=1)
    assert answer["Access-Control-Allow-Origin"] == SHOP


def test_the_browsers_header_is_the_visits_user_agent_unless_the_event_says_one(gwe: Application) -> None:
    send(headers={"User-Agent": "Mozilla/5.0 (header)\x07" + "x" * 2000})
    send(entered(visitID=OTHER, userAgent="Said"), headers={"User-Agent": "Mozilla/5.0 (header)"})
    told = {str(visit.visit_id): visit.user_agent for visit in Visit.objects.all()}
    assert told[VISIT].startswith("Mozilla/5.0 (header)xxx")
    assert len(told[VISIT]) == 1_000
    assert told[OTHER] == "Said"


@pytest.mark.parametrize(("off", "believed"), [(0, True), (BELIEVED - 60_000, True), (BELIEVED + 60_000, False)])
@pytest.mark.parametrize("sign", [-1, 1])
def test_a_browsers_time_is_believed_within_a_day(gwe: Application, off: int, believed: bool, sign: int) -> None:
    now = now_ms()
    said = now + sign * off
    assert send(entered(timestamp=said)).status_code == 204
    event = Event.objects.get()
    assert (event.happened_at == said) is believed
    if not believed:
        assert event.happened_at == event.received_at
        assert now <= event.received_at <= now + 60_000
    assert Visit.objects.get().started_at == event.happened_at


def test_the_servers_time_is_not_the_senders(gwe: Application) -> None:
    send(entered(serverTimestamp=1))
    assert Event.objects.get().received_at > now_ms() - 60_000


def test_one_address_sends_so_much_in_a_minute(gwe: Application, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("config.rates.time", lambda: 1_700_000_030.0)
    put(gwe, "events-per-minute-and-address", "5", section="tracker")
    assert send([entered(visitID=OTHER)] * 3).status_code == 204
    answer = send([entered()] * 3)
    assert_refused(answer, 429, stored=3)
    assert 1 <= int(answer["Retry-After"]) <= 60
    assert answer["Access-Control-Expose-Headers"] == "Retry-After"
    assert send(address="203.0.113.8").status_code == 204


def test_bodies_that_nobody_can_read_are_counted_too(gwe: Application, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("config.rates.time", lambda: 1_700_000_030.0)
    put(gwe, "events-per-minute-and-address", "3", section="tracker")
    assert [send("{").status_code for _ in range(5)] == [400, 400, 400, 429, 429]


def test_one_visit_gets_so_much_in_a_minute_from_all_addresses(
    gwe: Application, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("config.rates.time", lambda: 1_700_000_030.0)
    put(gwe, "events-per-minute-and-visit", "4", section="tracker")
    assert send([entered()] * 3).status_code == 204
    assert_refused(send([entered()] * 2, address="203.0.113.8"), 429, stored=3)
    assert send(entered(visitID=OTHER), address="203.0.113.8").status_code == 204


def test_what_is_stored_already_is_not_told(gwe: Application, caplog: pytest.LogCaptureFixture) -> None:
    key = "00000000-0000-4000-8000-000000000001"
    assert send(entered(eventID=key)).status_code == 204
    # Again, and for another visit, beside an event that nothing is wrong with.
    assert send(entered(eventID=key)).status_code == 204
    assert send([entered(visitID=OTHER, eventID=key), entered(browserPageID="A2")]).status_code == 204
    assert {str(event.visit.visit_id) for event in Event.objects.all()} == {VISIT}
    assert Event.objects.count() == 2
    (line,) = [record for record in caplog.records if record.message == "tracker_refused"]
    assert (line.visit, line.cause) == (OTHER, "OfAnotherVisit")  # type: ignore[attr-defined]


def test_a_full_visit_is_not_told_either(gwe: Application) -> None:
    put(gwe, "events-per-visit", "1", section="history")
    assert [send().status_code, send().status_code] == [204, 204]
    assert Event.objects.count() == 1


def test_what_visitors_type_is_kept_as_text(gwe: Application) -> None:
    hostile = "<script>alert(1)</script>'; DROP TABLE x;-- {{7*7}} =1+1"
    event = entered(
        url=f"javascript:{hostile}", title=hostile, category=hostile, data={hostile: [hostile, {"a": None}]}
    )
    assert send(event).status_code == 204
    assert send(entered(eventName="SignIn", data={"userID": hostile, "name": hostile})).status_code == 204
    stored = Event.objects.get(event_name="PageEntered")
    assert (stored.url, stored.data) == (f"javascript:{hostile}", {hostile: [hostile, {"a": None}]})
    assert Identity.objects.get().identity_id == hostile


def test_a_disabled_tracker_still_has_its_history(gwe: Application) -> None:
    assert send().status_code == 204
    put(gwe, "site-key", "", section="tracker")
    assert send().status_code == 403
    answer = Client().get(f"/server/data/visits/{VISIT}/events", headers={"Authorization": basic(*PAIR)})
    assert [event["eventName"] for event in answer.json()] == ["PageEntered"]


def test_the_options_belong_to_the_door(gwe: Application) -> None:
    assert options.SITE_KEY.of(gwe) == KEY
