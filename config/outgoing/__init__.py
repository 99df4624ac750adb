"""The one door for HTTP calls that an administrator's setting, or a caller, can aim.

https only unless allowed; hosts of an allow-list only; the name is resolved once, its addresses are judged, and the
connection goes to one of those; no redirects, no proxy or password file of the environment, nothing compressed; one
deadline over all of it, and a limit of the answer's length.

It stands on httpcore, the engine of httpx, because only there a deadline can be laid under a connection; what httpx
adds (redirects, proxies, cookies, decompression, whole URLs in its log) would have to be switched off here.
"""

from __future__ import annotations

import logging
import re
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from time import monotonic

import httpcore

from config.outgoing.destinations import Destination as Destination
from config.outgoing.destinations import check_allowed_entry as check_allowed_entry
from config.outgoing.destinations import check_listed, destination_of, read_entries
from config.outgoing.failures import OutgoingFailed as OutgoingFailed
from config.outgoing.failures import OutgoingRefused as OutgoingRefused
from config.outgoing.reaching import checked_addresses
from config.outgoing.reaching import connect as connect
from config.outgoing.wire import CheckedBackend, Deadline, trust

logger = logging.getLogger(__name__)

LIMIT = 65_536
"""Bytes of an answer's body, unless the caller says otherwise."""
_METHOD = re.compile(r"[A-Z]{3,10}\Z")
_HEADER_NAME = re.compile(r"[A-Za-z0-9-]{1,100}\Z")
# Visible ASCII and blanks inside (RFC 9110 §5.5): a line end would begin a header, or a request, of the caller's own.
_HEADER_VALUE = re.compile(r"[!-~](?:[\t -~]*[!-~])?\Z|\Z")
_OURS = frozenset({"host", "accept-encoding", "connection", "content-length", "transfer-encoding"})


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. Header names are lower-case; one that came several times is joined by commas, but
    ``set_cookies`` has each Set-Cookie line by itself (RFC 9110 §5.3). Neither headers nor body are shown by repr."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    set_cookies: tuple[str, ...] = field(repr=False)
    body: bytes = field(repr=False)


def refusal_of_url(url: str, *, allowed: Sequence[str], allow_http: bool = False) -> str:
    """The reason for which ``call`` would refuse ``url`` by its looks (``bad-url``, ``not-https``, ``not-listed``);
    empty when by its looks it is fine. Asks no resolver."""
    try:
        check_listed(destination_of(url, allow_http=allow_http), read_entries(allowed))
    except OutgoingRefused as refused:
        return refused.reason
    return ""


def call(
    method: str,
    url: str,
    *,
    allowed: Sequence[str],
    allow_http: bool = False,
    headers: Mapping[str, str] = {},
    body: bytes | None = None,
    seconds: float,
    limit: int = LIMIT,
) -> Answer:
    """Make one call and return its answer, of any status but 3xx.

    ``allowed`` are entries as ``check_allowed_entry`` takes them; ``seconds`` bounds everything, the resolver included;
    ``limit`` is in bytes of the answer's body. Host, Content-Length and Accept-Encoding are ours. Not to be called
    inside ``atomic()``. Raises OutgoingRefused, and OutgoingFailed when the other side cannot be reached in time.
    """
    begun, where, outcome = monotonic(), "", "error"
    try:
        destination = destination_of(url, allow_http=allow_http)
        where = destination.authority
        deadline = Deadline(seconds)
        addresses = checked_addresses(destination, allowed, deadline)
        request = _request(method, destination, headers, body)
        answer = _exchanged(request, addresses, deadline, limit)
        outcome = str(answer.status)
        return answer
    except (OutgoingRefused, OutgoingFailed) as error:
        outcome = error.reason
        raise
    finally:
        ms = round((monotonic() - begun) * 1000, 1)
        level = logging.INFO if outcome.isdecimal() else logging.WARNING
        logger.log(level, "outgoing call", extra={"host": where, "outcome": outcome, "ms": ms})


def _request(method: str, destination: Destination, headers: Mapping[str, str], body: bytes | None) -> httpcore.Request:
    """Raises ValueError for a method that is none, OutgoingRefused ``bad-header``."""
    if not _METHOD.match(method):
        raise ValueError("no HTTP method")
    sent = {name.lower(): value for name, value in headers.items() if name.lower() not in _OURS}
    if not all(_HEADER_NAME.match(name) and _HEADER_VALUE.match(value) for name, value in sent.items()):
        raise OutgoingRefused("bad-header")
    sent |= {"host": destination.authority, "accept-encoding": "identity", "connection": "close"}
    if body is not None or method in ("POST", "PUT", "PATCH"):
        sent["content-length"] = str(len(body or b""))
    return httpcore.Request(
        method,
        httpcore.URL(
            scheme=destination.scheme, host=destination.host, port=destination.port, target=destination.target
        ),
        headers=[(name.encode("ascii"), value.encode("ascii")) for name, value in sent.items()],
        content=body,
    )


def _exchanged(request: httpcore.Request, addresses: Sequence[str], deadline: Deadline, limit: int) -> Answer:
    """Send, and read the answer. The chain of a library's exceptions is cut: it quotes what was sent or read."""
    backend = CheckedBackend(addresses, deadline)
    try:
        with httpcore.ConnectionPool(ssl_context=trust(), network_backend=backend) as pool:
            response = pool.handle_request(request)
            try:
                return _read(response, limit)
            finally:
                response.close()
    except (TimeoutError, httpcore.TimeoutException):
        raise OutgoingFailed("timeout", sent=backend.sent) from None
    except ssl.SSLError:
        raise OutgoingFailed("tls", sent=backend.sent) from None
    except (OSError, httpcore.NetworkError):
        raise OutgoingFailed("connection", sent=backend.sent) from None
    except httpcore.ProtocolError:
        raise OutgoingFailed("protocol", sent=backend.sent) from None


def _read(response: httpcore.Response, limit: int) -> Answer:
    headers: dict[str, str] = {}
    cookies = []
    for raw_name, raw_value in response.headers:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
        if name == "set-cookie":
            cookies.append(value)
    if response.status < 200:
        raise OutgoingFailed("protocol")
    if response.status in range(300, 400):
        raise OutgoingRefused("redirect")
    if headers.get("content-encoding", "identity").strip().lower() not in ("", "identity"):
        raise OutgoingRefused("encoded")
    body = bytearray()
    for chunk in response.iter_stream():
        body += chunk
        if len(body) > limit:
            raise OutgoingRefused("too-large")
    return Answer(response.status, headers, tuple(cookies), bytes(body))
