"""Imports go one way (CONTRIBUTING.md, "Imports go one way"): function-level, relative and TYPE_CHECKING ones too."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.house.conftest import ROOT

FLOORS = ("activity", "environment", "accounts")
"""From the ground up; each may import those before it."""
FRONTS = ("oauthapi", "twofactor", "screenrec", "history")
ROOF = frozenset({"config.settings", "config.urls", "config.wsgi", "config.srs_wsgi", "config.asgi"})
ROOMS = (*FLOORS, *FRONTS)
# What a front may take of a floor, and the engines that were made for all rooms.
OFFERED = frozenset({"models", "services", "selectors", "options", "errors"})
ENGINES = frozenset(
    {
        "activity.jobs",
        "activity.purges",
        "environment.application_pages",
        "environment.application_records",
        "environment.declarations",
        "environment.findings",
        "environment.provision",
    }
)


@dataclass(frozen=True)
class Import:
    """One import: the module that holds it, and the dotted name that it names (with the imported name behind it)."""

    by: str
    line: int
    name: str

    @property
    def by_room(self) -> str:
        return self.by.partition(".")[0]

    @property
    def room(self) -> str:
        return self.name.partition(".")[0]

    def is_within(self, module: str) -> bool:
        return self.name == module or self.name.startswith(f"{module}.")

    def __str__(self) -> str:
        return f"{self.by}:{self.line} imports {self.name}"


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports_of(source: str, by: str, *, is_package: bool = False) -> Iterator[Import]:
    """Every import statement at any depth, and importlib's with a constant name."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(by, node.lineno, alias.name)
        elif isinstance(node, ast.ImportFrom):
            base = _absolute(node, by, is_package=is_package)
            for alias in node.names:
                yield Import(by, node.lineno, base if alias.name == "*" else f"{base}.{alias.name}")
        elif isinstance(node, ast.Call) and _called(node.func) in ("import_module", "__import__", "import_string"):
            first = node.args[0] if node.args else None
            if isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield Import(by, node.lineno, first.value)


def _absolute(node: ast.ImportFrom, by: str, *, is_package: bool) -> str:
    if not node.level:
        return node.module or ""
    parts = by.split(".")
    parts = parts[: len(parts) - node.level + (1 if is_package else 0)]
    return ".".join([*parts, *([node.module] if node.module else [])])


def _called(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def fault(one: Import) -> str:
    """Which rule an import breaks; empty when none."""
    if any(one.is_within(module) for module in ROOF) and one.by_room in (*ROOMS, "config") and one.by not in ROOF:
        return "the roof is imported by nobody"
    if one.by_room == "config" and one.by not in ROOF:
        return "the foundation imports no app" if one.room in ROOMS else ""
    if one.room not in ROOMS or one.room == one.by_room or one.by in ROOF:
        return ""
    if one.by_room in FLOORS:
        higher = one.room in FRONTS or FLOORS.index(one.room) > FLOORS.index(one.by_room)
        return f"{one.room} stands above {one.by_room}" if higher else ""
    if one.by_room in FRONTS:
        return _fault_of_front(one)
    return ""


def _fault_of_front(one: Import) -> str:
    if one.room in FRONTS:
        return "a front imports no other front"
    if any(one.is_within(engine) for engine in ENGINES):
        return ""
    below = one.name.split(".")[1:]
    if not below or below[0] not in OFFERED:
        return f"a front takes only {', '.join(sorted(OFFERED))} of {one.room}"
    if any(part.startswith("_") for part in below):
        return "a front takes no underscore names"
    return ""


def sources() -> list[Path]:
    return [
        path
        for room in (*ROOMS, "config")
        for path in sorted((ROOT / room).rglob("*.py"))
        if "migrations" not in path.parts
    ]


def test_imports_go_one_way() -> None:
    broken = []
    for path in sources():
        found = imports_of(path.read_text("utf-8"), module_name(path), is_package=path.name == "__init__.py")
        broken += [f"{one}: {words}" for one in found if (words := fault(one))]
    assert not broken, "\n".join(broken)


def test_nothing_of_the_product_imports_its_tests() -> None:
    for path in sources():
        found = imports_of(path.read_text("utf-8"), module_name(path), is_package=path.name == "__init__.py")
        assert not [str(one) for one in found if one.room == "tests"]


def test_nobody_names_a_module_after_nothing() -> None:
    names = {path.stem for path in sources()} | {path.parent.name for path in sources()}
    assert not names & {"utils", "common", "helpers", "misc"}


@pytest.mark.parametrize(
    ("by", "source", "words"),
    [
        ("config.http.errors", "from accounts.models import User", "imports no app"),
        ("config.http.errors", "import config.settings", "the roof"),
        ("screenrec.management.commands.srs", "from config.srs_wsgi import application", "the roof"),
        ("oauthapi.flows.token", "from config import settings", "the roof"),
        ("oauthapi.flows.token", "def f():\n    import config.urls", "the roof"),
        ("config.urls", "from oauthapi.urls import urlpatterns", ""),
        ("activity.services", "from environment.models import Option", "stands above"),
        ("environment.models", "def f():\n    from accounts.models import User", "stands above"),
        ("environment.models", "if TYPE_CHECKING:\n    from oauthapi.models import ApiClient", "stands above"),
        (
            "environment.services",
            "from importlib import import_module\nimport_module('accounts.policy')",
            "stands above",
        ),
        ("accounts.services.users", "from environment.services import next_dbid", ""),
        ("oauthapi.flows.token", "from twofactor.services import verify", "no other front"),
        ("oauthapi.flows.token", "from accounts.policy import may", "takes only"),
        ("oauthapi.flows.token", "from accounts import policy", "takes only"),
        ("oauthapi.flows.token", "import accounts", "takes only"),
        ("oauthapi.flows.token", "from accounts.services.users import _check_home", "underscore"),
        ("oauthapi.flows.token", "from accounts import services", ""),
        ("oauthapi.periodic", "from activity.jobs import periodic", ""),
        ("environment.services.options", "from ...accounts import models", "stands above"),
        ("environment.services.options", "from ..models import Option", ""),
    ],
)
def test_the_rules_find_what_they_forbid(by: str, source: str, words: str) -> None:
    faults = [fault(one) for one in imports_of(source, by)]
    assert any(words in each for each in faults) if words else not any(faults)
