"""Composer's ``default.workflow``: read whatever its prefixes, quotes and encoding, and edited in two values only."""

from __future__ import annotations

import time
import tracemalloc

import pytest
from lxml import etree

from history.scxml import BadText
from history.workflow import NotWorkflow, workflow_read, workflow_written
from tests.history.strategy_cast import HOSTILE, evaluated
from tests.tools import needs

DECLARED = '<?xml version="1.0" encoding="UTF-8"?>\n'
ROOT = (
    '<xmi:XMI xmi:version="2.0" xmlns:xmi="http://www.omg.org/XMI"'
    ' xmlns:datatypes="http://studio.genesyslab.com/common/datatypes/"'
    ' xmlns:ird="http://studio.genesyslab.com/ird/"'
    ' xmlns:notation="http://www.eclipse.org/gmf/runtime/1.0.2/notation">\n'
)
SYSTEM = """      <variables xmi:type="datatypes:Variable" name="system.BaseURL" value="getURL()" type="System"/>
      <variables xmi:type="datatypes:Variable" xmi:id="_v2" name="system.TenantName" value="x" type="System"/>
"""
USER = """      <variables xmi:type="datatypes:Variable" xmi:id="_v3" name="restUser" value="''"
       description="Us" type="User"/>
"""
PASSWORD = """      <variables xmi:type="datatypes:Variable" xmi:id="_v4" name="restPassword"
       value="'old&amp;&#x20;1'" type="User"/>
"""
BODY = """  <ird:StrategyDiagram xmi:id="_d" name="default" designedUsing="Composer 8.1.541.07">
    <history>8.1.0</history>
    <blocks xmi:type="ird:EntryBlock" xmi:id="_b1" name="Entry1" starting="true" category="Entry">
{entry}    </blocks>
    <blocks xmi:type="ird:ExitBlock" xmi:id="_b2" name="Exit1" terminating="true"/>
    <links xmi:type="ird:WorkflowOutputLink" fromBlock="_b1" toBlock="_b2" name="x &gt; y"/>
  </ird:StrategyDiagram>
  <notation:Diagram type="Strategy"><styles/></notation:Diagram>
</xmi:XMI>
"""
ENTRY = SYSTEM + USER + PASSWORD
FILE = DECLARED + ROOT + BODY.format(entry=ENTRY)


def with_entry(entry: str) -> str:
    return DECLARED + ROOT + BODY.format(entry=entry)


def edited(data: bytes | str, **values: str) -> bytes:
    raw = data if isinstance(data, bytes) else data.encode()
    return workflow_written(workflow_read(raw), values or {"restUser": "api", "restPassword": "new"})


@pytest.mark.parametrize("name", ["utf8", "UTF-8", "U8", "ASCII", "us-ascii", "latin1", "iso-8859-1", "L1"])
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
def test_an_encoding_goes_by_any_of_its_names(name: str, bom: bytes) -> None:
    plain = "Us" if name in ("ASCII", "us-ascii") else "Ü"
    data = bom + FILE.replace("UTF-8", name).replace('"Us"', f'"{plain}"').encode(name)
    if bom and name not in ("utf8", "UTF-8", "U8"):
        with pytest.raises(NotWorkflow):
            workflow_read(data)
        return
    assert workflow_read(data).variables[2].description == plain
    assert f"'{plain}'".encode(name) in edited(data, restUser=plain)


@pytest.mark.parametrize("name", ["utf-16", "cp1252", "hex", "utf-8-sig", "nonsense", "utf-7"])
def test_other_encodings_are_refused(name: str) -> None:
    with pytest.raises(NotWorkflow):
        workflow_read(FILE.replace("UTF-8", name).encode())


def test_the_entry_variables_are_listed_and_the_credentials_found() -> None:
    workflow = workflow_read(FILE.encode())
    assert [(one.name, one.value, one.type) for one in workflow.variables] == [
        ("system.BaseURL", "getURL()", "System"),
        ("system.TenantName", "x", "System"),
        ("restUser", "''", "User"),
        ("restPassword", "'old& 1'", "User"),
    ]
    assert workflow.variables[2].description == "Us"
    assert workflow.guess() == ("restUser", "restPassword")
    assert [one.name for one in workflow.variables if one.looks_secret] == ["restPassword"]


@pytest.mark.parametrize(
    ("user", "password", "guess"),
    [
        ("user", "password", ("user", "password")),
        ("login_id", "PWD", ("login_id", "PWD")),
        ("historyUserName", "passphrase", ("historyUserName", "passphrase")),
        ("userAgent", "passwordHint", ("", "")),
    ],
)
def test_what_names_tell(user: str, password: str, guess: tuple[str, str]) -> None:
    entry = USER.replace("restUser", user) + PASSWORD.replace("restPassword", password)
    assert workflow_read(with_entry(entry).encode()).guess() == guess


def test_of_several_that_look_alike_the_only_one_a_person_made_is_meant_or_none() -> None:
    system = USER.replace("restUser", "system.user").replace('type="User"', 'type="System"')
    assert workflow_read(with_entry(system + USER + PASSWORD).encode()).guess()[0] == "restUser"
    other = USER.replace("restUser", "otherUser")
    assert workflow_read(with_entry(other + USER + PASSWORD).encode()).guess()[0] == ""


OLD = "'old&amp;&#x20;1'"


@pytest.mark.parametrize(
    "file",
    [
        FILE,
        FILE.replace("\n", "\r\n"),
        FILE.replace("\n", "\r"),
        FILE.replace(DECLARED, ""),
        FILE.replace('encoding="UTF-8"', "encoding='utf-8' standalone='yes'"),
        "\ufeff" + FILE,
        FILE.replace("xmi:", "x:").replace(":xmi=", ":x=").replace("ird:", "q:").replace(":ird=", ":q="),
        FILE.replace(
            'xmi:type="ird:EntryBlock"', 'xmlns:i2="http://studio.genesyslab.com/ird/" xmi:type="i2:EntryBlock"'
        ),
        FILE.replace(' xmi:type="datatypes:Variable"', ""),
        FILE.replace('xmi:id="_v4" name="restPassword"', "xmi:id='_v4'\n\t name = 'restPassword'"),
        FILE.replace("    <history>", '    <!-- <variables name="restUser" value="no"/> --><history>'),
        FILE.replace("8.1.0<", '<![CDATA[<variables name="restPassword" value="no"/>]]><'),
        FILE.replace("8.1.0<", '<?pi <variables name="restPassword" value="no"/>?><'),
        FILE.replace('xmi:id="_v3"', "xmi:id='<'".replace("<", "&lt;") + ' description2=" value=&quot;x&quot; > "'),
        FILE.replace('name="restPassword"', 'xmi:value="no" name="restPassword"'),
        FILE.replace("<links", '<variables xmi:type="datatypes:Variable" name="restUser" value="no"/><links'),
        FILE.replace('terminating="true"/>', 'terminating="true">' + USER + "</blocks>"),
        FILE.replace('name="default"', 'name="Überblick — 日本"'),
    ],
)
def test_nothing_but_the_two_values_differs(file: str) -> None:
    data = file.encode()
    new = edited(data)
    before = OLD.encode()
    assert new == data.replace(b'name="restUser" value="\'\'"', b'name="restUser" value="\'api\'"', 1).replace(
        before, b"'new'", 1
    ) or _differing(data, new) == [(b"''", b"'api'"), (before, b"'new'")]
    _read_back(new, "'api'", "'new'")


def _differing(old: bytes, new: bytes) -> list[tuple[bytes, bytes]]:
    """What each of the two edits replaced, judged from the old file's own variables."""
    read = workflow_read(old)
    found = []
    at = shift = 0
    for name, value in (("restUser", b"'api'"), ("restPassword", b"'new'")):
        variable = read.named(name)
        assert variable
        tag = old[variable.at : variable.end]
        start = variable.at + next(
            tag.index(b" value=%c" % quote) + 8 for quote in b"\"'" if b" value=%c" % quote in tag
        )
        end = old.index(old[start - 1 : start], start)
        assert new[at + shift : start + shift] == old[at:start]
        assert new[start + shift :].startswith(value)
        found.append((old[start:end], value))
        at, shift = end, shift + len(value) - (end - start)
    assert new[at + shift :] == old[at:]
    return found


def _read_back(data: bytes, user: str, password: str) -> None:
    """As another parser reads it."""
    first = etree.fromstring(data).find(".//blocks")
    assert first is not None
    values = {one.get("name"): one.get("value") for one in first.iterfind("variables")}
    assert (values["restUser"], values["restPassword"]) == (user, password)


def test_single_quoted_attributes_stay_single_quoted() -> None:
    data = FILE.replace("value=\"''\"", "value='&apos;&apos;'").encode()
    new = edited(data, restUser='it\'s "me"', restPassword="\"'")
    assert b"value='&apos;it\\&apos;s \"me\"&apos;'" in new
    assert b"value=\"'&quot;\\''\"" in new
    _read_back(new, "'it\\'s \"me\"'", "'\"\\''")


def test_a_missing_value_is_inserted_after_the_last_attribute() -> None:
    entry = USER.replace(" value=\"''\"", "") + PASSWORD.replace(
        f'\n       value="{OLD}" type="User"/>', "\n  ></variables>"
    )
    data = with_entry(entry).encode()
    new = edited(data)
    assert b" value" not in data.replace(b'"x &gt; y"', b"")
    assert new == data.replace(b'type="User"/>', b'type="User" value="\'api\'"/>').replace(
        b'"restPassword"\n  >', b'"restPassword" value="\'new\'"\n  >'
    )
    _read_back(new, "'api'", "'new'")


@pytest.mark.parametrize(
    ("encoding", "declared"), [("latin-1", "ISO-8859-1"), ("latin-1", "iso-8859-1"), ("ascii", "US-ASCII")]
)
def test_other_encodings_stay_and_what_they_lack_becomes_a_reference(encoding: str, declared: str) -> None:
    name = "Größe" if encoding == "latin-1" else "Size"
    data = FILE.replace("UTF-8", declared).replace('name="default"', f'name="{name}"').encode(encoding)
    new = edited(data, restUser="ä日", restPassword="😀é")
    assert b"&#26085;" in new
    assert b"&#128512;" in new
    assert (b"\xe4" in new) == (encoding == "latin-1")
    _read_back(new, "'ä日'", "'😀é'")
    assert edited(new, restUser="", restPassword="old& 1") == data.replace(OLD.encode(), b"'old&amp; 1'")


@needs("node")
@pytest.mark.parametrize("quote", ['"', "'"])
@pytest.mark.parametrize("declared", ["UTF-8", "ISO-8859-1"])
def test_hostile_values_come_back_from_the_file(declared: str, quote: str) -> None:
    file = FILE.replace("UTF-8", declared)
    if quote == "'":
        file = file.replace("value=\"''\"", "value='1'").replace(f'"{OLD}"', "'2'")
    data = file.encode("latin-1")
    expressions = []
    for text in [*HOSTILE, "tab\tand\r\nlines"]:
        written = workflow_read(edited(data, restUser=text, restPassword=text))
        for name in ("restUser", "restPassword"):
            variable = written.named(name)
            assert variable is not None
            expressions.append(variable.value or "")
    assert evaluated(expressions) == [text for text in [*HOSTILE, "tab\tand\r\nlines"] for _ in range(2)]


def test_an_edit_twice_is_the_edit_once() -> None:
    assert edited(edited(FILE)) == edited(FILE)


def test_unknown_names_and_half_characters_are_refused() -> None:
    with pytest.raises(NotWorkflow, match="no variable nobody"):
        edited(FILE, nobody="x")
    with pytest.raises(BadText):
        edited(FILE, restUser="\ud800")


LAUGHS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
DOCTYPE = '<!DOCTYPE x [<!ENTITY l0 "ha">' + LAUGHS + "]>"


@pytest.mark.parametrize(
    ("file", "words"),
    [
        (FILE.replace(DECLARED, "<!DOCTYPE x>"), "document type"),
        (FILE.replace(DECLARED, DOCTYPE).replace("8.1.0", "&l11;"), "document type"),
        (FILE.replace(DECLARED, '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'), "document type"),
        (FILE.replace(DECLARED, '<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd">'), "document type"),
        (FILE.replace("ird:ExitBlock", "ird:EntryBlock"), "2 Entry blocks"),
        (FILE.replace("ird:EntryBlock", "ird:ExitBlock"), "no Entry block"),
        (FILE.replace("ird:EntryBlock", "datatypes:EntryBlock"), "no Entry block"),
        (FILE.replace("xmi:XMI", "xmi:Other"), "root of the file"),
        (FILE.replace("http://www.omg.org/XMI", "http://www.omg.org/Other"), "root of the file"),
        ("<html/>", "root of the file"),
        ("", "not well-formed"),
        ("PK\x03\x04", "not well-formed"),
        ("PK\x03\x04\x00", "not in UTF-8"),
        (FILE[:-20], "not well-formed"),
        (FILE.replace("&gt;", "&nbsp;"), "not well-formed"),
        (with_entry(USER + USER + PASSWORD), "restUser twice"),
        (FILE.replace("UTF-8", "UTF-16"), "."),
        (FILE.replace("UTF-8", "EBCDIC-CP-US"), "."),
        (FILE.replace("UTF-8", "windows-1252"), "not in UTF-8"),
        ("\ufeff" + FILE.replace("UTF-8", "ISO-8859-1"), "says so of itself"),
        (FILE + " " * 1024 * 1024, "longer than 1024 KiB"),
        (with_entry("".join(USER.replace("restUser", f"v{n}") for n in range(1_001))), "more than 1000"),
    ],
)
def test_a_file_that_is_not_read_says_why(file: str, words: str) -> None:
    with pytest.raises(NotWorkflow, match=words) as refused:
        workflow_read(file.encode())
    assert "old" not in str(refused.value)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_wide_encodings_are_refused(encoding: str) -> None:
    for file in (FILE, FILE.replace("UTF-8", "UTF-16"), FILE.replace(DECLARED, "")):
        with pytest.raises(NotWorkflow, match="not in UTF-8"):
            workflow_read(file.encode(encoding))


def test_reading_the_worst_file_is_quick_and_small() -> None:
    deep = ROOT + "<a>" * 140_000 + "</a>" * 140_000 + "</xmi:XMI>"
    started = time.monotonic()
    with pytest.raises(NotWorkflow, match="no Entry block"):
        workflow_read(deep.encode())
    assert time.monotonic() - started < 5
    tracemalloc.start()
    with pytest.raises(NotWorkflow, match="no Entry block"):
        workflow_read(deep.encode())
    assert tracemalloc.get_traced_memory()[1] < 100 * 1024 * 1024
    tracemalloc.stop()
