"""Servers at fault, of HTTP and of SMTP: what they send is written by hand, byte for byte."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from time import sleep

Talk = Callable[[socket.socket], None]


def closed_port() -> int:
    """A port at which nobody listens."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def silent(connected: socket.socket) -> None:
    """Say nothing for longer than anybody waits."""
    sleep(5)


# --- HTTP, for tests.config.listening ---


def dripping_head(connected: socket.socket) -> None:
    """A status line, and then a header of one letter after the other."""
    connected.sendall(b"HTTP/1.1 200 OK\r\n")
    for _ in range(200):
        connected.sendall(b"X")
        sleep(0.05)


def dripping_body(connected: socket.socket) -> None:
    """A body of one letter after the other."""
    connected.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
    for _ in range(100):
        connected.sendall(b"<")
        sleep(0.1)


def endless(connected: socket.socket) -> None:
    """A body without end."""
    connected.sendall(b"HTTP/1.1 200 OK\r\n\r\n<endless>")
    while True:
        connected.sendall(b" " * 65_536)


# --- SMTP ---


@contextmanager
def talking(talk: Talk) -> Iterator[int]:
    """A server of one function per connection; its port."""

    def serve() -> None:
        while True:
            try:
                connected, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=one, args=(connected,), daemon=True).start()

    def one(connected: socket.socket) -> None:
        with suppress(OSError), connected:
            talk(connected)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, daemon=True).start()
        yield listener.getsockname()[1]
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)


def dripping_reply(connected: socket.socket) -> None:
    """A reply of one digit after the other."""
    for _ in range(600):
        connected.sendall(b"2")
        sleep(0.05)


def endless_reply(connected: socket.socket) -> None:
    """A reply without end."""
    while True:
        connected.sendall(b"220-and another line\r\n" * 500)


def until_data(after: Talk) -> Talk:
    """Take everything up to DATA; then ``after``."""

    def talk(connected: socket.socket) -> None:
        connected.sendall(b"220 hello\r\n")
        for line in connected.makefile("rb"):
            if line.upper().startswith(b"DATA"):
                connected.sendall(b"354 go on\r\n")
                after(connected)
                return
            connected.sendall(b"250 fine\r\n")

    return talk


def hang_up_after_data(connected: socket.socket) -> None:
    """Read the whole mail, and say nothing."""
    while b"\r\n.\r\n" not in connected.recv(65_536):
        pass
