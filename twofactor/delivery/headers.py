"""Headers that an administrator writes for the SMS gateway: ``"Name1:Value1","Name2:Value2"`` (reference A.4)."""

from __future__ import annotations

import csv
import re

MOST = 30
_NAME = re.compile(r"[A-Za-z0-9-]{1,100}\Z")
_VALUE = re.compile(r"[!-~](?:[\t -~]*[!-~])?\Z|\Z")
# RFC 9110 §7.6.1, and what the call itself says.
_OURS = frozenset(
    {
        "accept-encoding", "connection", "content-length", "host", "keep-alive", "proxy-authenticate",
        "proxy-authorization", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade",
    }
)  # fmt: skip
# The manual's own printed quotes, which are copied along with its example.
_QUOTES = str.maketrans({"“": '"', "”": '"', "„": '"'})


class BadHeaders(ValueError):
    """The text is no list of headers. The words quote no value."""


def read_headers(text: str) -> tuple[tuple[str, str], ...]:
    """(Name, value) pairs in their order. Quotes may be left out where a value has no comma; each item is split at
    its first colon. Raises BadHeaders: line ends, empty or repeated names, names that are not the administrator's.
    """
    if re.search(r"[\r\n\x00]", text):
        raise BadHeaders("Write all headers in one line.")
    try:
        items = next(csv.reader([text.translate(_QUOTES).strip()], skipinitialspace=True, strict=True), [])
    except csv.Error:
        raise BadHeaders("A quote is not closed, or text stands behind it.") from None
    found: dict[str, tuple[str, str]] = {}
    for place, item in enumerate(items, 1):
        if not item.strip():
            continue
        name, value = _pair(place, item)
        if name.lower() in found:
            raise BadHeaders(f"Header {place} is there already.")
        found[name.lower()] = (name, value)
    if len(found) > MOST:
        raise BadHeaders(f"These are more than {MOST} headers.")
    return tuple(found.values())


def _pair(place: int, item: str) -> tuple[str, str]:
    name, colon, value = item.partition(":")
    name, value = name.strip(), value.strip()
    if not colon or not _NAME.match(name):
        raise BadHeaders(f"Header {place} is not Name:Value.")
    if name.lower() in _OURS:
        raise BadHeaders(f"Header {place} is set by the server itself.")
    if not _VALUE.match(value):
        raise BadHeaders(f"The value of header {place} has characters other than printable ASCII.")
    return name, value
