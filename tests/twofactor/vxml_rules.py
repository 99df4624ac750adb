"""What VoiceXML 2.0/2.1 and SRGS 1.0 say in prose, and no schema: exactly one of two attributes, variables that are
declared where they are named, grammars that are whole.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from lxml import etree

from tests.twofactor.vxml_standard import DURATION, name_of

PROPERTIES = {
    "inputmodes": r"dtmf|voice|dtmf voice|voice dtmf",
    "termchar": r"[0-9#*A-D]?",
    "timeout": DURATION,
    "interdigittimeout": DURATION,
    "termtimeout": DURATION,
    "fetchtimeout": DURATION,
    "bargein": "true|false",
    "documentmaxage": "[0-9]+",
}
"""VoiceXML 2.0 §6.3, those that documents here set."""
RESERVED = {"session", "application", "document", "dialog", "this", "class", "return", "var", "new", "function"}
HANDLERS = ("catch", "noinput", "nomatch", "error", "help")
KEYS = set("0123456789*#ABCD")

Rule = Callable[[etree._Element], Iterator[str]]


def broken(root: etree._Element) -> Iterator[str]:
    """The rules that this document breaks, in words."""
    for node in root.iter(etree.Element):
        for rule in RULES.get(name_of(node), ()):
            yield from rule(node)
        yield from _declared(node)
    ids = [node.get("id") for node in root.iter(etree.Element) if name_of(node) == "form" and node.get("id")]
    if len(ids) != len(set(ids)):
        yield "two dialogs of one id"


def _exactly_one(*names: str) -> Rule:
    def rule(node: etree._Element) -> Iterator[str]:
        if sum(name in node.attrib for name in names) != 1:
            yield f"<{name_of(node)}>: exactly one of {', '.join(names)} (error.badfetch)"

    return rule


def _at_most_one(*names: str) -> Rule:
    def rule(node: etree._Element) -> Iterator[str]:
        if sum(name in node.attrib for name in names) > 1:
            yield f"<{name_of(node)}>: at most one of {', '.join(names)} (error.badfetch)"

    return rule


def _goto(node: etree._Element) -> Iterator[str]:
    target = str(node.get("next", ""))
    dialogs = {one.get("id") for one in node.getroottree().getroot()}
    if target.startswith("#") and target[1:] not in dialogs:
        yield f"no dialog {target} (error.badfetch)"


def _property(node: etree._Element) -> Iterator[str]:
    pattern = PROPERTIES.get(str(node.get("name")))
    if pattern is None or not re.fullmatch(pattern, str(node.get("value"))):
        yield f"property {node.get('name')}={node.get('value')!r}"


def _variable(node: etree._Element) -> Iterator[str]:
    name = str(node.get("name"))
    if name in RESERVED or name.startswith("_") or name.endswith("$"):
        yield f"the name {name} is reserved (5.1)"


def _field(node: etree._Element) -> Iterator[str]:
    children = [name_of(child) for child in node]
    if ("grammar" in children) == ("type" in node.attrib):
        yield "a field is filled by its type, or by its grammars"
    for filled in (child for child in node if name_of(child) == "filled"):
        if "namelist" in filled.attrib or "mode" in filled.attrib:
            yield "<filled> of one field with a namelist or mode (2.4, error.badfetch)"
    form = node.getparent()
    if form is not None and len([one for one in form if one.get("name") and one.get("name") == node.get("name")]) > 1:
        yield f"two form items {node.get('name')}"


def _branches(node: etree._Element) -> Iterator[str]:
    marks = [name_of(child) for child in node if name_of(child) in ("else", "elseif")]
    if "else" in marks[:-1]:
        yield "<else> is the last branch"


def _grammar(node: etree._Element) -> Iterator[str]:
    if "src" in node.attrib or "srcexpr" in node.attrib:
        if len(node):
            yield "a grammar is inline, or elsewhere (3.1.1)"
        return
    rules = {str(rule.get("id")): rule for rule in node if name_of(rule) == "rule"}
    if len(rules) != len([rule for rule in node if name_of(rule) == "rule"]):
        yield "two rules of one id"
    if node.get("version") != "1.0":
        yield "an inline grammar has a version (SRGS 4.2)"
    if node.get("root") not in rules:
        yield f"the root {node.get('root')} is no rule of it (SRGS 4.7)"
    if node.get("mode") != "dtmf":
        yield "keys only: mode is dtmf"
    for each in node.iter(etree.Element):
        yield from _expansion(each, set(rules))


def _expansion(node: etree._Element, rules: set[str]) -> Iterator[str]:
    name, text = name_of(node), (node.text or "").split()
    if name in ("rule", "item") and not set(text) <= KEYS:
        yield f"{node.text!r} is no sequence of keys (SRGS appendix E)"
    if name in ("rule", "item", "one-of") and not len(node) and not text:
        yield f"<{name}> holds nothing"
    if name == "ruleref" and str(node.get("uri", "")).removeprefix("#") not in rules:
        yield f"no rule {node.get('uri')}"
    fewest, dash, most = str(node.get("repeat", "1")).partition("-")
    if dash and most and int(most) < int(fewest):
        yield f"repeat {node.get('repeat')}"


def _declared(node: etree._Element) -> Iterator[str]:
    """Names of a namelist, and of an assignment, are declared in a scope around (5.1.2; else error.semantic)."""
    names = node.get("namelist", "").split() if name_of(node) != "filled" else []
    if name_of(node) == "assign":
        names = [str(node.get("name"))]
    known = _in_scope(node) if names else set()
    yield from (f"{name} is declared nowhere" for name in names if name.partition(".")[0] not in known)


def _in_scope(node: etree._Element) -> set[str]:
    found: set[str] = set()
    below, around = node, node.getparent()
    while around is not None:
        # In executable content a variable is declared by what stands before; form items and documents know all.
        ordered = name_of(around) not in ("vxml", "form")
        for child in around:
            if child is below and ordered:
                break
            if name_of(child) in ("var", "field", "subdialog", "block") and child.get("name"):
                found.add(str(child.get("name")))
        below, around = around, around.getparent()
    return found


RULES: dict[str, tuple[Rule, ...]] = {
    "submit": (_exactly_one("next", "expr"),),
    "goto": (_exactly_one("next", "expr", "nextitem", "expritem"), _goto),
    "subdialog": (_exactly_one("src", "srcexpr"),),
    "throw": (_exactly_one("event", "eventexpr"),),
    "return": (_at_most_one("event", "eventexpr", "namelist"), _at_most_one("message", "messageexpr")),
    "exit": (_at_most_one("expr", "namelist"),),
    "param": (_exactly_one("expr", "value"),),
    "ruleref": (_exactly_one("uri", "special"),),
    "property": (_property,),
    "var": (_variable,),
    "field": (_field, _variable),
    "if": (_branches,),
    "grammar": (_grammar,),
}
