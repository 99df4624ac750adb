"""Sockets under a deadline: name, connection, TLS, request and answer together take no longer than it says."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Iterable, Sequence
from functools import lru_cache
from queue import Empty, SimpleQueue
from time import monotonic
from typing import Any

import httpcore

MOST_ADDRESSES = 6
"""Of one name; more are not tried."""
# A resolver cannot be interrupted: one that hangs keeps its thread until it gives up by itself.
_RESOLVING = threading.BoundedSemaphore(16)


class Deadline:
    """The end of a call, on the monotonic clock."""

    def __init__(self, seconds: float) -> None:
        self._until = monotonic() + seconds

    def left(self) -> float:
        """Seconds until it. Raises TimeoutError when there are none."""
        seconds = self._until - monotonic()
        if seconds <= 0:
            raise TimeoutError
        return seconds


def addresses_of(host: str, port: int, deadline: Deadline) -> list[str]:
    """Ask the resolver once. Raises OSError when it knows no address, TimeoutError when it does not answer in time."""
    if not _RESOLVING.acquire(timeout=deadline.left()):
        raise TimeoutError
    answers: SimpleQueue[list[str] | OSError] = SimpleQueue()

    def ask() -> None:
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
            answers.put(list(dict.fromkeys(str(each[4][0]) for each in found)))
        except (OSError, UnicodeError) as error:
            answers.put(error if isinstance(error, OSError) else OSError())
        finally:
            _RESOLVING.release()

    threading.Thread(target=ask, name="resolver", daemon=True).start()
    try:
        answer = answers.get(timeout=deadline.left())
    except Empty:
        raise TimeoutError from None
    if isinstance(answer, OSError):
        raise answer
    return answer[:MOST_ADDRESSES]


@lru_cache(maxsize=1)
def trust() -> ssl.SSLContext:
    """Whom TLS believes: the system's store, or SSL_CERT_FILE and SSL_CERT_DIR; read once, as it takes 20 ms."""
    return ssl.create_default_context()


class CheckedBackend(httpcore.NetworkBackend):
    """Connects to the addresses it was given, whatever name the URL has: nobody is asked for it a second time."""

    def __init__(self, addresses: Sequence[str], deadline: Deadline) -> None:
        self._addresses = addresses
        self._deadline = deadline
        self.sent = False
        """Whether bytes of the protocol above, not of TLS, went out."""

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first address that answers; each has its share of the time that is left."""
        failure: OSError = OSError()
        for tried, address in enumerate(self._addresses):
            share = self._deadline.left() / (len(self._addresses) - tried)
            try:
                connected = socket.create_connection((address, port), timeout=share)
            except OSError as error:
                failure = error
                continue
            connected.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return _Stream(connected, self._deadline, self)
        raise failure


class _Stream(httpcore.NetworkStream):
    """One connection. Each wait is cut to the time that is left, so that a byte now and then gains nothing.

    The timeouts of httpcore are for one read each, and are not used. A handshake, and a read or write of TLS, end
    with the socket's timeout as a whole, however many packets they take.
    """

    def __init__(self, connected: socket.socket, deadline: Deadline, backend: CheckedBackend) -> None:
        self._socket = connected
        self._deadline = deadline
        self._backend = backend

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        self._socket.settimeout(self._deadline.left())
        return self._socket.recv(max_bytes)

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        rest = memoryview(buffer)
        self._backend.sent = True
        while rest:
            self._socket.settimeout(self._deadline.left())
            try:
                sent = self._socket.send(rest)
            except TimeoutError:
                raise
            except OSError:
                # httpcore reads on: who hangs up on a long request may have said why.
                raise httpcore.WriteError from None
            rest = rest[sent:]

    def close(self) -> None:
        self._socket.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """Shake hands; the certificate must be of ``server_hostname``, a name or an address."""
        try:
            self._socket.settimeout(self._deadline.left())
            encrypted = ssl_context.wrap_socket(self._socket, server_hostname=server_hostname)
            return _Stream(encrypted, self._deadline, self._backend)
        except Exception:
            self.close()
            raise

    def get_extra_info(self, info: str) -> Any:
        """httpcore asks for ``ssl_object`` to learn the protocol that was agreed."""
        return self._socket if info == "ssl_object" and isinstance(self._socket, ssl.SSLSocket) else None
