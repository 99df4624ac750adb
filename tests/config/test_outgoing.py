"""config.outgoing: calls to real servers of this test, over TCP and TLS."""

from __future__ import annotations

import gzip
import logging
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic, sleep

import pytest

from config.outgoing import Answer, OutgoingFailed, OutgoingRefused, call, wire
from tests.config.listening import answer, certificate, listening

NAME = "rws.example.com"
HERE = "127.0.0.0/8"
ENTRIES = (NAME, HERE)
OURS = ("Host", "Accept-Encoding", "Content-Length", "Transfer-Encoding", "Connection")


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Let the resolver answer these addresses for NAME, one list for each time it is asked; returns what was asked."""

    def give(*answers: list[str]) -> list[str]:
        asked: list[str] = []
        real = socket.getaddrinfo

        def resolve(host, port, *args, **words):
            try:
                socket.inet_pton(socket.AF_INET6 if ":" in host else socket.AF_INET, host)
            except OSError:
                asked.append(host)
                found = answers[min(len(asked), len(answers)) - 1]
                return [each for address in found for each in real(address, port, *args, **words)]
            return real(host, port, *args, **words)

        monkeypatch.setattr(socket, "getaddrinfo", resolve)
        return asked

    return give


@pytest.fixture
def at_home(names: Callable[..., list[str]]) -> list[str]:
    """NAME is on this machine."""
    return names(["127.0.0.1"])


@pytest.fixture
def trusted(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Path], None]]:
    """Let TLS believe the certificates of a file, and nobody else."""

    def believe(file: Path) -> None:
        monkeypatch.setenv("SSL_CERT_FILE", str(file))
        wire.trust.cache_clear()

    yield believe
    wire.trust.cache_clear()


def get(url: str, **words: object) -> Answer:
    return call("GET", url, **{"allowed": ENTRIES, "allow_http": True, "seconds": 5.0} | words)  # type: ignore[arg-type]


def refused(url: str, **words: object) -> str:
    with pytest.raises(OutgoingRefused) as error:
        get(url, **words)
    return error.value.reason


def failed(url: str, **words: object) -> str:
    with pytest.raises(OutgoingFailed) as error:
        get(url, **words)
    return error.value.reason


@pytest.mark.usefixtures("at_home")
def test_a_call_sends_what_it_is_given_under_the_urls_name() -> None:
    with listening(answer(b'{"statusCode":0}', "Content-Type: application/json")) as server:
        got = call(
            "POST", f"http://{NAME}:{server.port}/api/v2/me?subresources=*", allowed=ENTRIES, allow_http=True,
            headers={"Authorization": "Basic eDp5"} | dict.fromkeys(OURS, "evil"), body=b"{}", seconds=5,
        )  # fmt: skip
    assert (got.status, got.body, got.headers["content-type"]) == (200, b'{"statusCode":0}', "application/json")
    head, _, body = server.request.partition("\r\n\r\n")
    assert head.startswith("POST /api/v2/me?subresources=* HTTP/1.1\r\n")
    lines = [line.lower() for line in head.split("\r\n")[1:]]
    assert sorted(lines) == [
        "accept-encoding: identity",
        "authorization: basic edp5",
        "connection: close",
        "content-length: 2",
        f"host: {NAME}:{server.port}",
    ]
    assert body == "{}"


@pytest.mark.usefixtures("at_home")
def test_each_cookie_is_a_line_of_its_own_and_repr_shows_none() -> None:
    sent = answer(b"geheim", "Set-Cookie: a=geheim; Expires=Wed, 01 Jan 2031 00:00:00 GMT", "Set-Cookie: b=2")
    with listening(sent) as server:
        got = get(f"http://{NAME}:{server.port}/")
    assert got.set_cookies == ("a=geheim; Expires=Wed, 01 Jan 2031 00:00:00 GMT", "b=2")
    assert "geheim" not in repr(got)


@pytest.mark.usefixtures("at_home")
@pytest.mark.parametrize("status", ["401 Unauthorized", "404 Not Found", "503 Service Unavailable"])
def test_errors_of_the_other_side_are_answers(status: str) -> None:
    with listening(answer(b"{}", status=status)) as server:
        assert get(f"http://{NAME}:{server.port}/").status == int(status[:3])


@pytest.mark.parametrize(
    ("url", "words", "reason"),
    [
        ("http://user:word@127.0.0.1:{port}/", {}, "bad-url"),
        ("http://127.0.0.1:{port}/", {"allow_http": False}, "not-https"),
        ("http://127.0.0.1:{port}/", {"allowed": [NAME]}, "not-listed"),
        ("http://127.0.0.1:{port}/", {"allowed": []}, "not-listed"),
        ("http://other.example.com:{port}/", {}, "not-listed"),
        ("http://rws.example.com:{port}/", {"allowed": [NAME]}, "private-address"),
        ("http://rws.example.com:{port}/", {"allowed": [NAME, "10.0.0.0/8"]}, "private-address"),
        ("http://127.0.0.1:{port}/", {"headers": {"X-A": "a\r\nX-B: geheim"}}, "bad-header"),
        ("http://127.0.0.1:{port}/", {"headers": {"X-A\r\nX-B": "a"}}, "bad-header"),
        ("http://127.0.0.1:{port}/", {"headers": {"X-A": "\u00e4"}}, "bad-header"),
    ],
)
@pytest.mark.usefixtures("at_home")
def test_a_refused_call_reaches_nobody(url: str, words: dict[str, object], reason: str) -> None:
    with listening(answer()) as server:
        assert refused(url.format(port=server.port), **words) == reason
        assert get(f"http://127.0.0.1:{server.port}/").status == 200  # it would have answered
    assert server.connections == 1


def test_a_name_without_an_address_is_unresolvable(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*args: object, **words: object) -> list[object]:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert refused(f"https://{NAME}/") == "unresolvable"


def test_a_resolver_that_hangs_ends_with_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    free = threading.Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args, **words: free.wait(10) and [])
    begun = monotonic()
    assert failed(f"https://{NAME}/", seconds=0.3) == "timeout"
    assert monotonic() - begun < 1
    free.set()


def test_the_resolver_is_asked_once_so_that_a_second_answer_cannot_lead_elsewhere(names) -> None:
    asked = names(["127.0.0.1"], ["127.0.0.2"], ["127.0.0.2"])
    with listening(answer(b"right")) as right:
        assert get(f"http://{NAME}:{right.port}/", allowed=[NAME, "127.0.0.1"]).body == b"right"
    assert asked == [NAME]


def test_of_several_addresses_only_those_that_may_be_reached_are_tried(names) -> None:
    names(["127.0.0.2", "10.0.0.1", "127.0.0.1"])
    with listening(answer(), host="127.0.0.2") as other, listening(answer(b"right")) as right:
        url = f"http://{NAME}:{right.port}/"
        assert get(url, allowed=[NAME, "127.0.0.1"]).body == b"right"
        assert other.connections == 0


def test_an_address_that_does_not_answer_leaves_room_for_the_next(names) -> None:
    names(["127.0.0.9", "127.0.0.1"])
    with listening(answer(b"right")) as server:
        assert get(f"http://{NAME}:{server.port}/").body == b"right"


@pytest.mark.usefixtures("at_home")
def test_a_redirect_is_refused_and_its_target_hears_nothing() -> None:
    with listening(answer()) as target:
        for where in (f"http://127.0.0.1:{target.port}/", f"http://elsewhere.example.com:{target.port}/"):
            for status in ("301 Moved", "302 Found", "307 Temporary Redirect", "308 Permanent Redirect"):
                with listening(answer(b"", f"Location: {where}", status=status)) as server:
                    assert refused(f"http://{NAME}:{server.port}/") == "redirect"
        assert target.connections == 0


def test_proxies_and_password_files_of_the_environment_are_ignored(tmp_path: Path, monkeypatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login bob password geheim\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("no_proxy", raising=False)
    with listening(answer(b"proxy")) as proxy, listening(answer(b"right")) as server:
        for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
        assert get(f"http://127.0.0.1:{server.port}/").body == b"right"
    assert proxy.connections == 0
    assert "authorization" not in server.request.lower()


def drip(text: bytes) -> Callable[[socket.socket], None]:
    def send(stream: socket.socket) -> None:
        for byte in text:
            stream.sendall(bytes([byte]))
            sleep(0.05)

    return send


@pytest.mark.parametrize(
    "answering",
    [
        drip(b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 200),
        drip(b"HTTP/1.1 100 Continue\r\n\r\n" * 20),
        lambda stream: (stream.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 200\r\n\r\n"), drip(b"x" * 200)(stream)),
        lambda stream: (
            stream.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
            drip(b"1\r\nx\r\n" * 50)(stream),
        ),
        lambda stream: sleep(3),
    ],
    ids=["headers", "interim answers", "body", "chunks", "silence"],
)
@pytest.mark.parametrize("over_tls", [False, True])
def test_who_drips_holds_us_no_longer_than_the_deadline(answering, over_tls: bool, tmp_path: Path, trusted) -> None:
    file, context = certificate(tmp_path, "127.0.0.1")
    trusted(file)
    wire.trust()  # reading the store is not measured
    scheme = "https" if over_tls else "http"
    with listening(answering, tls=context if over_tls else None) as server:
        begun = monotonic()
        assert failed(f"{scheme}://127.0.0.1:{server.port}/", seconds=0.5) == "timeout"
        assert 0.4 < monotonic() - begun < 0.9


def test_a_handshake_that_drips_ends_with_the_deadline(tmp_path: Path) -> None:
    def hello(connected: socket.socket) -> None:
        drip(b"\x16\x03\x03\x40\x00" + b"\x02" * 100)(connected)

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()

        def serve() -> None:
            connected, _ = listener.accept()
            with connected:
                try:
                    hello(connected)
                except OSError:
                    return

        threading.Thread(target=serve, daemon=True).start()
        begun = monotonic()
        assert failed(f"https://127.0.0.1:{listener.getsockname()[1]}/", seconds=0.5) == "timeout"
        assert monotonic() - begun < 0.9


def test_who_does_not_read_our_request_holds_us_no_longer_either() -> None:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        begun = monotonic()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/"
        with pytest.raises(OutgoingFailed, match="timeout"):
            call("POST", url, allowed=[HERE], allow_http=True, body=b"x" * 50_000_000, seconds=0.5)
        assert monotonic() - begun < 1


def endless(stream: socket.socket) -> None:
    stream.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    while True:
        stream.sendall(b"x" * 65536)


@pytest.mark.parametrize("answering", [answer(b"x" * 1001), endless], ids=["a byte more", "no end"])
def test_an_answer_over_the_limit_is_refused_while_it_comes(answering) -> None:
    with listening(answering) as server:
        assert refused(f"http://127.0.0.1:{server.port}/", limit=1000) == "too-large"


def test_an_answer_of_just_the_limit_is_taken() -> None:
    with listening(answer(b"x" * 1000)) as server:
        assert len(get(f"http://127.0.0.1:{server.port}/", limit=1000).body) == 1000


def test_headers_without_end_are_refused() -> None:
    def send(stream: socket.socket) -> None:
        stream.sendall(b"HTTP/1.1 200 OK\r\n")
        while True:
            stream.sendall(b"X-More: " + b"x" * 8000 + b"\r\n")

    with listening(send) as server:
        assert failed(f"http://127.0.0.1:{server.port}/") == "protocol"


def test_a_compressed_answer_is_not_unpacked() -> None:
    with listening(answer(gzip.compress(b"x" * 10_000_000), "Content-Encoding: gzip")) as server:
        assert refused(f"http://127.0.0.1:{server.port}/") == "encoded"


@pytest.mark.parametrize(
    ("answering", "reason"),
    [(b"", "protocol"), (b"SSH-2.0-OpenSSH\r\n\r\n", "protocol"), (b"HTTP/1.1 101 Up\r\n\r\n", "protocol")],
)
def test_what_is_no_http_fails(answering: bytes, reason: str) -> None:
    with listening(answering) as server:
        assert failed(f"http://127.0.0.1:{server.port}/") == reason


def test_a_closed_port_fails_at_once() -> None:
    with listening() as server:
        pass
    assert failed(f"http://127.0.0.1:{server.port}/") == "connection"


def test_tls_is_verified_against_the_name_whatever_the_address(tmp_path: Path, trusted, at_home) -> None:
    file, context = certificate(tmp_path, NAME)
    trusted(file)
    with listening(answer(b"right"), tls=context) as server:
        assert get(f"https://{NAME}:{server.port}/").body == b"right"
        assert failed(f"https://127.0.0.1:{server.port}/") == "tls"
    assert len(server.requests) == 1


def test_a_certificate_of_another_name_is_refused(tmp_path: Path, trusted, at_home) -> None:
    file, context = certificate(tmp_path, "other.example.com", "127.0.0.1")
    trusted(file)
    with listening(answer(), tls=context) as server:
        assert failed(f"https://{NAME}:{server.port}/") == "tls"
        assert get(f"https://127.0.0.1:{server.port}/").status == 200  # an address is verified against addresses
    assert len(server.requests) == 1


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path: Path, trusted) -> None:
    (tmp_path / "other").mkdir()
    trusted(certificate(tmp_path / "other", "127.0.0.1")[0])
    _, context = certificate(tmp_path, "127.0.0.1")
    with listening(answer(), tls=context) as server:
        assert failed(f"https://127.0.0.1:{server.port}/") == "tls"
    assert not server.requests


@pytest.mark.usefixtures("at_home")
def test_neither_log_nor_error_tells_what_was_sent_or_read(caplog: pytest.LogCaptureFixture) -> None:
    words = {"headers": {"Authorization": "Basic geheim"}}
    with caplog.at_level(logging.DEBUG), listening(answer(b"geheim", "Set-Cookie: s=geheim")) as server:
        url = f"http://{NAME}:{server.port}/geheim?geheim=geheim"
        get(url, **words)
        errors = []
        wrongs: list[dict[str, object]] = [
            {"limit": 1}, {"allowed": []}, {"headers": {"X-A": "geheim\r\n"}}, {"seconds": 1e-9},
        ]  # fmt: skip
        for wrong in wrongs:
            with pytest.raises((OutgoingRefused, OutgoingFailed)) as error:
                get(url, **words | wrong)
            errors.append(error.value)
        with pytest.raises(OutgoingRefused) as error:
            get(f"http://geheim:geheim@{NAME}/")
        errors.append(error.value)
    with listening(b"HTTP/1.1 200 geheim\r\ngeheim\r\n\r\n") as server, pytest.raises(OutgoingFailed) as failure:
        get(f"http://{NAME}:{server.port}/")
    errors.append(failure.value)
    for each in errors:
        assert "geheim" not in f"{each!r} {each}"
        assert each.__cause__ is None
        assert each.__suppress_context__ or each.__context__ is None
    lines = [f"{record.getMessage()} {vars(record)}" for record in caplog.records]
    assert len([line for line in lines if "outgoing call" in line]) == 7
    assert not [line for line in lines if "geheim" in line]


def test_a_method_that_is_none_is_the_callers_mistake() -> None:
    with pytest.raises(ValueError, match="no HTTP method"):
        call("GET / HTTP/1.1\r\n", "https://127.0.0.1/", allowed=[HERE], seconds=1)
