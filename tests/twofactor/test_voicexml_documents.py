"""Answers as VoiceXML documents: what is written, and that the standard's table takes it."""

from __future__ import annotations

import json
import subprocess

import pytest

from tests.tools import needs
from tests.twofactor.vxml_caller import Call, matches, text_of
from tests.twofactor.vxml_standard import NAMESPACE, faults, parsed
from twofactor.flow.answers import Answer, Choice, Prompt
from twofactor.voicexml.documents import Addresses, document, ending
from twofactor.voicexml.scripts import is_variable, literal

AT = Addresses("/v/method", "/v/code", "/v/resend", "/v/hangup")
MENU = Prompt("Press 1. Press 2.", "menu", (Choice("1", "email", "by e-mail"), Choice("2", "SMS", "by text message")))
NASTY = "a'b\"c]]>&<!-- \\ \n\r\t\u2028 é 😀 </vxml>\x00\x7f ${x} \\u0027"
V = {"v": NAMESPACE}


def selecting(prompt: Prompt = MENU, step: int = 1) -> bytes:
    return document(Answer("s", "select", prompt, step=step), addresses=AT)


def entering(fewest: int = 6, most: int = 6, text: str = "Please enter its 6 digits.") -> bytes:
    return document(Answer("s", "enter", Prompt(text, "digits", (), fewest, most), step=2), addresses=AT)


def ended(path: str | None = "success", **variables: str) -> bytes:
    return document(Answer("s", "ended", None, path, variables=variables), addresses=AT)


def returned(sent: bytes) -> dict[str, str]:
    def post(*_: object) -> object:
        raise AssertionError("nothing is sent")

    call = Call(post, "http://ivr")
    call._load(sent)
    assert call.returned is not None
    return call.returned


@pytest.mark.parametrize(
    "sent",
    [
        selecting(),
        selecting(Prompt("One.", "menu", tuple(Choice(str(key), "email", "x") for key in range(1, 13)))),
        selecting(Prompt(NASTY, "menu", MENU.choices)),
        entering(),
        entering(4, 10),
        entering(1, 20, NASTY),
        ended(),
        ended(None),
        ended("agent", CustomerEmail=NASTY, CustomerPhone=""),
        ended("a path with blanks"),
        ending("error"),
    ],
)
def test_a_document_is_what_the_standard_has(sent: bytes) -> None:
    assert faults(sent) == []
    assert sent.startswith(b"<?xml version='1.0' encoding='UTF-8'?>\n<vxml xmlns=\"http://www.w3.org/2001/vxml\"")
    assert parsed(sent).get("version") == "2.1"
    assert parsed(sent).get("{http://www.w3.org/XML/1998/namespace}lang") == "en-US"


@pytest.mark.parametrize(
    ("fewest", "most", "taken", "refused"),
    [
        (6, 6, ["123456", "000000", "*"], ["12345", "1234567", "", "12345*", "**", "12345a", "\uff11" * 6]),
        (4, 10, ["1234", "1234567890", "*"], ["123", "12345678901", "1*34"]),
        (1, 20, ["1", "1" * 20], ["1" * 21]),
    ],
)
def test_the_grammar_takes_as_many_digits_as_are_waited_for(
    fewest: int, most: int, taken: list[str], refused: list[str]
) -> None:
    (grammar,) = parsed(entering(fewest, most)).findall(".//v:grammar", V)
    assert [keys for keys in taken if not matches(grammar, keys)] == []
    assert [keys for keys in refused if matches(grammar, keys)] == []


def test_where_no_other_code_can_be_had_none_is_offered_and_its_key_is_not_taken() -> None:
    prompt = Prompt("Please enter the code that your app shows.", "digits", (), 6, 10, can_resend=False)
    sent = document(Answer("s", "enter", prompt, step=2), addresses=AT)
    assert faults(sent) == []
    assert b"shows. Finish with the pound key.</prompt>" in sent
    (grammar,) = parsed(sent).findall(".//v:grammar", V)
    assert matches(grammar, "123456")
    assert not matches(grammar, "*")
    assert [submit.get("next") for submit in parsed(sent).findall(".//v:filled//v:submit", V)] == ["/v/code"]
    assert b"/v/resend" not in sent


def test_the_menu_takes_the_keys_that_are_offered_and_no_others() -> None:
    (grammar,) = parsed(selecting()).findall(".//v:grammar", V)
    assert [key for key in "0123456789*#" if matches(grammar, key)] == ["1", "2"]
    assert not matches(grammar, "12")


def test_only_keys_are_listened_to() -> None:
    for sent in (selecting(), entering()):
        told = {node.get("name"): node.get("value") for node in parsed(sent).findall("v:property", V)}
        assert told == {"inputmodes": "dtmf", "termchar": "#", "timeout": "5s", "interdigittimeout": "4s"}


def test_every_answer_goes_by_post_to_a_path_from_the_root_and_nothing_is_cached() -> None:
    for sent in (selecting(), entering()):
        submits = parsed(sent).findall(".//v:submit", V)
        assert len(submits) >= 4
        for submit in submits:
            assert str(submit.get("next")).startswith("/v/")
            assert (submit.get("method"), submit.get("maxage")) == ("post", "0")
            assert str(submit.get("namelist")).split()[0] == "step"


def test_a_repeated_prompt_says_how_another_code_is_had_and_when_to_finish() -> None:
    assert b"<prompt>Please enter its 6 digits. To get another code, press star.</prompt>" in entering()
    assert b"Finish with the pound key. To get another code, press star.</prompt>" in entering(4, 10)


def test_variables_come_back_as_they_are() -> None:
    sent = {"CustomerEmail": NASTY, "CustomerPhone": "+4712345678", "empty": ""}
    assert returned(ended("success", **sent)) == {"path": "success", **sent}
    assert b"\\u0027" in ended(CustomerEmail=NASTY)
    assert ended(CustomerEmail=NASTY).isascii()


@needs("node")
def test_an_ecmascript_engine_reads_the_literals_as_we_do() -> None:
    texts = [NASTY, "", "\\", "\\'", '"', "\ud83d", "]]>", "x\u2029y"]
    script = f"console.log(JSON.stringify([{','.join(map(literal, texts))}]))"
    read = subprocess.run(["node", "-e", script], capture_output=True, text=True, check=True).stdout
    assert json.loads(read) == texts
    assert [text_of(literal(text)) for text in texts if text != "\ud83d"] == [one for one in texts if one != "\ud83d"]


@pytest.mark.parametrize("name", ["class", "session", "_mail", "mail$", "a.b", "1st", "é", "x\n", ""])
def test_a_variable_that_voicexml_could_not_declare_is_left_out(name: str) -> None:
    assert returned(ended("success", **{name: "x", "CustomerEmail": "y"})) == {"path": "success", "CustomerEmail": "y"}
    assert not is_variable(name)


def test_no_variable_takes_the_place_of_the_path() -> None:
    assert returned(ending("agent", {"path": "success"})) == {"path": "agent"}


def test_what_xml_cannot_hold_is_not_said() -> None:
    assert b"<prompt>a b \xef\xbf\xbd c To get" not in entering(text="a\x00b\ufffe\ud800c")
    assert b"<prompt>a b  c To get another" in entering(text="a\x00b\ufffe\ud800c")
