"""Whatever a visitor typed is text: it runs nowhere, leads nowhere, hides nothing and widens nothing."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import User
from history.admin.telling import plain_text, told_json, told_span, told_text, told_time
from history.models import Event, Identity, Visit
from tests.admin_client import admin_of
from tests.history.rows import make_event, make_identity, make_page, make_recognition, make_server, make_visit

SCRIPT = "<script>alert(1)</script>"
LINK = "javascript:alert(document.cookie)//"
TURNED = "safe\u202egnp.exe\u2066\u200b\x07"
FORMULA = "=cmd|' /C calc'!A0\r\nSet-Cookie: a=b"
ADDRESSES = ("/admin/history/visit/", "/admin/history/identity/", "/admin/history/event/")


@pytest.fixture(params=[SCRIPT, LINK, TURNED, FORMULA, "x" * 255, "\ud7ff\ufffe\U0010ffff"], ids=lambda text: text[:6])
def hostile(request: Any, t100: Any) -> Visit:
    """A visit that consists of one text, wherever a visitor may put it."""
    text = request.param
    visit = make_visit(make_server(t100), user_agent=text, event_count=1)
    who = make_identity(visit.application, text, name=text, location=text, entity_in_cs=text)
    make_recognition(visit, who)
    page = make_page(visit, url=text, title=text, category=text, browser_page_id=text[:64], identity=who)
    words = {"event_name": text, "category": text, "browser_page_id": text[:64]}
    make_event(visit, page=page, data={text: [text]}, identity=who, **words)
    return visit


def pages(visit: Visit) -> list[str]:
    rows = (visit, Identity.objects.get(), Event.objects.get())
    return [*ADDRESSES, *(f"/admin/history/{row._meta.model_name}/{row.pk}/change/" for row in rows)]


def test_hostile_text_is_shown_as_text_on_every_page(hostile: Visit, alice: User) -> None:
    browser = admin_of(alice)
    for address in pages(hostile):
        answer = browser.get(address)
        assert answer.status_code == 200, address
        page = answer.content.decode()
        assert SCRIPT not in page
        assert 'href="javascript' not in page.lower()
        assert not [one for one in "\u202e\u2066\u200b\x07\r" if one in page], address
        assert not any("Set-Cookie: a=b" in value or "\n" in value for value in answer.headers.values())
        assert "a" not in answer.cookies


def test_a_word_of_two_thousand_characters_is_cut_in_lists_and_whole_on_its_own_page(t100: Any, alice: User) -> None:
    visit = make_visit(make_server(t100))
    event = make_event(visit, url="https://" + "u" * 1_992, data={"word": "d" * 20_000})
    browser = admin_of(alice)
    assert "u" * 130 not in browser.get("/admin/history/event/").content.decode()
    timeline = browser.get(f"/admin/history/visit/{visit.pk}/change/").content.decode()
    assert "d" * 5_001 not in timeline
    assert "characters)" in timeline
    whole = browser.get(f"/admin/history/event/{event.pk}/change/").content.decode()
    assert "u" * 1_992 in whole
    assert "d" * 20_000 in whole


@pytest.mark.parametrize(
    "text",
    ["{", "[" * 10_000, '{"a": NaN}', '{"a": ' + "9" * 5_000 + "}", '"\\ud800"', "null", ""],
    ids=["broken", "deep", "nan", "long", "surrogate", "null", "none"],
)
def test_data_that_is_no_proper_json_breaks_no_page(text: str, t100: Any, alice: User) -> None:
    visit = make_visit(make_server(t100))
    event = make_event(visit, data_text=text)
    for address in (f"/admin/history/visit/{visit.pk}/change/", f"/admin/history/event/{event.pk}/change/"):
        assert admin_of(alice).get(address).status_code == 200


@pytest.mark.parametrize("ms", [2**63 - 1, -(2**63), 0, 253_402_300_799_999, -62_135_596_800_000])
def test_times_that_no_calendar_holds_break_no_page(ms: int, t100: Any, alice: User) -> None:
    visit = make_visit(make_server(t100), started_at=ms, last_at=ms)
    event = make_event(visit, happened_at=ms, received_at=1, at=0)
    make_page(visit, started_at=ms, ended_at=-ms if ms > 0 else ms)
    make_recognition(visit, make_identity(visit.application))
    browser = admin_of(alice)
    for address in (
        *ADDRESSES,
        *(
            f"/admin/history/{name}/{row.pk}/change/"
            for name, row in (("visit", visit), ("event", event), ("identity", Identity.objects.get()))
        ),
    ):
        answer = browser.get(address)
        assert answer.status_code == 200
        for url in (answer.context.get("more_url"), *(url for _label, url in answer.context.get("object_links", []))):
            assert not url or browser.get(url).status_code == 200


def test_what_cannot_be_seen_is_named() -> None:
    assert plain_text("a\u202eb\x00") == "a⟨U+202E⟩b⟨U+0000⟩"
    assert told_text("a\u202e<") == '<bdi class="dg-told">a<span class="dg-unseen">U+202E</span>&lt;</bdi>'
    assert told_text("") == ""
    assert plain_text("abcdef", 3) == "abc… (6 characters)"
    assert "U+000A" not in told_json('{"a": 1}', 100)
    assert "U+202E" in told_json('{"a": "\\u202e"}', 100)
    assert plain_text("\u05d0 Zoë 東京") == "\u05d0 Zoë 東京"


@pytest.mark.parametrize(
    ("ms", "words"),
    [
        (0, "0 s"),
        (99, "0 s"),
        (400, "0.4 s"),
        (9_940, "9.9 s"),
        (59_999, "59 s"),
        (60_000, "1 min"),
        (3_725_000, "1 h 2 min"),
        (90_000_000, "1 d 1 h"),
        (-61_000, "\N{MINUS SIGN}1 min 1 s"),
    ],
)
def test_spans_are_told_in_words(ms: int, words: str) -> None:
    assert told_span(ms) == words


def test_times_are_told_to_the_second() -> None:
    assert told_time(1_795_269_907_999) == "2026-11-21 14:05:07"
    assert told_time(None) == ""
    assert told_time(2**62) == f"{2**62} ms"
