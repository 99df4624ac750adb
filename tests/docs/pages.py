"""The blocks of the pages under docs/clients/, as a reader would copy them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import requests

from tests.house.conftest import ROOT, Place
from tests.house.test_readme import blocks

CLIENTS = ROOT / "docs" / "clients"


@dataclass(frozen=True)
class Page:
    """One page; ``demo`` and ``port`` stand for the server and the application's port that the page prints."""

    name: str
    demo: Place
    port: int

    @property
    def api(self) -> str:
        return f"http://127.0.0.1:{self.demo.port}/auth/v3"

    @property
    def home(self) -> str:
        """Where the reader's application is."""
        return f"http://127.0.0.1:{self.port}"

    def blocks(self, kind: str) -> list[str]:
        """The blocks of this kind, with this test's ports."""
        found = blocks(CLIENTS / self.name, kind)
        assert found, f"no {kind} block in {self.name}"
        return [self._here(text) for text in found]

    def python(self, first_line: str) -> str:
        """The Python sample that begins with these words."""
        (found,) = [text for text in self.blocks("python") if text.startswith(f'"""{first_line}')]
        return found

    def register(self, directory: Path) -> None:
        """Do what the page tells: provision its clients, and see that a second time changes nothing."""
        for number, text in enumerate(self.blocks("yaml")):
            self.provision(text, directory / f"{number}.yaml")

    def provision(self, text: str, file: Path) -> None:
        file.write_text(text, encoding="utf-8")
        for words in (["--yes"], ["--dry-run", "--detailed-exitcode"]):
            done = self.demo.manage("provision", str(file), *words, DESKGATE_MODE="demo")
            assert done.returncode == 0, done.stdout + done.stderr

    def status_of_userinfo(self, token: str) -> int:
        """200 while the token lives, else 401."""
        return requests.get(
            f"{self.api}/userinfo", headers={"Authorization": f"Bearer {token}"}, timeout=30
        ).status_code

    def revoke(self, token: str, client_id: str) -> None:
        """End one token of a public client."""
        form = {"token": token, "client_id": client_id}
        assert requests.post(f"{self.api}/oauth/revoke", data=form, timeout=30).status_code == 200

    def failures(self) -> set[tuple[str, str]]:
        """(error, words) of each row under "When it fails"."""
        text = (CLIENTS / self.name).read_text(encoding="utf-8").partition("## When it fails")[2]
        return set(re.findall(r"^\| `(\w+)`: (.*?) \|", text, re.MULTILINE))

    def _here(self, text: str) -> str:
        return text.replace("127.0.0.1:8000", f"127.0.0.1:{self.demo.port}").replace(
            "127.0.0.1:8765", f"127.0.0.1:{self.port}"
        )
