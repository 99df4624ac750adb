"""A call's answer as a VoiceXML 2.1 document (contract Faces 1, reference part D.1); nothing here knows HTTP.

Only what the standard has is written: elements and attributes of VoiceXML 2.1 and, for the keys, SRGS 1.0's XML form
in VoiceXML's own namespace, as its schema wants inline grammars. Nothing is built by joining text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from lxml import etree

from twofactor.flow.answers import Answer, Prompt
from twofactor.flow.calls import BUDGET
from twofactor.voicexml.scripts import is_variable, literal

MEDIA = "application/voicexml+xml"
"""RFC 4267. Without a charset: the XML declaration names it."""
NAMESPACE = "http://www.w3.org/2001/vxml"
CODE = "authCode_nbest1"
"""The field of the digits, by the name that the seed's web service knows."""
AGAIN = "*"
"""The key that asks for another code; no code holds it."""
_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"
_PROPERTIES = (
    # Keys only: what a recognizer believes to have heard would be one more guess of the code.
    ("inputmodes", "dtmf"),
    ("termchar", "#"),
    ("timeout", "5s"),
    ("interdigittimeout", "4s"),
)
# A code is delivered while the caller waits: longer than one request may take.
_FETCH_TIMEOUT = f"{BUDGET + 10:.0f}s"
# What ends a document that cannot go on. Not every error: <return> itself raises one where nobody called, and would
# be caught here for ever.
_ERRORS = "error.badfetch error.noresource error.unsupported"
_NOT_XML = re.compile("[^\\t\\n\\r\\x20-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the document's answers go, each as a path from the root ("path-absolute", RFC 3986 §4.2).

    Platforms resolve it against the address they got the document from, which keeps scheme, host, port and user:pass@
    of the entry (§5.2.2: the base's authority, whole): no address of ours need be known, and the proof goes along.
    """

    method: str
    code: str
    resend: str
    hangup: str


def document(answer: Answer, *, addresses: Addresses) -> bytes:
    """The dialog that ``answer`` asks for, or the way back into the calling dialog when the call has ended."""
    if answer.prompt is None:
        return ending(answer.path or "error", answer.variables)
    root = _root()
    for name, value in _PROPERTIES:
        _add(root, "property", name=name, value=value)
    _submit(_add(root, "catch", event="connection.disconnect.hangup"), addresses.hangup, "step")
    failed = _add(root, "catch", event=_ERRORS)
    _add(failed, "var", name="path", expr=literal("error"))
    _add(failed, "return", namelist="path")
    # Whoever answers an older prompt again gets the answer that it had.
    _add(root, "var", name="step", expr=literal(str(answer.step)))
    _add(root, "var", name="event", expr=literal(""))
    if answer.prompt.input == "menu":
        _menu(root, answer.prompt, addresses)
    else:
        _digits(root, answer.prompt, addresses)
    return _written(root)


def ending(path: str, variables: Mapping[str, str] | None = None) -> bytes:
    """Return ``path`` and the variables to the dialog that called this one as a subdialog.

    Left out is a variable whose name VoiceXML keeps for itself: it would make the whole document a bad fetch.
    """
    root = _root()
    block = _add(_add(root, "form"), "block")
    returned = {"path": path} | {
        name: value for name, value in (variables or {}).items() if is_variable(name) and name != "path"
    }
    for name, value in returned.items():
        _add(block, "var", name=name, expr=literal(value))
    _add(block, "return", namelist=" ".join(returned))
    return _written(root)


def _menu(root: etree._Element, prompt: Prompt, addresses: Addresses) -> None:
    field = _add(_add(root, "form", id="select"), "field", name="choice")
    grammar = _grammar(field, "choice")
    _alternatives(_rule(grammar, "choice"), [choice.key for choice in prompt.choices])
    _say(field, prompt.text)
    _no_answer(field, addresses.method)
    _submit(_add(field, "filled"), addresses.method, "step choice")


def _digits(root: etree._Element, prompt: Prompt, addresses: Addresses) -> None:
    """A field with a grammar of its own, not ``type="digits?minlength=…"``.

    The built-in types are optional on a platform (VoiceXML 2.0 §2.3.1, appendix P) while every platform must take a
    DTMF grammar in SRGS's XML form (§3.1.2); and a field with both would be filled by either.
    """
    field = _add(_add(root, "form", id="enter"), "field", name=CODE)
    grammar = _grammar(field, "code")
    either = _add(_rule(grammar, "code"), "one-of")
    repeat = str(prompt.fewest) if prompt.fewest == prompt.most else f"{prompt.fewest}-{prompt.most}"
    _add(_add(either, "item", repeat=repeat), "ruleref", uri="#digit")
    if prompt.can_resend:
        _add(either, "item").text = AGAIN
    _alternatives(_rule(grammar, "digit", scope="private"), list("0123456789"))
    # Without the key, a platform waits for more digits after a code that is not the longest.
    finish = " Finish with the pound key." if prompt.fewest < prompt.most else ""
    another = " To get another code, press star." if prompt.can_resend else ""
    _say(field, f"{prompt.text}{finish}{another}")
    _no_answer(field, addresses.code)
    filled = _add(field, "filled")
    if prompt.can_resend:
        again = _add(filled, "if", cond=f"{CODE} == {literal(AGAIN)}")
        _submit(again, addresses.resend, "step")
        _add(again, "else")
        _submit(again, addresses.code, f"step {CODE}")
    else:
        _submit(filled, addresses.code, f"step {CODE}")


def _no_answer(field: etree._Element, address: str) -> None:
    """Silence and other keys go to the server too: it counts the rounds, whatever document comes in between."""
    for event in ("noinput", "nomatch"):
        handler = _add(field, event)
        _add(handler, "assign", name="event", expr=literal(event))
        _submit(handler, address, "step event")


def _grammar(field: etree._Element, root: str) -> etree._Element:
    return _add(field, "grammar", mode="dtmf", version="1.0", root=root, type="application/srgs+xml")


def _rule(grammar: etree._Element, name: str, *, scope: str = "public") -> etree._Element:
    return _add(grammar, "rule", id=name, scope=scope)


def _alternatives(rule: etree._Element, keys: list[str]) -> None:
    one_of = _add(rule, "one-of")
    for key in keys:
        # Keys are tokens of their own (SRGS 1.0 appendix E).
        _add(one_of, "item").text = " ".join(key)


def _submit(within: etree._Element, address: str, names: str) -> None:
    _add(within, "submit", next=address, method="post", namelist=names, fetchtimeout=_FETCH_TIMEOUT, maxage="0")


def _say(field: etree._Element, text: str) -> None:
    _add(field, "prompt").text = _NOT_XML.sub(" ", text)


def _root() -> etree._Element:
    return etree.Element(f"{{{NAMESPACE}}}vxml", {"version": "2.1", _LANGUAGE: "en-US"}, nsmap={None: NAMESPACE})  # type: ignore[dict-item]


def _add(within: etree._Element, element: str, /, **attributes: str) -> etree._Element:
    return etree.SubElement(within, f"{{{NAMESPACE}}}{element}", attributes)


def _written(root: etree._Element) -> bytes:
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True))
