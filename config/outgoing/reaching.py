"""From a host's name to a connection: the name must be listed, its addresses are judged, one of those is connected."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import ip_address

import httpcore

from config.outgoing.destinations import Destination, check_listed, destination_of, may_reach, read_entries
from config.outgoing.failures import OutgoingFailed, OutgoingRefused
from config.outgoing.wire import CheckedBackend, Deadline, addresses_of


def connect(host: str, port: int, *, allowed: Sequence[str], deadline: Deadline) -> httpcore.NetworkStream:
    """A TCP connection for a protocol other than HTTP, to where ``call`` might go; all it does ends at ``deadline``.

    ``host`` is a name or an address; ``allowed`` are entries as ``check_allowed_entry`` takes them. Raises
    OutgoingRefused, and OutgoingFailed ``timeout`` or ``connection``. Reads and writes of the stream raise OSError
    (TimeoutError) and httpcore.WriteError, ``start_tls`` ssl.SSLError.
    """
    written = f"[{host}]" if ":" in host and not host.startswith("[") else host
    destination = destination_of(f"https://{written}:{port}/")
    addresses = checked_addresses(destination, allowed, deadline)
    try:
        return CheckedBackend(addresses, deadline).connect_tcp(destination.host, port)
    except TimeoutError:
        raise OutgoingFailed("timeout") from None
    except OSError:
        raise OutgoingFailed("connection") from None


def checked_addresses(destination: Destination, allowed: Sequence[str], deadline: Deadline) -> list[str]:
    """The addresses we may connect to, at least one; those of a name that are not allowed are left out."""
    entries = read_entries(allowed)
    check_listed(destination, entries)
    if destination.address is not None:
        return [str(destination.address)]
    try:
        found = addresses_of(destination.host, destination.port, deadline)
    except TimeoutError:
        raise OutgoingFailed("timeout") from None
    except OSError:
        raise OutgoingRefused("unresolvable") from None
    reachable = [each for each in found if may_reach(ip_address(each), destination.port, entries)]
    if found and not reachable:
        raise OutgoingRefused("private-address")
    if not reachable:
        raise OutgoingRefused("unresolvable")
    return reachable
