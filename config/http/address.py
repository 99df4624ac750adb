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
