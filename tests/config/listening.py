"""Servers of one test, on a thread each: what they send is written by hand, byte for byte."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

Answering = Callable[[socket.socket], None]


@dataclass
class Listening:
    """A server: its port, how many connected, and the requests that it read."""

    port: int
    connections: int = 0
    requests: list[bytes] = field(default_factory=list)

    @property
    def request(self) -> str:
        """The only request there was."""
        (one,) = self.requests
        return one.decode("latin-1")


@contextmanager
def listening(
    answering: bytes | Answering = b"", *, tls: ssl.SSLContext | None = None, host: str = "127.0.0.1"
) -> Iterator[Listening]:
    """Read a request of each connection, then send the bytes, or let the function send."""
    with socket.socket() as listener:
        listener.bind((host, 0))
        listener.listen(16)
        state = Listening(listener.getsockname()[1])

        def serve() -> None:
            while True:
                try:
                    connected, _ = listener.accept()
                except OSError:
                    return
                state.connections += 1
                threading.Thread(target=one, args=(connected,), daemon=True).start()

        def one(connected: socket.socket) -> None:
            with suppress(OSError), connected:
                stream = tls.wrap_socket(connected, server_side=True) if tls else connected
                state.requests.append(_request(stream))
                if callable(answering):
                    answering(stream)
                else:
                    stream.sendall(answering)

        threading.Thread(target=serve, daemon=True).start()
        yield state
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)


def _request(stream: socket.socket) -> bytes:
    read = b""
    while b"\r\n\r\n" not in read:
        chunk = stream.recv(65536)
        if not chunk:
            return read
        read += chunk
    head, _, body = read.partition(b"\r\n\r\n")
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        while name.lower() == b"content-length" and len(body) < int(value):
            body += stream.recv(65536)
    return head + b"\r\n\r\n" + body


def answer(body: bytes = b"ok", *lines: str, status: str = "200 OK") -> bytes:
    """An HTTP answer."""
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *lines]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


def certificate(directory: Path, *names: str) -> tuple[Path, ssl.SSLContext]:
    """A self-signed certificate of these names and addresses: its file, and a server's context with it."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
    )
    made = made.add_extension(x509.SubjectAlternativeName([_alternative(name) for name in names]), critical=False)
    made = made.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
    file, key_file = directory / "server.crt", directory / "server.key"
    file.write_bytes(made.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file, key_file)
    return file, context


def _alternative(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)
