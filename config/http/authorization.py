"""Reading the ``Authorization`` header, the same way for every authenticator."""

from __future__ import annotations

import base64
import binascii
from typing import Any

from config.http import plain_request


def authorization_of(request: Any) -> tuple[str, str] | None:
    """(scheme in lower case, what follows); None without the header. The value is empty for a bare word."""
    header: str = plain_request(request).META.get("HTTP_AUTHORIZATION", "").strip()
    if not header:
        return None
    scheme, _, value = header.partition(" ")
    return scheme.lower(), value.strip()


def bearer_of(request: Any) -> str | None:
    """The bearer token that was sent. The bare word ``bearer`` counts as absent: it is a documented default."""
    found = authorization_of(request)
    return found[1] or None if found and found[0] == "bearer" else None


def basic_of(request: Any) -> tuple[str, str] | None:
    """(name, password) of a Basic header (RFC 7617: UTF-8, else Latin-1), or None when absent or unreadable."""
    found = authorization_of(request)
    if not found or found[0] != "basic":
        return None
    try:
        raw = base64.b64decode(found[1], validate=True)
    except (binascii.Error, ValueError):
        return None
    try:
        pair = raw.decode("utf-8")
    except UnicodeDecodeError:
        pair = raw.decode("latin-1")
    name, colon, password = pair.partition(":")
    return (name, password) if colon and "\x00" not in pair else None


def basic_header(name: str, password: str) -> str:
    """The header line ready to paste into a script: ``Authorization: Basic …`` (RFC 7617, UTF-8)."""
    return "Authorization: Basic " + base64.b64encode(f"{name}:{password}".encode()).decode()
