"""A strategy's SCXML, in the shape that Composer generates (blocks as states below ``_composer_entry``).

The orchestration server runs the W3C's working draft of 7 May 2009 with its ECMAScript profile: attributes such as
``srcexpr`` and the event of ``send`` are expressions, ``_data`` holds the data model, a fetch's request id is written
to the place that ``requestid`` names. The page is whole in itself: no interaction process diagram has to include it, so
that its initial state is the entry, and its final one ends the session.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from lxml import etree

from history.scxml.blocks import fill
from history.scxml.literals import string_literal

SCXML = "http://www.w3.org/2005/07/scxml"
GENESYS = "http://www.genesyslab.com/modules/"
MODULES = ("ws", "queue", "dialog", "session", "ixn", "classification")
NAMESPACES: Any = {
    None: SCXML,
    **{prefix: GENESYS + ("interaction" if prefix == "ixn" else prefix) for prefix in MODULES},
    "xi": "http://www.w3.org/2001/XInclude",
}
VISIT = "visitId"
SALT = "Salt of the checksum: "
_IDENTIFIER = re.compile(r"[A-Za-z$][A-Za-z0-9_$]{0,63}\Z")
_OF_THE_LANGUAGE = frozenset(
    re.findall(
        r"\w+",
        """
        abstract arguments boolean break byte case catch char class const continue debugger default delete do double
        else enum eval export extends false final finally float for function goto if implements import in instanceof
        int interface let long native new null package private protected public return short static super switch
        synchronized this throw throws transient true try typeof undefined var void volatile while with yield NaN
        Infinity Array Boolean Date Error Function JSON Math Number Object RegExp String URIError encodeURIComponent
        parseInt parseFloat isNaN isFinite toString valueOf constructor system
        """,
    )
)
_OURS = frozenset(
    {VISIT, "baseUrl", "pagesAtLeast", "eventsAtLeast", "visit", "decision", "base64", "numberOf", "visitIdOf"}
    | {"visitOf", "isEngaged", "App_Entry1", "App_GetHistory"}
    # Ids of states: an id stands once in a document, and a variable's is one too.
    | {"Entry1", "GetHistory", "Decision", "StartEngagement", "CancelEngagement", "Exit1"}
)


@dataclass(frozen=True, slots=True)
class Entry:
    """The properties of the Entry point (Start). ``user`` empty: the History API asks for no credentials."""

    name: str
    user: str
    password: str
    base_url: str
    pages_at_least: int = 0
    events_at_least: int = 0
    user_variable: str = "user"
    password_variable: str = "password"  # noqa: S105 - a variable's name


def variable_fault(name: str) -> str:
    """Why a variable cannot be called so in the generated SCXML; "" when it can."""
    if not _IDENTIFIER.match(name):
        return "Use letters, digits, _ and $, at most 64, beginning with a letter or $."
    if name in _OF_THE_LANGUAGE:
        return "This word means something in ECMAScript."
    return "The generated SCXML has a variable, function or state of this name." if name in _OURS else ""


def written(entry: Entry, *, salt: str) -> str:
    """The document as text, its values as literals that nothing gets out of.

    ``salt`` is random text that nobody but the document's readers knows: without it the checksum, which more people
    see, would let a guessed password be tried. Raises BadText, ValueError for variables that cannot be called so.
    """
    if fault := variable_fault(entry.user_variable) or variable_fault(entry.password_variable):
        raise ValueError(fault)
    root = etree.Element(f"{{{SCXML}}}scxml", nsmap=NAMESPACES)
    root.set("version", "1.0")
    root.set("profile", "ecmascript")
    root.set("name", entry.name)
    root.set("initial", "_composer_entry")
    root.append(etree.Comment(" Made by Deskgate from the properties of the Entry point (Start). "))
    root.append(etree.Comment(f" {SALT}{salt} "))
    fill(root, variables=_variables(entry), user=entry.user_variable, password=entry.password_variable)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True, pretty_print=True).decode("utf-8")


def _variables(entry: Entry) -> dict[str, str]:
    """Each variable's name and initial expression."""
    return {
        entry.user_variable: string_literal(entry.user),
        entry.password_variable: string_literal(entry.password),
        "baseUrl": string_literal(entry.base_url.rstrip("/")),
        "pagesAtLeast": str(int(entry.pages_at_least)),
        "eventsAtLeast": str(int(entry.events_at_least)),
    }
