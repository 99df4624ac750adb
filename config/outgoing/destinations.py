"""Where a URL leads, and whether an allow-list lets us go there. Nothing here touches the network."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from django.core.exceptions import ValidationError

from config.outgoing.failures import OutgoingRefused

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

LONGEST_URL = 2048
_DEFAULT_PORTS = {"https": 443, "http": 80}
# Printable ASCII without what parsers disagree about: backslash, blank, fragment. A name in another alphabet is
# written in its ASCII form (xn--…), which is compared as it stands.
_URL = re.compile(
    r"(?P<scheme>[a-z]{1,8})://(?P<host>\[[0-9a-f:.]{2,45}\]|[a-z0-9._-]{1,253})(?::(?P<port>[0-9]{1,5}))?"
    r"(?P<target>[/?][!\"$-\[\]-~]*)?\Z",
    # Without ASCII, ``k`` would match the sign of Kelvin.
    re.IGNORECASE | re.ASCII,
)
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\Z")
# 127.1, 2130706433, 0x7f.1: resolvers read them as addresses, which we compare as addresses only when written so.
_NUMBER = re.compile(r"(?:[0-9]+|0x[0-9a-f]*)\Z")
_GLOBAL_UNICAST = ip_network("2000::/3")
_NAT64 = ip_network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class Destination:
    """A URL taken apart. ``host`` is lower-case without brackets; ``address`` is set when it is an IP literal."""

    scheme: str
    host: str
    port: int
    target: str
    address: Address | None

    @property
    def authority(self) -> str:
        """The ``Host`` header (RFC 9110 §7.2): the port is left out where it is the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of an allow-list: a host name or a network (an address is one of its own), perhaps of one port."""

    host: str = ""
    network: Network | None = None
    port: int | None = None

    def names(self, host: str, port: int) -> bool:
        """Whether it stands for this host name; ``*.`` stands for exactly one label."""
        if not self.host or self.port not in (None, port):
            return False
        if self.host.startswith("*."):
            return host.partition(".")[2] == self.host[2:]
        return host == self.host

    def holds(self, address: Address, port: int) -> bool:
        """Whether it stands for this address."""
        return self.network is not None and self.port in (None, port) and plain(address) in self.network


def destination_of(url: str, *, allow_http: bool = False) -> Destination:
    """Take ``url`` apart. Raises OutgoingRefused: ``bad-url`` for userinfo, fragments, other schemes, port 0 and
    whatever two parsers could read in two ways; ``not-https``."""
    found = _URL.match(url) if len(url) <= LONGEST_URL else None
    scheme = found["scheme"].lower() if found else ""
    if found is None or scheme not in _DEFAULT_PORTS:
        raise OutgoingRefused("bad-url")
    port = int(found["port"]) if found["port"] else _DEFAULT_PORTS[scheme]
    host = found["host"].lower()
    address = _literal(host)
    if not 1 <= port <= 65535 or (address is None and not _is_name(host)):
        raise OutgoingRefused("bad-url")
    if scheme == "http" and not allow_http:
        raise OutgoingRefused("not-https")
    target = found["target"] or "/"
    target = target if target.startswith("/") else f"/{target}"
    return Destination(scheme, str(address) if address else host, port, target, address)


def read_entry(text: str) -> Entry:
    """Read one entry: ``host``, ``*.host``, an address, each with or without ``:port``, or a network
    (``10.0.0.0/8``). Without a port it stands for all of them. Raises ValueError with words for the administrator."""
    written = text.strip().lower()
    if "/" in written:
        return Entry(network=_network(written))
    if written.count(":") > 1 and not written.startswith("["):
        host, port = f"[{written}]", None
    else:
        host, port = _without_port(written)
    address = _literal(host)
    if address is not None:
        return Entry(network=ip_network(plain(address)), port=port)
    if not _is_name(host.removeprefix("*.")) or (host.startswith("*.") and "." not in host[2:]):
        raise ValueError("is no host name, *.domain, address or network")
    return Entry(host=host, port=port)


def read_entries(allowed: Iterable[str]) -> tuple[Entry, ...]:
    """The entries that can be read. One that cannot allows nothing: ``check_allowed_entry`` told its author."""
    entries = []
    for text in allowed:
        try:
            entries.append(read_entry(text))
        except ValueError:
            continue
    return tuple(entries)


def check_allowed_entry(text: str) -> None:
    """The check of an option that is an allow-list. Raises ValidationError."""
    try:
        read_entry(text)
    except ValueError as error:
        raise ValidationError(f"“{text[:100]}” {error}.") from None


def check_listed(destination: Destination, entries: Sequence[Entry]) -> None:
    """Raises OutgoingRefused ``not-listed`` unless an entry names the host, or holds it when it is an address."""
    where = destination.address
    for entry in entries:
        if entry.names(destination.host, destination.port) if where is None else entry.holds(where, destination.port):
            return
    raise OutgoingRefused("not-listed")


def may_reach(address: Address, port: int, entries: Sequence[Entry]) -> bool:
    """Whether a host name may lead to ``address``: a public one, or one that lies in a listed address or network."""
    return is_public(address) or any(entry.holds(address, port) for entry in entries)


def is_public(address: Address) -> bool:
    """Whether anybody on the internet could reach it as well as we. Forms of IPv6 that carry an IPv4 address are
    judged by it (RFC 4291 §2.5.5.2, RFC 6052, RFC 3056)."""
    address = plain(address)
    if isinstance(address, IPv4Address):
        return address.is_global and not address.is_multicast
    if address in _NAT64:
        return is_public(IPv4Address(int(address) & 0xFFFF_FFFF))
    if address.sixtofour is not None:
        return is_public(address.sixtofour)
    return address in _GLOBAL_UNICAST and address.is_global


def plain(address: Address) -> Address:
    """IPv4 written as IPv6 (``::ffff:10.0.0.1``) is the same host: as IPv4."""
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _literal(host: str) -> Address | None:
    bracketed = host.startswith("[") and host.endswith("]")
    try:
        address = ip_address(host[1:-1] if bracketed else host)
    except ValueError:
        return None
    return address if bracketed == isinstance(address, IPv6Address) else None


def _is_name(host: str) -> bool:
    labels = host.split(".")
    return len(host) <= 253 and all(map(_LABEL.match, labels)) and not _NUMBER.match(labels[-1])


def _without_port(written: str) -> tuple[str, int | None]:
    found = re.match(r"(?P<host>\[[^\]]*\]|[^:]*):(?P<port>[0-9]{1,5})\Z", written)
    if found is None:
        return written, None
    port = int(found["port"])
    if not 1 <= port <= 65535:
        raise ValueError("names a port that does not exist")
    return found["host"], port


def _network(written: str) -> Network:
    try:
        network = ip_network(written)
    except ValueError:
        raise ValueError("is no network, such as 10.0.0.0/8 (no bits behind the prefix, no port)") from None
    if network.prefixlen == 0:
        raise ValueError("would allow every address")
    return network
