"""``make run``: serves the demo, and says in one line that it does when asked again."""

from __future__ import annotations

import shutil
import socket
from pathlib import Path
from urllib.request import urlopen

import pytest

from tests.house.conftest import ROOT, Place, stop

INSTALLED = ROOT / ".venv" / ".requirements"
needs_make = pytest.mark.skipif(
    shutil.which("make") is None or not INSTALLED.exists(), reason="needs make, and `make run` or `make test` done once"
)
MAKE = ("make", "--no-print-directory", "run")


@needs_make
@pytest.mark.live
@pytest.mark.slow
def test_the_demo_serves_a_second_run_says_so_and_a_third_keeps_the_data(place: Place) -> None:
    first = place.start(*MAKE)
    try:
        second = place.run(*MAKE)
        assert (second.returncode, second.stderr) == (0, "")
        assert second.stdout == f"Deskgate already runs at http://127.0.0.1:{place.port}\n"
        with urlopen(f"http://127.0.0.1:{place.port}/readyz", timeout=10) as answer:
            assert answer.status == 200
            assert answer.headers["X-Deskgate-Worker"]
        tour = place.run("make", "--no-print-directory", "tour")
        assert (tour.returncode, tour.stderr) == (0, "")
    finally:
        stop(first)
    told = (place.var_dir / "server.log").read_text(encoding="utf-8")
    assert f"http://127.0.0.1:{place.port}/admin/" in told
    assert "demo-agent-1!" in told
    stop(place.start(*MAKE))
    told = (place.var_dir / "server.log").read_text(encoding="utf-8").removeprefix(told)
    assert "0 to add, 0 to change" in told


@needs_make
@pytest.mark.live
def test_manage_py_without_any_environment_works_on_the_same_database(place: Place) -> None:
    stop(place.start(*MAKE))
    done = place.manage("demo_table")
    assert done.returncode == 0, done.stderr
    assert (place.var_dir / "deskgate.env").stat().st_mode & 0o777 == 0o600
    assert "DESKGATE_MODE=demo" in (place.var_dir / "deskgate.env").read_text(encoding="utf-8")


@needs_make
def test_a_taken_port_is_one_line_and_no_start(place: Place) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", place.port))
        other.listen()
        done = place.run(*MAKE)
    assert done.returncode != 0
    lines = [line for line in done.stderr.splitlines() if not line.startswith("make")]
    assert lines == [
        f"Port {place.port} of 127.0.0.1 is taken by another program. Choose another: PORT={place.port + 1}"
    ]
    assert not list(Path(place.var_dir).glob("db.sqlite3*"))
