"""What no file of the tree may hold: machine paths, registry hosts, secrets of a start, names of nobody's business."""

from __future__ import annotations

import ast
import re
import subprocess

import pytest

from tests.house.conftest import ROOT

# Written so that this file does not find itself.
FORBIDDEN = {
    "a machine path": re.compile("|".join(f"/{name}/" for name in ("work", "root"))),
    "a home directory": re.compile(r"/(?:home|Users)/[a-z]\w+/"),
    "a package registry": re.compile(
        r"pypi\.(?:org|python)|files\.python[h]osted|registry\.npm[j]s|artifac[t]ory|\bnexus\.", re.I
    ),
    "a private key": re.compile("-----BEGIN [A-Z ]*" + "PRIVATE KEY"),
    "left-over conflict": re.compile(r"^(?:<{7}|>{7}) ", re.MULTILINE),
}
LONGEST_FILE = 250
LONGEST_FUNCTION = 40
"""Lines, signature and docstring included. Longer ones are named in MAY_BE_LONGER, with the reason."""
MAY_BE_LONGER: dict[str, str] = {}
OUTSIDE_PAPERS = re.compile(r"\b(?:contract|reference)/[\w-]+\.md|oauth-on-dot|house-joints|\b(?:design|style)\.md")
BINARY = (".png", ".jpg", ".ico", ".woff2", ".svg")


def tracked() -> list[str]:
    """The files that are, or would be, in the repository."""
    words = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def test_no_file_names_a_machine_a_registry_or_a_key() -> None:
    found = []
    for name in tracked():
        if name.endswith(BINARY):
            continue
        text = (ROOT / name).read_text(encoding="utf-8")
        found += [
            f"{name}: {what} ({match[0]})" for what, one in FORBIDDEN.items() for match in [one.search(text)] if match
        ]
    assert not found


def test_nothing_of_a_start_is_in_the_tree() -> None:
    names = tracked()
    assert not [
        name for name in names if re.search(r"(^|/)(var|\.venv|__pycache__)/|\.sqlite3|deskgate\.env$|\.pem$", name)
    ]


def sources() -> list[str]:
    """Product code; tests are lists of cases, and migrations are generated."""
    return [
        name
        for name in tracked()
        if name.endswith(".py") and not name.startswith("tests/") and "/migrations/" not in name
    ]


def test_no_source_file_is_too_long() -> None:
    lengths = {name: len((ROOT / name).read_text(encoding="utf-8").splitlines()) for name in sources()}
    assert not {name: n for name, n in lengths.items() if n > LONGEST_FILE and name not in MAY_BE_LONGER}


def function_lengths(name: str) -> dict[str, int]:
    tree = ast.parse((ROOT / name).read_text(encoding="utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return {f"{name}: {node.name}": (node.end_lineno or 0) - node.lineno + 1 for node in functions}


def test_no_function_is_too_long() -> None:
    lengths = {function: n for name in sources() for function, n in function_lengths(name).items()}
    too_long = {function for function, n in lengths.items() if n > LONGEST_FUNCTION}
    assert too_long <= MAY_BE_LONGER.keys(), too_long - MAY_BE_LONGER.keys()


def test_nothing_refers_to_papers_that_are_not_in_the_tree() -> None:
    found = []
    for name in tracked():
        if (
            name.endswith((".py", ".md", ".html", ".yaml", ".toml", ".txt"))
            and name != "tests/house/test_house_text.py"
        ):
            text = (ROOT / name).read_text(encoding="utf-8")
            found += [f"{name}: {match[0]}" for match in OUTSIDE_PAPERS.finditer(text)]
    assert not found


def test_every_script_says_how_it_is_run() -> None:
    for name in ("manage.py", ".ci/run"):
        path = ROOT / name
        assert path.read_text(encoding="utf-8").startswith("#!"), name
        assert path.stat().st_mode & 0o111, name
