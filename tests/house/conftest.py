"""Servers and commands as a person would start them: own processes, own files, nothing of this test run's settings."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import once
from tests.config.test_serve import answers, free_port

ROOT = Path(__file__).resolve().parent.parent.parent
SERVER = "Web_Engagement_Server"
_KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TMPDIR", "USER")


@dataclass(frozen=True)
class Place:
    """A directory of files and a port for one start of Deskgate."""

    var_dir: Path
    port: int

    def environ(self, **more: str) -> dict[str, str]:
        """The environment of a shell in which nothing of Deskgate is set, but for where to put files and listen."""
        kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
        return kept | {"VAR_DIR": str(self.var_dir), "PORT": str(self.port)} | more

    def run(self, *words: str, timeout: float = 120, **more: str) -> subprocess.CompletedProcess[str]:
        """One command to its end, at the root of the tree."""
        return subprocess.run(
            words, cwd=ROOT, env=self.environ(**more), capture_output=True, text=True, timeout=timeout, check=False
        )

    def manage(self, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
        """``manage.py`` with these words."""
        return self.run(sys.executable, "manage.py", *words, timeout=120, **more)

    def start(self, *words: str, **more: str) -> subprocess.Popen[str]:
        """A server in a process group of its own; returns when ``/livez`` answers."""
        with (self.var_dir / "server.log").open("a", encoding="utf-8") as log:
            process = subprocess.Popen(
                words, cwd=ROOT, env=self.environ(**more), stdin=subprocess.DEVNULL, stdout=log, stderr=log, text=True,
                start_new_session=True,
            )  # fmt: skip
        end = time.monotonic() + 120
        while not answers(self.port):
            if process.poll() is not None or time.monotonic() > end:
                stop(process)
                pytest.fail((self.var_dir / "server.log").read_text(encoding="utf-8"))
            time.sleep(0.1)
        return process


def stop(process: subprocess.Popen[str]) -> None:
    """End a server that ``Place.start`` started, with all its children."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(30)


def _step(place: Place, *words: str) -> None:
    done = place.run(sys.executable, *words, DESKGATE_MODE="demo")
    assert done.returncode == 0, done.stderr


def _make_demo(var_dir: Path, database_url: str) -> None:
    place = Place(var_dir, free_port())
    _step(place, "-m", "config.env", "demo")
    shutil.copyfile(once.migrated(database_url)[0], var_dir / "db.sqlite3")
    _step(place, "manage.py", "migrate", "--verbosity", "0")
    _step(place, "manage.py", "provision", "demo/", "--yes")


@contextmanager
def demo_of(place: Place) -> Iterator[Place]:
    """The demo, started by the steps of ``make run`` (which itself is tried in test_make_run.py).

    What they write is copied, but for what happened there, whose times are told from now.
    """
    once.filled("demo", place.var_dir, "", _make_demo)
    _step(place, "manage.py", "import_history", "--relative", "--application", SERVER, "demo/web-engagement.jsonl")
    _step(place, "manage.py", "demo_calls")
    server = place.start(sys.executable, "manage.py", "serve", DESKGATE_MODE="demo")
    try:
        yield place
    finally:
        stop(server)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """An empty place of this test's own."""
    var_dir = tmp_path / "var"
    var_dir.mkdir(mode=0o700)
    return Place(var_dir, free_port())


@pytest.fixture
def demo(place: Place) -> Iterator[Place]:
    """The demo in this test's own place."""
    with demo_of(place):
        yield place
