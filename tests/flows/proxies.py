"""nginx and Apache as an operator runs them, with the samples of docs/, as an ordinary user on free loopback ports."""

from __future__ import annotations

import datetime
import ipaddress
import os
import re
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.flows.server import BASE_DIR
from tests.tools import program

DOCS = BASE_DIR / "docs"
NOBODY = 65534

NGINX = """
pid {place}/nginx.pid;
daemon off;
worker_processes 1;
error_log {place}/error.log info;
events {{ worker_connections 256; }}
http {{
    access_log {place}/access.log;
    client_body_temp_path {place}/body;
    proxy_temp_path {place}/proxy;
    fastcgi_temp_path {place}/fastcgi;
    uwsgi_temp_path {place}/uwsgi;
    scgi_temp_path {place}/scgi;
    include {place}/conf.d/*.conf;
}}
"""
APACHE = """
ServerRoot {place}
PidFile {place}/apache.pid
ErrorLog {place}/error.log
LogLevel warn auth_openidc:{level}
DefaultRuntimeDir {place}
Mutex file:{place}
ServerName 127.0.0.1
{modules}
StartServers 1
ServerLimit 1
ThreadsPerChild 16
MaxRequestWorkers 16
Include {place}/conf.d/*.conf
"""
# What Debian's apache2 has on, and what the sample's head tells to enable.
LOADED = (
    "mpm_event", "authn_core", "authz_core", "authz_user", "headers", "proxy", "proxy_http", "socache_shmcb", "ssl",
    "auth_openidc",
)  # fmt: skip


def sample(name: str, values: Mapping[str, str]) -> str:
    """A sample of docs/ with its values changed as its head tells: each wherever it stands, all of them, no other."""
    text = (DOCS / name).read_text(encoding="utf-8")
    head = text.split("\n\n", 1)[0]
    told = re.findall(r"^#   (\S+(?: \S+)*)   +\S", head, re.MULTILINE)
    assert sorted(told) == sorted(values), f"{name} tells to change {told}"
    body = text.removeprefix(head)
    for value in told:
        assert value in body, f"{name}: {value} is not there"
    # In one pass, so that no replacement is replaced again.
    return re.sub("|".join(re.escape(value) for value in told), lambda found: values[found[0]], body)


def front_of(on: Ground, deskgate: int, front: int, clear: int) -> str:
    """docs/nginx/deskgate.conf on these loopback ports: Deskgate's own, TLS, and the one in clear."""
    return sample(
        "nginx/deskgate.conf",
        {
            "auth.example.com": "127.0.0.1",
            "listen 443": f"listen 127.0.0.1:{front}",
            "listen 80": f"listen 127.0.0.1:{clear}",
            "127.0.0.1:8000": f"127.0.0.1:{deskgate}",
            "/etc/ssl/auth.example.com/fullchain.pem": str(on.certificate),
            "/etc/ssl/auth.example.com/key.pem": str(on.key),
        },
    )


class Ground:
    """A directory that the program's user may use, and the certificate in it."""

    def __init__(self) -> None:
        self.place = Path(tempfile.mkdtemp(prefix="deskgate-proxy-"))
        (self.place / "conf.d").mkdir()
        self.certificate, self.key = self.place / "fullchain.pem", self.place / "key.pem"
        _make_certificate(self.certificate, self.key)

    def write(self, name: str, text: str) -> Path:
        """A file of the program's configuration."""
        path = self.place / name
        path.write_text(text, encoding="utf-8")
        return path

    def hand_over(self) -> dict[str, Any]:
        """Give all of it to nobody where we are root; how to start a process as him."""
        if os.geteuid() != 0:
            return {}
        for path in (self.place, *self.place.rglob("*")):
            os.chown(path, NOBODY, NOBODY)
        return {"user": NOBODY, "group": NOBODY, "extra_groups": []}

    def log(self) -> str:
        """What the program said."""
        path = self.place / "error.log"
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""


@contextmanager
def ground() -> Iterator[Ground]:
    """A ``Ground`` until the block ends."""
    made = Ground()
    try:
        yield made
    finally:
        shutil.rmtree(made.place, ignore_errors=True)


def _make_certificate(certificate: Path, key: Path) -> None:
    """Self-signed, for 127.0.0.1 and localhost, for a day."""
    private = ec.generate_private_key(ec.SECP256R1())
    # A name of its own: two of them may stand in one bundle.
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, certificate.parent.name)])
    now = datetime.datetime.now(datetime.UTC)
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1")), x509.DNSName("localhost")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(private, hashes.SHA256())
    )
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    form = serialization.PrivateFormat.PKCS8
    key.write_bytes(private.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()))


@contextmanager
def nginx(on: Ground, listens: tuple[int, ...], **samples: str) -> Iterator[None]:
    """nginx with these files in conf.d until the block ends; ``nginx -t`` must have nothing to say against them."""
    for name, text in samples.items():
        on.write(f"conf.d/{name}.conf", text)
    main = on.write("nginx.conf", NGINX.format(place=on.place))
    command = [str(program("nginx")), "-p", str(on.place), "-c", str(main), "-e", str(on.place / "error.log")]
    tried = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False, **on.hand_over())
    assert tried.returncode == 0, tried.stderr
    assert "[warn]" not in tried.stderr + on.log(), tried.stderr
    with _running(on, command, listens):
        yield


@contextmanager
def apache(on: Ground, listens: tuple[int, ...], *, level: str = "warn", **samples: str) -> Iterator[None]:
    """Apache with these files in conf.d until the block ends; ``apache2 -t`` must like them."""
    for name, text in samples.items():
        on.write(f"conf.d/{name}.conf", text)
    beside = Path(str(program("mod_auth_openidc"))).parent
    modules = "\n".join(f"LoadModule {name}_module {beside}/mod_{name}.so" for name in LOADED)
    main = on.write("apache.conf", APACHE.format(place=on.place, modules=modules, level=level))
    command = [str(program("apache")), "-f", str(main)]
    tried = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False, **on.hand_over())
    assert tried.returncode == 0, tried.stderr
    with _running(on, [*command, "-DFOREGROUND"], listens):
        yield


@contextmanager
def _running(on: Ground, command: list[str], ports: tuple[int, ...]) -> Iterator[None]:
    with (on.place / "output.log").open("w") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, cwd=on.place, **on.hand_over())
    try:
        for port in ports:
            _wait_for(port, process, on)
        yield
    finally:
        process.terminate()
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_for(port: int, process: subprocess.Popen[bytes], on: Ground) -> None:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        said = (on.place / "output.log").read_text() + on.log()
        assert process.poll() is None, said
        with socket.socket() as asking:
            if asking.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError(f"nobody listens on {port}: {on.log()}")


class Application:
    """What stands behind the proxy: keeps the headers of each request as they came, answers a page with a title."""

    def __init__(self) -> None:
        self.requests: list[tuple[str, list[tuple[str, str]]]] = []
        application = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                application.requests.append((self.path, list(self.headers.items())))
                body = b'<!DOCTYPE html><link rel="icon" href="data:,"><title>Behind</title><h1>Behind the proxy</h1>'
                self.send_response(418 if self.path == "/teapot" else 500 if self.path == "/broken" else 200)
                self.send_header("Content-Type", "text/html")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_GET  # noqa: N815 - the base class's naming

            def log_message(self, *words: Any) -> None:
                """Quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_port
        Thread(target=self.server.serve_forever, daemon=True).start()

    def last(self) -> dict[str, list[str]]:
        """The headers of the last request, names in small letters, each with all its values."""
        found: dict[str, list[str]] = {}
        for name, value in self.requests[-1][1]:
            found.setdefault(name.lower(), []).append(value)
        return found

    def close(self) -> None:
        """Stop."""
        self.server.shutdown()
        self.server.server_close()
