"""Where a request comes from. Forwarding headers count only from the proxies that ``TRUSTED_PROXIES`` names."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from config.http import plain_request

Address = IPv4Address | IPv6Address

_PASSED_ON = ("HTTP_X_FORWARDED_", "HTTP_FORWARDED", "HTTP_X_REAL_IP", "HTTP_X_CLIENT_IP", "HTTP_VIA")


@lru_cache(maxsize=8)
def _networks(written: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(ip_network(each, strict=False) for each in written)


def _trusted(address: Address) -> bool:
    networks = _networks(tuple(settings.DESKGATE_TRUSTED_PROXIES))
    return any(address.version == network.version and address in network for network in networks)


def parsed(text: str) -> Address | None:
    """An address as proxies write it: with or without port, brackets and zone; IPv4 in IPv6 becomes IPv4."""
    written = text.strip().strip('"')
    if written.startswith("["):
        written = written[1:].split("]", 1)[0]
    elif written.count(":") == 1:
        written = written.split(":", 1)[0]
    try:
        address = ip_address(written.split("%", 1)[0])
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None)
    return mapped or address


def peer_is_trusted(request: HttpRequest) -> bool:
    """Whether the other end of the connection is one of our proxies."""
    peer = parsed(request.META.get("REMOTE_ADDR", ""))
    return peer is not None and _trusted(peer)


def is_relayed(request: Any) -> bool:
    """Whether somebody passed the request on whom we cannot ask for whom: its address says nothing of the caller's.

    So it is when forwarding headers come from a peer that ``TRUSTED_PROXIES`` does not name, or from one of these that
    tells no address. A proxy that adds no header at all cannot be seen.
    """
    plain = plain_request(request)
    kept: bool | None = getattr(plain, "deskgate_relayed", None)
    if kept is None:
        told = any(name.startswith(_PASSED_ON) for name in plain.META)
        last = plain.META.get("HTTP_X_FORWARDED_FOR", "").rpartition(",")[2]
        kept = told and (not peer_is_trusted(plain) or parsed(last) is None)
        # Kept before the middleware takes out of META what nobody may believe.
        plain.deskgate_relayed = kept  # type: ignore[attr-defined]
    return kept


def client_address(request: Any) -> str:
    """The caller's address: the right-most one of ``X-Forwarded-For`` that is not a trusted proxy, else the peer.

    Entries left of it are the caller's own words and are not believed. An entry that is no address ends the walk at
    the last hop known. Empty when the server tells no peer (a Unix socket).
    """
    plain = plain_request(request)
    kept: str | None = getattr(plain, "deskgate_address", None)
    if kept is None:
        kept = address_of(plain.META)
        plain.deskgate_address = kept  # type: ignore[attr-defined]
    return kept


def address_of(meta: Mapping[str, Any]) -> str:
    """``client_address`` of a WSGI environment, for what has no request yet."""
    hop = parsed(meta.get("REMOTE_ADDR", ""))
    if hop is None:
        return ""
    for entry in reversed(meta.get("HTTP_X_FORWARDED_FOR", "").split(",")):
        if not _trusted(hop):
            break
        address = parsed(entry)
        if address is None:
            break
        hop = address
    return str(hop)


def is_secure(request: Any) -> bool:
    """Whether the caller's connection is TLS: ours, or the one a trusted proxy says it ended (right-most word)."""
    plain = plain_request(request)
    if plain.META.get("wsgi.url_scheme") == "https":
        return True
    written = plain.META.get("HTTP_X_FORWARDED_PROTO", "")
    return bool(written) and peer_is_trusted(plain) and written.split(",")[-1].strip().lower() == "https"


def is_loopback(request: Any) -> bool:
    """Whether the caller sits on this machine."""
    address = parsed(client_address(request))
    return address is not None and address.is_loopback
