"""VoiceXML 2.1 as a table, written from the W3C's schema of it (2007) and its SRGS 1.0 part: which elements stand in
which, with what attributes; ``faults`` reads a document by it, and by the rules that the standard has in prose only
(``tests.twofactor.vxml_rules``). Elements that no document here has need of (speech, recording, transfer) are left out:
one of them is a fault.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import etree

NAMESPACE = "http://www.w3.org/2001/vxml"
XML = "{http://www.w3.org/XML/1998/namespace}"
DURATION = r"\+?([0-9]*\.)?[0-9]+(ms|[sS])"
VARIABLE = r"[A-Za-z_$][A-Za-z0-9_$]*"
DOTTED = rf"{VARIABLE}(\.{VARIABLE})*"
NMTOKEN = r"[-._:A-Za-z0-9]+"
ID = r"[A-Za-z_][-._A-Za-z0-9]*"
ANY = r"(?s).*"
NUMBER = r"[0-9]+"
TRUTH = "true|false"


@dataclass(frozen=True)
class Element:
    """What the schema says of one element: its attributes and their values' patterns, and what it may hold."""

    attributes: dict[str, str]
    holds: frozenset[str] = frozenset()
    needs: frozenset[str] = frozenset()
    text: bool = False


def element(
    attributes: dict[str, str] | None = None, holds: str = "", *, needs: str = "", text: bool = False
) -> Element:
    return Element(attributes or {}, frozenset(holds.split()), frozenset(needs.split()), text)


CACHE = {"fetchhint": "prefetch|safe", "fetchtimeout": DURATION, "maxage": NUMBER, "maxstale": NUMBER}
NEXT = {"next": ANY, "expr": ANY}
SENT = {"method": "get|post", "enctype": ANY, "namelist": rf"{DOTTED}( {DOTTED})*"}
THROWN = {"event": rf"{ID}", "eventexpr": ANY, "message": ANY, "messageexpr": ANY}
FORM_ITEM = {"name": VARIABLE, "cond": ANY, "expr": ANY}
HANDLER = {"count": NUMBER, "cond": ANY}
HANDLERS = "catch help noinput nomatch error "
SPOKEN = "enumerate value audio "
DONE = SPOKEN + (
    "assign clear data disconnect exit foreach goto if log reprompt return script submit throw var prompt "
)

ELEMENTS: dict[str, Element] = {
    "vxml": element(
        {"application": ANY, f"{XML}base": ANY, f"{XML}lang": "[a-z]{2}(-[A-Z]{2})?", "version": r"2\.1"},
        HANDLERS + "data form link menu meta metadata property script var",
        needs="version",
    ),
    "meta": element({"name": NMTOKEN, "content": ANY, "http-equiv": NMTOKEN}, needs="content"),
    "property": element({"name": NMTOKEN, "value": ANY}, needs="name value"),
    "catch": element(HANDLER | {"event": rf"{ID}( {ID})*"}, DONE, text=True),
    "help": element(HANDLER, DONE, text=True),
    "noinput": element(HANDLER, DONE, text=True),
    "nomatch": element(HANDLER, DONE, text=True),
    "error": element(HANDLER, DONE, text=True),
    "form": element(
        {"id": ID, "scope": "document|dialog"},
        HANDLERS + "filled initial object link property record script subdialog transfer block data field var grammar",
    ),
    "field": element(
        FORM_ITEM | {"type": ANY, "slot": NMTOKEN, "modal": TRUTH},
        SPOKEN + HANDLERS + "filled link option property grammar prompt",
        text=True,
    ),
    "block": element(FORM_ITEM, DONE, text=True),
    "subdialog": element(
        FORM_ITEM | CACHE | SENT | {"src": ANY, "srcexpr": ANY, "fetchaudio": ANY},
        SPOKEN + HANDLERS + "filled param property prompt",
        text=True,
    ),
    "param": element({"name": NMTOKEN, "expr": ANY, "value": ANY, "valuetype": "data|ref", "type": ANY}, needs="name"),
    "filled": element({"mode": "any|all", "namelist": rf"{VARIABLE}( {VARIABLE})*"}, DONE, text=True),
    "prompt": element(
        {
            "bargein": TRUTH,
            "bargeintype": "speech|hotword",
            "count": NUMBER,
            "cond": ANY,
            "timeout": DURATION,
            f"{XML}lang": ANY,
            f"{XML}base": ANY,
            "version": r"1\.0",
        },
        SPOKEN + "break emphasis foreach lexicon mark meta metadata p phoneme prosody s say-as sub voice",
        text=True,
    ),
    "value": element({"expr": ANY}, needs="expr"),
    "var": element({"name": VARIABLE, "expr": ANY}, needs="name"),
    "assign": element({"name": DOTTED, "expr": ANY}, needs="name expr"),
    "clear": element({"namelist": SENT["namelist"]}),
    "if": element({"cond": ANY}, DONE + "elseif else", needs="cond", text=True),
    "elseif": element({"cond": ANY}, needs="cond"),
    "else": element(),
    "submit": element(CACHE | NEXT | SENT | {"fetchaudio": ANY}),
    "goto": element(CACHE | NEXT | {"fetchaudio": ANY, "expritem": ANY, "nextitem": VARIABLE}),
    "return": element(THROWN | {"namelist": SENT["namelist"]}),
    "throw": element(THROWN),
    "exit": element({"expr": ANY, "namelist": SENT["namelist"]}),
    "disconnect": element({"namelist": SENT["namelist"]}),
    "reprompt": element(),
    "log": element({"label": ANY, "expr": ANY}, "value", text=True),
    # SRGS 1.0 in VoiceXML's namespace (vxml-grammar-extension.xsd); text is of DTMF tokens.
    "grammar": element(
        CACHE
        | {
            "version": r"1\.0",
            f"{XML}lang": ANY,
            f"{XML}base": ANY,
            "root": ID,
            "mode": "voice|dtmf",
            "tag-format": ANY,
            "scope": "document|dialog",
            "weight": ANY,
            "src": ANY,
            "srcexpr": ANY,
            "type": ANY,
        },
        "lexicon meta metadata tag rule",
    ),
    "rule": element(
        {"id": ID, "scope": "public|private"}, "token ruleref item one-of tag example", needs="id", text=True
    ),
    "one-of": element({f"{XML}lang": ANY}, "item"),
    "item": element(
        {"repeat": rf"{NUMBER}(-({NUMBER})?)?", "repeat-prob": ANY, "weight": ANY, f"{XML}lang": ANY},
        "token ruleref item one-of tag",
        text=True,
    ),
    "ruleref": element({"uri": ANY, "special": "NULL|VOID|GARBAGE", "type": ANY, f"{XML}lang": ANY}),
}


def parsed(document: bytes) -> etree._Element:
    """The document's root; as a platform reads it: no DTD, no entities."""
    return etree.fromstring(document, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))


def name_of(node: etree._Element) -> str:
    """The local name of one of VoiceXML's; with its namespace for any other."""
    return str(node.tag).removeprefix(f"{{{NAMESPACE}}}")


def faults(document: bytes) -> list[str]:
    """What is wrong with the document by the standard; nothing when a platform must take it."""
    from tests.twofactor.vxml_rules import broken

    root = parsed(document)
    found = [] if document.startswith(b"<?xml ") else ["no XML declaration"]
    if name_of(root) != "vxml":
        return [*found, f"the root is {root.tag}"]
    found += [fault for node in root.iter(etree.Element) for fault in _structure(node)]
    # The rules look things up that a wrong structure does not have.
    return found or list(broken(root))


def _structure(node: etree._Element) -> Iterator[str]:
    name = name_of(node)
    known = ELEMENTS.get(name)
    if known is None:
        yield f"<{name}> is none"
        return
    for child in node:
        if isinstance(child.tag, str) and name_of(child) not in known.holds:
            yield f"<{name_of(child)}> in <{name}>"
    for attribute, value in ((str(one), str(two)) for one, two in node.attrib.items()):
        pattern = known.attributes.get(attribute)
        if pattern is None:
            yield f"<{name} {attribute}>"
        elif not re.fullmatch(pattern, value):
            yield f'<{name} {attribute}="{value}">'
    yield from (f"<{name}> without {attribute}" for attribute in sorted(known.needs - set(map(str, node.attrib))))
    texts = [node.text, *(child.tail for child in node)]
    if not known.text and any(text and text.strip() for text in texts):
        yield f"text in <{name}>"
