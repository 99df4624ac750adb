"""``manage.py srs``: the real process on a free port, over TLS with its own certificate."""

from __future__ import annotations

import json
import shutil
import socket
import ssl
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from config.serving.certificate import self_signed
from screenrec.management.commands.srs import CERTIFICATE, KEY
from tests import once
from tests.config.test_serve import BASE_DIR, alive, children, environment, free_port, wait_for
from tests.screenrec.desktop import ORIGIN

PROVISIONED = """
installation:
  options:
    crossOriginSettings/allowedOrigins: https://desk.example.com
contact-centers:
  - {id: 7d1f0a52-30a4-4a64-9a43-0c6a0f6f2a01, number: 100, name: One, domains: [t100]}
users:
  - {contact-center: t100, user-name: bob, password: violet-anchor-42}
"""
BOB = "Authorization: Basic Ym9iOnZpb2xldC1hbmNob3ItNDI="


@dataclass
class Answered:
    """An answer as it came over the wire."""

    status: int
    head: str
    body: bytes

    @property
    def told(self) -> dict[str, object]:
        return json.loads(self.body)


@dataclass
class Srs:
    """A running service."""

    process: subprocess.Popen[str]
    port: int
    var_dir: Path
    log: Path

    def ask(self, path: str, *lines: str, host: str | None = "127.0.0.1", method: str = "GET") -> Answered:
        """One request written by hand over TLS, the certificate verified; ``host`` None sends no Host."""
        name = "localhost" if host and host.startswith("localhost") else "127.0.0.1"
        trust = ssl.create_default_context(cafile=str(self.var_dir / CERTIFICATE))
        head = [f"{method} {path} HTTP/1.1", *([f"Host: {host}"] if host is not None else []), *lines]
        with (
            socket.create_connection(("127.0.0.1", self.port), timeout=10) as plain,
            trust.wrap_socket(plain, server_hostname=name) as stream,
        ):
            stream.sendall("\r\n".join([*head, "Content-Length: 0", "Connection: close", "", ""]).encode())
            read = b"".join(iter(lambda: stream.recv(65536), b""))
        told, _, body = read.partition(b"\r\n\r\n")
        return Answered(int(told.split()[1]), told.decode("latin-1"), body)

    def start_another(self, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
        """``manage.py srs`` to its end, on the same data."""
        return subprocess.run(
            [sys.executable, "manage.py", "srs", *words],
            cwd=BASE_DIR, env=environment(self.var_dir, self.port) | environ, capture_output=True, text=True,
            timeout=60, check=False,
        )  # fmt: skip


def listens(port: int, host: str = "127.0.0.1") -> bool:
    with socket.socket() as asking:
        asking.settimeout(2)
        return asking.connect_ex((host, port)) == 0


@pytest.fixture(scope="module")
def srs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Srs]:
    """In production, where PUBLIC_URL is another name; with bob, whom pages of ORIGIN may log in."""
    place = tmp_path_factory.mktemp("srs")
    var_dir, port = place / "var", free_port()
    var_dir.mkdir(mode=0o700)
    environ = environment(var_dir, port) | {
        "DESKGATE_MODE": "production", "PUBLIC_URL": "https://agent-7.example.com", "LOG_FORMAT": "json",
        "TRUSTED_PROXIES": "127.0.0.0/8",
        "SECRET_KEY": "".join(chr(33 + number) for number in range(60)).replace("%", "x"),
        "DESKGATE_KEYS": "k1:AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
    }  # fmt: skip
    (place / "file.yaml").write_text(PROVISIONED)
    shutil.copyfile(once.migrated("")[0], var_dir / "db.sqlite3")
    provision = [sys.executable, "manage.py", "provision", str(place / "file.yaml"), "--yes"]
    subprocess.run(provision, cwd=BASE_DIR, env=environ, check=True, timeout=120)
    with (place / "log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "srs", "--port", str(port), "--self-signed"],
            cwd=BASE_DIR, env=environ, stdout=log, stderr=log, text=True,
        )  # fmt: skip
    try:
        wait_for(lambda: process.poll() is not None or listens(port))
        assert process.poll() is None, (place / "log").read_text()
        assert f"The Screen Recording Service listens at https://127.0.0.1:{port}\n" in (place / "log").read_text()
        yield Srs(process, port, var_dir, place / "log")
        served = children(process.pid)
        assert len(served) == 2  # the worker and the jobs
        process.terminate()
        assert process.wait(30) == 0
        wait_for(lambda: not any(alive(pid) for pid in served))
    finally:
        process.kill()
        process.wait(30)


pytestmark = [pytest.mark.live, pytest.mark.slow]


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LOCALHOST", "127.0.0.1:{port}", "localhost:1"])
@pytest.mark.parametrize("path", ["/version", "/version/", "/livez", "/readyz"])
def test_this_machines_names_are_answered_whatever_public_url_says(srs: Srs, host: str, path: str) -> None:
    assert srs.ask(path, host=host.format(port=srs.port)).status == 200


@pytest.mark.parametrize(
    "host",
    [
        None, "", "evil.example.com", "agent-7.example.com", "localhost.evil.example.com", "127.0.0.1.evil.example.com",
        "127.0.0.2", "[::1]", "0.0.0.0", "2130706433", "localhost:x", "localhost:", "user@localhost", "evil,localhost",
    ],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/version", "/api/v2/me", "/livez", "/admin/"])
def test_any_other_host_is_refused_before_anything_else(srs: Srs, host: str | None, path: str) -> None:
    answer = srs.ask(path, f"Origin: {ORIGIN}", BOB, host=host)
    assert (answer.status, answer.told) == (
        403,
        {"statusCode": 5, "statusMessage": "This host name is not served here."},
    )
    assert "access-control" not in answer.head.lower()
    assert "set-cookie" not in answer.head.lower()


def test_a_host_that_comes_twice_is_refused(srs: Srs) -> None:
    for first, second in (("localhost", "evil"), ("evil", "localhost"), ("localhost", "localhost")):
        assert srs.ask("/version", f"Host: {second}", host=first).status == 403


@pytest.mark.parametrize(
    "path",
    ["/", "/admin/", "/docs", "/schema", "/auth/v3/ping", "/auth/v3/oauth/token", "/configuration/basicauth",
     "/api/v20", "/api/v2x/me", "/versions", "/ping/x", "/static/deskgate/x.css", "//admin/", "/version%0a"],
)  # fmt: skip
def test_other_paths_are_not_served(srs: Srs, path: str) -> None:
    answer = srs.ask(path)
    assert (answer.status, answer.told) == (404, {"statusCode": 6, "statusMessage": "There is nothing here."})


def test_an_unknown_path_below_the_services_own_is_told_likewise(srs: Srs) -> None:
    assert srs.ask("/api/v2/nothing").told["statusCode"] == 6


def test_an_agent_logs_in_over_tls_and_the_cookie_crosses_sites(srs: Srs) -> None:
    answer = srs.ask("/api/v2/me/", f"Origin: {ORIGIN}", BOB)
    assert (answer.status, answer.told["statusCode"]) == (200, 0)
    (cookie,) = [line for line in answer.head.split("\r\n") if line.lower().startswith("set-cookie:")]
    assert "; Secure" in cookie
    assert "; SameSite=None" in cookie
    pair = cookie.partition(":")[2].partition(";")[0].strip()
    assert srs.ask("/ping", f"Origin: {ORIGIN}", f"Cookie: {pair}").status == 200


def test_forwarding_headers_are_the_callers_own_words(srs: Srs) -> None:
    assert srs.ask("/version", "X-Forwarded-For: 203.0.113.9", "X-Request-ID: forwarded-1").status == 200
    wait_for(lambda: "forwarded-1" in srs.log.read_text())
    assert "203.0.113.9" not in srs.log.read_text()  # though this machine is a trusted proxy


def test_localhost_is_not_bound_to_tls_for_a_year(srs: Srs) -> None:
    assert "strict-transport-security" not in srs.ask("/version", host="localhost").head.lower()


def test_the_machines_other_addresses_do_not_listen(srs: Srs) -> None:
    others = {each[4][0] for each in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
    assert not [each for each in {str(other) for other in others} - {"127.0.0.1"} if listens(srs.port, each)]
    assert not listens(srs.port, "127.0.0.2")


def test_a_second_one_says_that_it_runs_and_ends_well(srs: Srs) -> None:
    same = srs.start_another("--port", str(srs.port), "--self-signed")
    assert same.returncode == 0
    assert f"Deskgate already runs at https://127.0.0.1:{srs.port}\n" in same.stdout
    other = srs.start_another("--port", str(free_port()))
    assert (other.returncode, other.stdout) == (
        0, f"Deskgate already runs at https://127.0.0.1:{srs.port} on the same data\n",
    )  # fmt: skip


def test_a_second_one_leaves_the_certificate_alone(srs: Srs) -> None:
    file, aside = srs.var_dir / CERTIFICATE, srs.var_dir / "aside.pem"
    file.rename(aside)  # as one that is due
    try:
        assert srs.start_another("--port", str(srs.port), "--self-signed").returncode == 0
        assert not file.exists()
    finally:
        aside.rename(file)
    assert srs.ask("/version").status == 200


def test_a_pair_of_ones_own_is_served(tmp_path: Path) -> None:
    var_dir, port = tmp_path / "var", free_port()
    var_dir.mkdir(mode=0o700)
    pair = tmp_path / "own.pem", tmp_path / "own-key.pem"
    self_signed(*pair)
    environ = environment(var_dir, port)
    shutil.copyfile(once.migrated("")[0], var_dir / "db.sqlite3")
    words = ("--cert", str(pair[0]), "--key", str(pair[1]), "--no-jobs", "--port", str(port))
    process = subprocess.Popen([sys.executable, "manage.py", "srs", *words], cwd=BASE_DIR, env=environ)
    try:
        wait_for(lambda: process.poll() is not None or listens(port))
        trust = ssl.create_default_context(cafile=str(pair[0]))
        assert httpx.get(f"https://localhost:{port}/version", verify=trust).status_code == 200
        assert not (var_dir / CERTIFICATE).exists()
    finally:
        process.terminate()
        assert process.wait(30) == 0


def test_a_taken_port_names_the_argument_to_change(srs: Srs, tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        done = srs.start_another("--port", str(taken), VAR_DIR=str(tmp_path))
    assert done.returncode == 1
    assert f"Choose another: --port {taken + 1}" in done.stderr


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--cert", "x.pem"), "Give --cert and --key, or --self-signed"),
        (("--self-signed", "--cert", "x.pem", "--key", "y.pem"), "Give --cert and --key, or --self-signed"),
        (("--cert", "nowhere.pem", "--key", "nowhere.pem"), "nowhere.pem cannot be read"),
        (("--port", "0"), "must be a number from 1 to 65535"),
    ],
)
def test_a_wrong_argument_is_one_line(srs: Srs, words: tuple[str, ...], said: str) -> None:
    done = srs.start_another(*words)
    assert done.returncode != 0
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_the_key_is_its_owners_alone(srs: Srs) -> None:
    assert stat.S_IMODE((srs.var_dir / KEY).stat().st_mode) == 0o600
