"""The generated SCXML, run by an engine in node: what it asks of the History API, and what it decides."""

from __future__ import annotations

import re
from typing import Any

import pytest
from lxml import etree

from history.scxml import BadText, Entry, masked, problems_of, string_literal, variable_fault, written
from tests.cast import basic
from tests.history.strategy_cast import HOSTILE, PAIR, SESSION, VISIT, drive, evaluated, history_api
from tests.tools import needs

node = needs("node")


def document(base_url: str = "https://gwe.example.com/server/data", **words: Any) -> str:
    entry = {"name": "default", "user": PAIR[0], "password": PAIR[1], "base_url": base_url} | words
    return written(Entry(**entry), salt="0f" * 16)


@node
@pytest.mark.parametrize("plain_ascii", [True, False])
def test_hostile_texts_come_back_from_their_literals(plain_ascii: bool) -> None:
    every = [*HOSTILE, "".join(map(chr, range(0x180))), "".join(HOSTILE)]
    literals = [string_literal(text, plain_ascii=plain_ascii) for text in every]
    assert evaluated(literals) == every
    assert all("\n" not in one and "\r" not in one and "\u2028" not in one for one in literals)
    if plain_ascii:
        assert not re.search(r"[<>&\"]|[^\x20-\x7e]", "".join(literals))


@pytest.mark.parametrize("text", ["\ud800", "a\udfffb", "\udc00\ud800"])
def test_half_a_character_is_refused(text: str) -> None:
    with pytest.raises(BadText):
        string_literal(text)
    with pytest.raises(BadText):
        document(password=text)


@node
@pytest.mark.parametrize("text", HOSTILE)
def test_no_value_gets_out_of_the_document(text: str) -> None:
    made = document(user=text, password=text + "\t\r\n", base_url=text)
    assert made.isascii()
    assert problems_of(made.encode()) == []
    told = drive(made, fetch="silent")
    assert told["variables"]["user"] == text
    assert told["variables"]["password"] == text + "\t\r\n"
    assert told["variables"]["baseUrl"] == text.rstrip("/")
    assert told["entered"] == ["_composer_entry", "Entry1", "GetHistory"]
    (asked,) = told["requests"]
    assert asked["headers"]["Authorization"] == basic(text, text + "\t\r\n")


@node
@pytest.mark.parametrize("length", range(7))
def test_the_scripts_base64_is_that_of_rfc_7617(length: int) -> None:
    password = "äß😀x~é日"[:length]
    (asked,) = drive(document(password=password), fetch="silent")["requests"]
    assert asked["headers"]["Authorization"] == basic(PAIR[0], password)


def test_the_document_has_composers_shape() -> None:
    root = etree.fromstring(document().encode())
    assert {"ws", "queue", "dialog", "session", "ixn", "classification", "xi"} < set(root.nsmap)
    assert (root.get("profile"), root.get("version"), root.get("initial")) == ("ecmascript", "1.0", "_composer_entry")
    ids = [one.get("id") for one in root.iter("{*}state", "{*}final")]
    blocks = ["Entry1", "GetHistory", "Decision", "StartEngagement", "CancelEngagement", "Exit1"]
    assert ids == ["_composer_entry", *blocks]
    data = {one.get("id"): one.get("expr") for one in root.iter("{*}data")}
    assert data == {
        "user": "'apiuserid'",
        "password": "'nimbus-ladle-77'",
        "baseUrl": "'https://gwe.example.com/server/data'",
        "pagesAtLeast": "0",
        "eventsAtLeast": "0",
        "visitId": None,
    }
    (fetch,) = root.iter(f"{SESSION}fetch")
    assert {"requestid", "srcexpr", "method", "timeout", "headers"} <= set(fetch.attrib)


def test_scripts_use_nothing_newer_than_the_orchestration_servers_ecmascript() -> None:
    root = etree.fromstring(document().encode())
    scripts = "\n".join(str(one.text) for one in root.iter("{*}script"))
    assert not re.search(r"\b(let|const|class|async|await|btoa|atob|Buffer|Promise)\b|=>|`|\?\?|\?\.", scripts)


def test_no_variable_is_called_like_an_id_of_the_document() -> None:
    root = etree.fromstring(document().encode())
    ids = {str(one.get("id")) for one in root.iter() if one.get("id")} - {"user", "password"}
    assert "GetHistory" in ids
    assert [name for name in ids if not variable_fault(name)] == []


def test_variables_may_be_called_otherwise_but_not_as_the_language_or_the_document() -> None:
    made = document(user_variable="restUser", password_variable="restPassword")
    assert 'id="restUser"' in made
    assert "base64(restUser + ':' + restPassword)" in made
    for name in ("visitId", "class", "a b", "x'", "", "1a", "_data", "App_GetHistory", "a" * 65, "user\n"):
        with pytest.raises(ValueError, match=r"."):
            document(user_variable=name)


@node
@pytest.mark.parametrize(
    ("thresholds", "seen", "decision"),
    [
        ((3, 5), (3, 5), "engage"),
        ((3, 5), (4, 9), "engage"),
        ((3, 5), (2, 5), "cancel"),
        ((3, 5), (3, 4), "cancel"),
        ((0, 1), (0, 1), "engage"),
        ((0, 1), (9, 0), "cancel"),
        ((0, 0), (0, 0), "engage"),
    ],
)
def test_the_request_is_made_and_the_visit_decides(
    thresholds: tuple[int, int], seen: tuple[int, int], decision: str
) -> None:
    user, password = "päul", "p'ß:\"\\<😀"
    with history_api(user, password) as api:
        api.pages, api.events = seen
        words = {"pages_at_least": thresholds[0], "events_at_least": thresholds[1]}
        told = drive(document(api.base_url, user=user, password=password, **words))
    assert api.asked == [f"/server/data/visits/{VISIT}?include_pages=true&include_events=true"]
    block = {"engage": "StartEngagement", "cancel": "CancelEngagement"}[decision]
    assert told["entered"] == ["_composer_entry", "Entry1", "GetHistory", "Decision", block, "Exit1"]
    assert (told["final"], told["decision"]) == ("Exit1", decision)
    assert not [line for line in told["logs"] if password in line]


@node
def test_a_401_of_the_history_api_cancels() -> None:
    with history_api(PAIR[0], "another") as api:
        told = drive(document(api.base_url))
    assert len(api.asked) == 1
    assert told["entered"][-2:] == ["CancelEngagement", "Exit1"]
    assert (told["final"], told["decision"]) == ("Exit1", "cancel")


@node
def test_a_server_that_is_not_there_cancels() -> None:
    told = drive(document("http://127.0.0.1:1/server/data"))
    assert (told["final"], told["decision"]) == ("Exit1", "cancel")


@node
@pytest.mark.parametrize(
    "event",
    [
        {"name": "error.session.fetch", "data": {"error": "timeout"}},
        {"name": "error.session.fetch", "data": {"requestid": "another"}},
        {"name": "error", "data": {}},
        {"name": "interaction.deleted", "data": {}},
        {"name": "session.fetch.done", "data": {"content": '{"code":401,"title":"Not Authorized"}'}},
        {"name": "session.fetch.done", "data": {"content": "<html>"}},
        {"name": "session.fetch.done", "data": {"content": "null"}},
        {"name": "session.fetch.done", "data": {"content": "[]"}},
        {"name": "session.fetch.done", "data": {"content": "process.exit(3)"}},
    ],
)
def test_whatever_else_comes_back_cancels_even_where_nothing_matters(event: dict[str, Any]) -> None:
    told = drive(document(), fetch=event)
    assert (told["final"], told["decision"]) == ("Exit1", "cancel")
    assert "Decision" not in told["entered"] or event["name"] == "session.fetch.done"


@node
def test_the_answer_of_another_request_is_not_taken() -> None:
    content = {"visitId": VISIT, "pageIds": [], "eventIds": []}
    told = drive(document(), fetch={"name": "session.fetch.done", "data": {"content": content}}, requestid="another")
    assert told["final"] is None
    assert told["entered"][-1] == "GetHistory"


@node
@pytest.mark.parametrize(
    "job",
    [
        {"events": [{"name": "interaction.added", "data": {"interactionid": "i1", "visitId": VISIT}}]},
        {
            "events": [{"name": "interaction.added", "data": {"interactionid": "i1"}}],
            "genesys": {"ixn": {"interactions": {"i1": {"udata": {"visitID": VISIT}}}}},
        },
    ],
)
def test_an_interaction_tells_the_visit(job: dict[str, Any]) -> None:
    told = drive(document(), params={}, fetch="silent", **job)
    (asked,) = told["requests"]
    assert f"/visits/{VISIT}?" in asked["address"]


@node
def test_an_interaction_without_a_visit_cancels() -> None:
    told = drive(document(), params={}, events=[{"name": "interaction.added", "data": {"interactionid": "i1"}}])
    assert (told["final"], told["decision"], told["requests"]) == ("Exit1", "cancel", [])


@node
def test_a_visit_id_cannot_leave_its_place_in_the_address() -> None:
    (asked,) = drive(document(), params={"visitId": "../x?y#z"}, fetch="silent")["requests"]
    assert asked["address"].endswith("/visits/..%2Fx%3Fy%23z?include_pages=true&include_events=true")


@node
def test_without_a_user_no_credentials_are_sent() -> None:
    (asked,) = drive(document(user="", password=""), fetch="silent")["requests"]
    assert "Authorization" not in asked["headers"]


def test_a_masked_document_has_neither_password_nor_salt() -> None:
    told = masked(document(password="it's <me>"), secret_variables={"password"})
    assert "it" + "\\'s" not in told
    assert "0f0f" not in told
    assert "me>" not in told
    assert told.count("••••") == 2
    assert "'apiuserid'" in told
