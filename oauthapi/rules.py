"""OAuth's words and numbers as this server uses them; no database, no Django."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

DEFAULT_ACCESS_LIFETIME = 43_200
DEFAULT_REFRESH_LIFETIME = 2_592_000
IMPLICIT_MAX_LIFETIME = 3_600
CODE_LIFETIME = 60
REPEAT_WINDOW = 10
"""Seconds within which a refresh asked again, its successor unused, gives the same pair."""

GRANTS = ("authorization_code", "refresh_token", "client_credentials", "password", "implicit")
DEFAULT_GRANTS = ("authorization_code", "refresh_token")
LEGACY_GRANTS = frozenset({"password", "implicit"})
CONFIDENTIAL_GRANTS = ("client_credentials", "password")
"""For clients that prove themselves: RFC 6749 §4.4; with ``password`` anybody could try passwords in their name."""

SCOPES = {
    "*": "Know who you are and which roles you have, and act in your name",
    "openid": "Sign you in",
    "profile": "See your name",
    "email": "See your e-mail address",
    "configuration": "Change the configuration in your name",
    "twofactor": "Run two-factor sessions",
    "recording-events": "Report call events for recording",
}
STAR_SCOPES = frozenset({"*", "openid", "profile", "email"})
"""What ``*`` in a client's list allows to ask for; never the scopes that change things."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Which rule allows something, and with what; without a rule ``why_not`` tells why none does."""

    rule: str = ""
    why_not: str = ""


def allowed_scopes(client_scopes: list[str]) -> frozenset[str]:
    """The scopes that a client with this list may ask for."""
    listed = frozenset(client_scopes)
    return listed | STAR_SCOPES if "*" in listed else listed


def known_scopes(typed: str) -> str:
    """What was asked for, for events: a stranger may have put anything in its place, a secret too."""
    return " ".join(scope if scope in SCOPES else "(unknown)" for scope in typed.split()[:20])


def still_allowed(granted: str, client_scopes: list[str]) -> str:
    """The granted scopes that the client may have today: one taken from it since is in no token any more."""
    allowed = allowed_scopes(client_scopes)
    return " ".join(scope for scope in granted.split() if scope in allowed)


def has_scope(granted: str, wanted: str) -> bool:
    """Whether a granted scope text covers ``wanted``; ``*`` covers the four identity scopes."""
    words = granted.split()
    return wanted in words or ("*" in words and wanted in STAR_SCOPES)


def is_loopback(host: str) -> bool:
    """Whether a host name of a URI means this machine (RFC 8252 §7.3, and ``localhost``)."""
    if host.casefold() == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def is_bare_https_origin(uri: str) -> bool:
    """Whether a registered redirect URI is an https origin and nothing below it, as deployment scripts write them."""
    parts = urlsplit(uri)
    return parts.scheme == "https" and parts.path in ("", "/") and not parts.query


def redirect_uri_fault(uri: str) -> str:
    """Why a redirect URI cannot be registered, in words; empty when it can."""
    try:
        parts = urlsplit(uri)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        return "not a URI"
    if not uri.isascii():
        return "not ASCII: write a host name as in xn--bcher-kva.example, a path percent-encoded"
    if not parts.scheme or any(ord(c) < 0x21 or c in '\\"<>^`{|}' for c in uri) or "*" in uri:
        return "not an absolute URI without wildcards"
    if "#" in uri:
        return "has a fragment (RFC 6749 §3.1.2)"
    if parts.scheme in ("javascript", "data", "vbscript", "file", "blob", "about"):
        return "this scheme is refused"
    if parts.scheme in ("http", "https"):
        if not host or parts.username is not None:
            return "names no host, or a user"
        if parts.scheme == "http" and not is_loopback(host):
            return "http only to this machine (RFC 9700 §4.1.1)"
    elif "." not in parts.scheme and parts.scheme not in ("http", "https"):
        return "a private scheme holds a dot, as in com.example.app (RFC 8252 §7.1)"
    return ""
