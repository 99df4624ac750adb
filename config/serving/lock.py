"""One server per address: a lock file held for the server's life, and a probe of the port.

granian binds with SO_REUSEPORT, so that a second server would share a taken port in silence.
``python -m config.serving.lock`` asks with the standard library alone: exit 0 free, 3 already runs, 1 taken.
"""

import errno
import fcntl
import os
import re
import socket
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import IO

FREE, TAKEN, RUNS = 0, 1, 3


class AlreadyRuns(Exception):
    """Deskgate itself holds this address."""


class PortTaken(Exception):
    """Another program, or another Deskgate's files, hold this address; or it is not ours to bind."""


def url_of(host: str, port: int, scheme: str = "http") -> str:
    """The address a person types: ``http://127.0.0.1:8000``."""
    shown = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound
    return f"{scheme}://[{shown}]:{port}" if ":" in shown else f"{scheme}://{shown}:{port}"


def take(var_dir: Path, host: str, port: int, *, scheme: str = "http", setting: str = "PORT=") -> IO[str]:
    """Take the lock of ``host:port`` and prove the port free; keep the returned file open for the server's life.

    Raises AlreadyRuns or PortTaken with the line to print; ``setting`` is how another port is chosen. The kernel gives
    the lock back when the holders are dead, also after kill -9."""
    var_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    name = re.sub(r"[^A-Za-z0-9.]", "_", host)
    file = (var_dir / f"serve-{name}-{port}.lock").open("a+", encoding="ascii")
    url = url_of(host, port, scheme)
    holder = _held_by(file, url)
    if holder is not None:
        raise AlreadyRuns(f"Deskgate already runs at {holder or url}")
    try:
        probe(host, port, setting)
    except PortTaken:
        file.close()
        raise
    return file


def take_alone(var_dir: Path, url: str) -> IO[str]:
    """Take the lock of the data below ``var_dir``: on SQLite one server alone may use it, whatever its port.

    Raises AlreadyRuns naming where the other one listens."""
    var_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = (var_dir / "serve.lock").open("a+", encoding="ascii")
    holder = _held_by(file, url)
    if holder is not None:
        raise AlreadyRuns(f"Deskgate already runs at {holder or 'another port'} on the same data")
    return file


def _held_by(file: IO[str], url: str) -> str | None:
    """Lock ``file`` and note ``url`` in it: None. When another holds it, close it and return what he noted, or ""."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.seek(0)
        holder = file.read().strip()
        file.close()
        return holder
    file.truncate(0)
    file.write(url)
    file.flush()
    return None


def probe(host: str, port: int, setting: str = "PORT=") -> None:
    """Bind without SO_REUSEPORT and let go. Raises PortTaken with the line to print."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probing:
        # Else a server that just ended would hold the port for a minute (TIME_WAIT).
        probing.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probing.bind((host, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                line = f"Port {port} of {host} is taken by another program. Choose another: {setting}{port + 1}"
            else:
                line = f"Cannot listen at {host}:{port}: {error.strerror or error}"
            raise PortTaken(line) from None


def main(environ: Mapping[str, str], base_dir: Path) -> int:
    """Print the one line when the address is not free. Returns FREE, TAKEN or RUNS."""
    try:
        port = int(environ.get("PORT") or 8000)
    except ValueError:
        return FREE  # config.env says it better
    var_dir, host = Path(environ.get("VAR_DIR") or base_dir / "var"), environ.get("HOST") or "127.0.0.1"
    try:
        take(var_dir, host, port).close()
        if not environ.get("DATABASE_URL", "").startswith("postgres"):
            take_alone(var_dir, url_of(host, port)).close()
    except AlreadyRuns as runs:
        sys.stdout.write(f"{runs}\n")
        return RUNS
    except PortTaken as taken:
        sys.stderr.write(f"{taken}\n")
        return TAKEN
    return FREE


if __name__ == "__main__":
    sys.exit(main(os.environ, Path(__file__).resolve().parent.parent.parent))
