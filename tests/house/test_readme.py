"""What README and docs/ tell to type works as printed, against a demo."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from django.core.management import get_commands

from config.env import Env
from config.management.commands.errors_doc import errors_page
from environment.management.commands.options_doc import options_page
from tests.house.conftest import ROOT, Place

DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
FENCE = re.compile(r"^```(?P<kind>[^\n]*)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?:|mailto:)(?P<path>[^)#]*)(?:#(?P<anchor>[^)]*))?\)")
# Keeps the status of every call, and lets the command print what the document says it prints.
CURL = """#!/bin/sh
exec {curl} -D "$(mktemp {log}/XXXXXX)" "$@"
"""


def blocks(document: Path, kind: str) -> list[str]:
    found = FENCE.finditer(document.read_text(encoding="utf-8"))
    return [match["body"] for match in found if match["kind"].strip() == kind]


def with_blocks(kind: str) -> list[Path]:
    return [document for document in DOCUMENTS if blocks(document, kind)]


def shown(document: Path) -> str:
    return str(document.relative_to(ROOT))


def register(document: Path, place: Place, tmp_path: Path) -> None:
    """Provision what the document tells to register before its commands."""
    for number, text in enumerate(blocks(document, "yaml")):
        file = tmp_path / f"{number}.yaml"
        file.write_text(text, encoding="utf-8")
        done = place.manage("provision", str(file), "--yes")
        assert done.returncode == 0, done.stdout + done.stderr


def run_all(script: str, place: Place, tmp_path: Path) -> tuple[subprocess.CompletedProcess[str], list[int]]:
    log, shims = tmp_path / "statuses", tmp_path / "bin"
    log.mkdir()
    shims.mkdir()
    curl = subprocess.run(["which", "curl"], capture_output=True, text=True, check=True).stdout.strip()
    (shims / "curl").write_text(CURL.format(curl=curl, log=log), encoding="utf-8")
    (shims / "curl").chmod(0o755)
    script = "set -e\n" + script.replace("127.0.0.1:8000", f"127.0.0.1:{place.port}")
    environ = place.environ()
    environ["PATH"] = f"{shims}:{environ['PATH']}"
    done = subprocess.run(
        ["sh"], input=script, cwd=ROOT, env=environ, capture_output=True, text=True, timeout=120, check=False
    )
    statuses = [int(re.findall(r"^HTTP/\S+ (\d+)", each.read_text(), re.MULTILINE)[-1]) for each in log.iterdir()]
    return done, statuses


@pytest.mark.live
@pytest.mark.slow
@pytest.mark.parametrize("document", with_blocks("sh"), ids=shown)
def test_every_command_works_as_printed(document: Path, demo: Place, tmp_path: Path) -> None:
    register(document, demo, tmp_path)
    script = "\n".join(blocks(document, "sh"))
    done, statuses = run_all(script, demo, tmp_path)
    assert done.returncode == 0, done.stderr
    assert len(statuses) == len(re.findall(r"\bcurl\b", script))
    assert all(200 <= status < 400 for status in statuses), done.stdout
    assert '"error"' not in done.stdout
    assert "error=" not in done.stdout


@pytest.mark.parametrize("document", with_blocks("sh by-hand"), ids=shown)
def test_commands_to_type_by_hand_exist(document: Path) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    text = document.read_text(encoding="utf-8")
    for target in re.findall(r"(?:^|`)(?:\w+=\S+ )*make ([a-z]+)", text, re.MULTILINE):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE), target
    for command in re.findall(r"manage\.py ([a-z_]+)", text):
        assert command in get_commands() or command == "backup", command


@pytest.mark.parametrize("document", [*DOCUMENTS, ROOT / "SECURITY.md"], ids=shown)
def test_every_link_and_named_file_is_there(document: Path) -> None:
    text = document.read_text(encoding="utf-8")
    missing = []
    for link in LINK.finditer(text):
        target = (document.parent / link["path"]) if link["path"] else document
        if not target.exists() or (link["anchor"] and link["anchor"] not in anchors(target)):
            missing.append(link[0])
    for name in re.findall(r"`((?:tests|config|docs|demo|templates)/[\w./*-]+)`", text):
        if not list(ROOT.glob(name.rstrip("/"))):
            missing.append(name)
    assert not missing


def anchors(document: Path) -> set[str]:
    """The anchors that a renderer makes of headings."""
    heads = re.findall(r"^#+ (.*)$", document.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


def test_the_page_of_options_is_made_from_the_declarations() -> None:
    assert (ROOT / "docs/options.md").read_text(encoding="utf-8") == options_page()


def test_the_page_of_errors_is_made_from_the_rooms() -> None:
    assert (ROOT / "docs/errors.md").read_text(encoding="utf-8") == errors_page()


def test_the_page_of_settings_has_every_variable_with_its_default() -> None:
    rows = re.findall(
        r"^\| `(\w+)` \| ([^|]*) \| ([^|]*) \|", (ROOT / "docs/settings.md").read_text("utf-8"), re.MULTILINE
    )
    told = {name: (kind, default) for name, kind, default in rows}
    fields = {str(field.alias): field for field in Env.model_fields.values()}
    assert told.keys() == fields.keys()
    from config.env import SECRETS

    assert {name for name, (kind, _) in told.items() if "secret" in kind} == set(SECRETS)
    for name, field in fields.items():
        if not field.is_required() and field.default not in ("", ()):
            shown = str(field.default).lower() if isinstance(field.default, bool) else str(field.default)
            assert told[name][1].startswith(f"`{shown}`"), name


def test_the_example_environment_has_every_variable() -> None:
    named = set(re.findall(r"^(\w+)=", (ROOT / ".env.example").read_text(encoding="utf-8"), re.MULTILINE))
    assert named == {str(field.alias) for field in Env.model_fields.values()}
