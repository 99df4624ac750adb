"""A Deskgate of its own for the tests that speak HTTP: real processes, a real database, a free port."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit, urlunsplit

import httpx

from tests import once

BASE_DIR = Path(__file__).resolve().parent.parent.parent
CAST = Path(__file__).with_name("cast.yaml")
OURS = (
    "DESKGATE_MODE", "SECRET_KEY", "DESKGATE_KEYS", "DATABASE_URL", "CACHE_URL", "PUBLIC_URL", "TRUSTED_PROXIES",
    "ALLOWED_HOSTS", "HOST", "PORT", "WORKERS", "THREADS", "LOG_LEVEL", "LOG_FORMAT", "DEBUG", "VAR_DIR",
    "DJANGO_SETTINGS_MODULE",
)  # fmt: skip


# The icon keeps browsers from asking for one.
PAGE = (
    b"""<!DOCTYPE html><link rel="icon" href="data:,"><title>The application</title><h1>Back in the application</h1>"""
)


class Installation:
    """One database with the cast (or other provisioning ``files``) in it, and the servers started on it."""

    def __init__(
        self,
        var_dir: Path,
        database_url: str = "",
        cache_url: str = "",
        *,
        environ: dict[str, str] | None = None,
        files: str = str(CAST),
    ) -> None:
        self.var_dir = var_dir
        self.processes: dict[int, subprocess.Popen[bytes]] = {}
        """Those of ``serve``, by port."""
        self.environ = {name: value for name, value in os.environ.items() if name not in OURS}
        self.environ |= {
            "VAR_DIR": str(var_dir),
            "DATABASE_URL": database_url,
            "CACHE_URL": cache_url,
            **(environ or {}),
        }
        if environ or (var_dir / "deskgate.env").exists():  # keys of its own
            self.manage("migrate", "--verbosity", "0")
        elif files == str(CAST):
            once.filled("cast", var_dir, database_url, _make_cast)
            return
        else:
            once.filled("migrated", var_dir, database_url, once.migrate)
        self.manage("provision", "--yes", files)

    def manage(self, *words: str) -> str:
        """Run a command on this installation; what it printed. Fails with its words."""
        done = subprocess.run(
            [sys.executable, "manage.py", *words],
            cwd=BASE_DIR,
            env=self.environ,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, f"{words}: {done.stdout}\n{done.stderr}"
        return done.stdout

    @contextmanager
    def serve(self, public_url: str = "", trusted_proxies: str = "", port: int = 0, workers: int = 1) -> Iterator[str]:
        """A server process until the block ends; its address. Nobody's forwarding headers count unless named."""
        port = port or free_port()
        url = f"http://127.0.0.1:{port}"
        environ = self.environ | {"PORT": str(port), "PUBLIC_URL": public_url or url}
        environ["TRUSTED_PROXIES"] = trusted_proxies
        with (self.var_dir / f"serve-{port}.log").open("w") as log:
            command = [sys.executable, "manage.py", "serve", "--no-jobs", "--workers", str(workers)]
            process = subprocess.Popen(command, cwd=BASE_DIR, env=environ, stdout=log, stderr=log)
            self.processes[port] = process
            try:
                _wait_until_ready(url, process, Path(log.name))
                yield url
            finally:
                process.terminate()
                try:
                    process.wait(timeout=30)
                except subprocess.TimeoutExpired:
                    process.kill()


def _make_cast(var_dir: Path, database_url: str) -> None:
    once.filled("migrated", var_dir, database_url, once.migrate)
    Installation(var_dir, database_url)


def _wait_until_ready(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        assert process.poll() is None, log.read_text()
        try:
            if httpx.get(f"{url}/readyz", timeout=2).status_code == 200:
                return
        except httpx.HTTPError:
            time.sleep(0.1)
    raise AssertionError("the server did not get ready: " + log.read_text())


def free_port() -> int:
    """A port nobody listens on."""
    with socket.socket() as probing:
        probing.bind(("127.0.0.1", 0))
        return int(probing.getsockname()[1])


@contextmanager
def own_database(url: str, suffix: str) -> Iterator[str]:
    """A database of its own beside the one of ``url``; its URL. Dropped afterwards."""
    import psycopg

    parts = urlsplit(url)
    name = f"deskgate_live_{suffix}"
    _sql(psycopg, url, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    _sql(psycopg, url, f'CREATE DATABASE "{name}"')
    try:
        yield urlunsplit(parts._replace(path=f"/{name}"))
    finally:
        _sql(psycopg, url, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _sql(psycopg: Any, url: str, statement: str) -> None:
    with psycopg.connect(urlunsplit(urlsplit(url)._replace(path="/postgres")), autocommit=True) as connection:
        connection.execute(statement)


class Listener:
    """Where a client waits for the browser: keeps what came, answers a small page."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.connections = 0
        """However they went on."""
        listener = self

        class Handler(BaseHTTPRequestHandler):
            def setup(self) -> None:
                listener.connections += 1
                super().setup()

            def do_GET(self) -> None:
                listener.requests.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
                self.send_response(200)
                self.send_header("Content-Type", "text/html")
                self.end_headers()
                self.wfile.write(PAGE)

            def log_message(self, *words: Any) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self.server.server_port
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @property
    def url(self) -> str:
        """The registered redirect URI, on this listener's port (RFC 8252 §7.3)."""
        return f"http://127.0.0.1:{self.port}/initialize"

    @property
    def answer(self) -> dict[str, str]:
        """The query of the last call to ``url``."""
        paths = [path for path, _ in self.requests if path.startswith("/initialize")]
        assert paths, "nobody came back"
        return dict(parse_qsl(urlsplit(paths[-1]).query, keep_blank_values=True))

    def close(self) -> None:
        """Stop."""
        self.server.shutdown()
        self.server.server_close()
