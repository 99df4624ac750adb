"""The Screen Recording Service as agents' machines run it: ``manage.py srs`` on loopback, with data of its own."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.flows.server import BASE_DIR, Installation, free_port

SEATS = """
installation:
  options:
    crossOriginSettings/allowedOrigins: {origins}
places:
  - {{contact-center: t100, name: Place_1}}
  - {{contact-center: t100, name: Place_2}}
devices:
  - {{contact-center: t100, switch: SIP_Switch, dn: "7001", place: Place_1}}
  - {{contact-center: t100, switch: SIP_Switch, dn: "7002", place: Place_1}}
  - {{contact-center: t100, switch: SIP_Switch, dn: "7003", place: Place_2}}
"""
"""Two places for the cast's agents, and the origins of their desktops."""


def provision(installation: Installation, text: str) -> None:
    """Have ``manage.py provision`` read this text."""
    file = installation.var_dir / "more.yaml"
    file.write_text(text, encoding="utf-8")
    installation.manage("provision", "--yes", str(file))


class Recorder:
    """One ``manage.py srs`` on an installation's data, at one port through all its restarts."""

    def __init__(self, installation: Installation, *words: str) -> None:
        self.installation = installation
        self.port = free_port()
        self.words = words
        self.url = f"http{'s' if words else ''}://127.0.0.1:{self.port}"
        self.log = installation.var_dir / f"srs-{self.port}.log"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Returns when it answers."""
        command = [sys.executable, "manage.py", "srs", "--port", str(self.port), *self.words]
        with self.log.open("a") as log:
            self.process = subprocess.Popen(
                command, cwd=BASE_DIR, env=self.installation.environ, stdout=log, stderr=log, start_new_session=True
            )
        end = time.monotonic() + 60
        while not self._answers():
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < end, self.log.read_text()
            time.sleep(0.1)

    def kill(self) -> None:
        """kill -9, the process and all its children: nothing is tidied up."""
        assert self.process is not None
        subprocess.run(["kill", "-9", "--", f"-{self.process.pid}"], check=True)
        self.process.wait(30)

    def _answers(self) -> bool:
        try:
            return httpx.get(f"{self.url}/livez", timeout=2, verify=False).status_code == 200
        except httpx.HTTPError:
            return False


@contextmanager
def recording(installation: Installation, *words: str) -> Iterator[Recorder]:
    """A service until the block ends."""
    recorder = Recorder(installation, *words)
    recorder.start()
    try:
        yield recorder
    finally:
        assert recorder.process is not None
        recorder.process.terminate()
        try:
            recorder.process.wait(30)
        except subprocess.TimeoutExpired:
            recorder.kill()


def counted(installation: Installation, **where: object) -> int:
    """How many recorder sessions there are, open or not, with these fields."""
    script = f"from screenrec.models import RecorderSession as R; print('n', R.objects.filter(**{where!r}).count())"
    return int(installation.manage("shell", "-v", "0", "-c", script).rpartition("n ")[2])


def written(installation: Installation) -> bytes:
    """Every byte of the installation's own files: SQLite's, its journal, logs."""
    return b"".join(path.read_bytes() for path in sorted(Path(installation.var_dir).iterdir()) if path.is_file())
