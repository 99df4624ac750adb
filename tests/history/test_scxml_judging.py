"""Every rule by which an SCXML document is judged, each with a document that breaks this rule alone."""

from __future__ import annotations

import pytest

from history.scxml import LONGEST, problems_of

HEAD = '<scxml xmlns="http://www.w3.org/2005/07/scxml" version="1.0" profile="ecmascript" initial="a">'
GOOD = f"""{HEAD}
 <!-- comments are nothing -->
 <state id="a" initial="a1">
  <onentry><log expr="1 &lt; 2"/></onentry>
  <state id="a1"><transition event="go" target="p"/></state>
 </state>
 <parallel id="p"><state id="p1"/><state id="p2"><transition target="h"/></state></parallel>
 <state id="s"><history id="h"><transition target="s1"/></history><initial><transition target="s1"/></initial>
  <state id="s1"/><transition event="x" target="end"/></state>
 <final id="end"/>
</scxml>"""


def told(text: str | bytes) -> list[str]:
    return [str(one) for one in problems_of(text if isinstance(text, bytes) else text.encode())]


def test_a_good_document_has_no_problems() -> None:
    assert told(GOOD) == []


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (GOOD + " " * LONGEST, "The document is longer than 512 KiB."),
        (GOOD.replace("</scxml>", ""), "line 11: This is not well-formed XML: no element found."),
        (
            GOOD.replace('<state id="a1"', '<datamodel><data id="a1"/></datamodel><state id="a1"', 1),
            "line 5: The id a1 stands twice: on line 5 too.",
        ),
        (GOOD.replace("p1", "a1", 1), "line 7: The id a1 stands twice: on line 5 too."),
        (GOOD.replace('target="end"', 'target="gone"'), "line 9: There is no state gone, which target names."),
        (GOOD.replace('target="p"', 'target="p gone"'), "line 5: There is no state gone, which target names."),
        (GOOD.replace('initial="a1"', 'initial="gone"'), "line 3: There is no state gone, which initial names."),
        (GOOD.replace('initial="a"', 'initial="gone"'), "line 1: There is no state gone, which initial names."),
        (GOOD.replace(' initial="a">', ">"), "line 1: There is no entry: initial names no state."),
        (GOOD.replace('initial="a"', 'initial="a s"'), "line 1: There are 2 entries instead of one."),
        (
            GOOD.replace(" <final", ' <initial><transition target="s"/></initial><final'),
            "line 1: There are 2 entries instead of one.",
        ),
        (GOOD.replace('initial="a1"', 'initial="s1"'), "line 3: initial of a is no state inside it."),
        (GOOD.replace('event="x" target="end"', 'event="x"'), "line 1: No final state can be reached from the entry."),
        (GOOD.replace('target="p"', 'target="a"'), "line 1: No final state can be reached from the entry."),
        (GOOD.replace("ecmascript", "xpath"), "line 1: The orchestration server runs the ECMAScript profile only."),
        (
            GOOD.replace("2005/07/scxml", "2005/07/other"),
            "line 1: The root is not in the namespace http://www.w3.org/2005/07/scxml.",
        ),
        ("<html/>", "line 1: The root is html, not scxml."),
        ("", "line 1: This is not well-formed XML: no element found."),
        ("<!DOCTYPE scxml>" + GOOD, "A document type (DOCTYPE) is not read."),
        ('<?xml version="1.0" encoding="klingon"?>' + GOOD, "The encoding that the document declares is not known."),
    ],
)
def test_each_rule_names_what_breaks_it_with_its_line(document: str, words: str) -> None:
    assert told(document) == [words]


def test_entities_are_never_expanded_or_fetched() -> None:
    laughs = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    for inside in (
        f'<!ENTITY l0 "ha">{laughs}',
        '<!ENTITY x SYSTEM "file:///etc/passwd">',
        '<!ENTITY % p SYSTEM "x">%p;',
    ):
        document = f"<!DOCTYPE scxml [{inside}]>" + GOOD.replace('expr="1', 'expr="&l11;&x;')
        assert told(document) == ["A document type (DOCTYPE) is not read."]
    assert told(GOOD.encode("utf-16")) == []
    assert told("<!DOCTYPE scxml>".encode("utf-16") + GOOD.encode("utf-16-le")) != []


def test_a_very_deep_document_is_a_problem_not_a_crash() -> None:
    deep = HEAD + "<state>" * 5_000 + "</state>" * 5_000 + "</scxml>"
    assert any("not well-formed" in one for one in told(deep))


def test_states_of_other_pages_and_composers_prefix_are_understood() -> None:
    page = """<scxml xmlns="http://www.w3.org/2005/07/scxml" initial="_composer_noboot">
 <final id="_composer_noboot"/>
 <state id="_composer_entry" initial="$$_MY_PREFIX_$$.Entry1">
  <transition event="error" target="$$_MY_PREFIX_$$.Exit1"/>
  <state id="Entry1"/><final id="Exit1"/>
 </state></scxml>"""
    assert told(page) == []
    assert told(page.replace("$.Exit1", "$.Exit2")) == ["line 4: There is no state Exit2, which target names."]
    including = f"""{HEAD}<state id="a" initial="Main._composer_entry">
  <xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="Main.scxml" resolveid="Main"/>
  <transition event="done.state.Main._composer_entry" target="end"/></state><final id="end"/></scxml>"""
    assert told(including) == []
    assert told(including.replace('"Main._', '"Other._')) != []


def test_a_flood_of_problems_is_cut() -> None:
    flood = HEAD + '<state id="a"/>' * 500 + "</scxml>"
    assert len(told(flood)) == 50
