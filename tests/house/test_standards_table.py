"""docs/standards.md is whole: every rule has its row, every row a test, and every test named exists."""

from __future__ import annotations

import ast
import re
from functools import cache

import pytest

from tests.house.conftest import ROOT

TABLE = ROOT / "docs" / "standards.md"
RULES = {
    "RFC 6749 (OAuth 2.0)": 42,
    "RFC 6750 (bearer tokens)": 9,
    "RFC 7636 (PKCE)": 5,
    "RFC 7009 (revocation)": 9,
    "RFC 7662 (introspection)": 4,
    "RFC 8414 and OpenID Connect Discovery": 12,
    "OpenID Connect Core": 15,
    "OpenID Connect RP-Initiated Logout": 6,
    "RFC 9700 (BCP 240)": 32,
    "The discouraged grants, switched": 17,
}
"""How many rules each section has. A number goes down only when a rule is no longer one."""


def rows() -> dict[str, list[list[str]]]:
    """The cells of every row, by section."""
    found: dict[str, list[list[str]]] = {}
    for line in TABLE.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            section = found.setdefault(line[3:], [])
        elif re.match(r"\| \d", line):
            section.append([cell.strip() for cell in line.strip("|").split(" | ")])
    return found


def named() -> list[str]:
    """Every test that the table names, once."""
    cells = [row[3] for section in rows().values() for row in section]
    return sorted({name for cell in cells for name in re.findall(r"`([^`]+)`", cell)})


@cache
def functions_of(file: str) -> frozenset[str]:
    tree = ast.parse((ROOT / "tests" / file).read_text(encoding="utf-8"))
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def test_no_rule_was_dropped() -> None:
    assert {section: len(found) for section, found in rows().items()} == RULES


@pytest.mark.parametrize("section", RULES)
def test_the_rules_are_numbered_in_order_and_each_names_a_test(section: str) -> None:
    found = rows()[section]
    assert [row[0] for row in found] == [str(number) for number in range(1, len(found) + 1)]
    assert len({row[1] for row in found}) == len(found)
    for number, rule, how, tests in found:
        assert rule, number
        assert how, number
        assert re.fullmatch(r"`[\w/.]+\.py::test_\w+`( `[\w/.]+\.py::test_\w+`)*", tests), (number, tests)


@pytest.mark.parametrize("name", named())
def test_every_test_named_exists(name: str) -> None:
    file, _, function = name.partition("::")
    assert (ROOT / "tests" / file).is_file()
    assert function in functions_of(file)


def test_every_test_written_for_a_standard_has_a_rule() -> None:
    """The files written for one standard each hold nothing that the table does not know of."""
    known = set(named())
    written = {
        f"oauthapi/{path.name}::{function}"
        for path in (ROOT / "tests" / "oauthapi").glob("test_standards_[ro]*.py")
        for function in functions_of(f"oauthapi/{path.name}")
        if function.startswith("test_")
    }
    assert written
    assert not written - known
