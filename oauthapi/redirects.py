"""Which redirect URIs a client may use, and which origins a page may be redirected to."""

from __future__ import annotations

from urllib.parse import urlsplit

from oauthapi.models import ApiClient
from oauthapi.rules import Verdict, is_bare_https_origin, is_loopback, redirect_uri_fault
from oauthapi.strict import strict_profile

EXACT, LOOPBACK_PORT, ORIGIN = "exact", "loopback port", "origin"
"""The rules by which a redirect URI may be allowed."""


def redirect_uri_allowed(client: ApiClient, uri: str, *, for_token: bool = False) -> bool:
    """Exact comparison; the port of a loopback IP is free (RFC 8252 §7.3); by origin where the client says so.

    ``for_token`` is the implicit response, whose token any page of an origin could read: never by origin.
    """
    rule = redirect_uri_rule(client, uri)
    return rule in (EXACT, LOOPBACK_PORT) or (rule == ORIGIN and not for_token)


def redirect_uri_rule(client: ApiClient, uri: str) -> str:
    """The rule that allows the URI for this client; empty when none does."""
    if _is_unreadable(uri) or "#" in uri:
        return ""
    if uri in client.redirect_uris:
        return EXACT
    if _loopback_with_other_port(client, uri):
        return LOOPBACK_PORT
    by_origin = client.redirect_match == ApiClient.RedirectMatch.ORIGIN and not client.is_public
    return ORIGIN if by_origin and not strict_profile() and _of_registered_origin(client, uri) else ""


def redirect_uri_verdict(client: ApiClient, uri: str) -> Verdict:
    """The same for an administrator: the rule, or what keeps every rule from allowing it."""
    rule = redirect_uri_rule(client, uri)
    return Verdict(rule) if rule else Verdict(why_not=_why_not(client, uri))


def post_logout_uri_allowed(client: ApiClient, uri: str) -> bool:
    """A place to go after sign-out: in the client's post-logout list or its redirect URIs, exactly."""
    return uri in client.post_logout_redirect_uris or redirect_uri_allowed(client, uri)


def origin_of(uri: str) -> str:
    """The origin of a URI as a browser writes it, default ports left out; for private schemes ``scheme:``."""
    parts = urlsplit(uri)
    if parts.scheme not in ("http", "https"):
        return f"{parts.scheme}:"
    host = (parts.hostname or "").encode("idna").decode() if parts.hostname else ""
    host = f"[{host}]" if ":" in host else host
    default = {"http": 80, "https": 443}[parts.scheme]
    return f"{parts.scheme}://{host}" if parts.port in (None, default) else f"{parts.scheme}://{host}:{parts.port}"


def _is_unreadable(uri: str) -> bool:
    # Not ASCII: browsers and Python's `idna` do not read such a host name alike.
    return not uri.isascii() or any(ord(character) < 0x21 or character == "\\" for character in uri)


def _why_not(client: ApiClient, uri: str) -> str:
    if _is_unreadable(uri):
        return "It holds a blank, a control character, a backslash or a letter that is not ASCII."
    fault = redirect_uri_fault(uri)
    if fault:
        return f"It could not be registered either: {fault}."
    near = [known for known in client.redirect_uris if _origin_or_nothing(known) == _origin_or_nothing(uri)]
    near = near or [known for known in client.redirect_uris if _same_machine(known, uri)]
    if not near:
        return "None of the client's redirect URIs has this scheme, host and port."
    if client.redirect_match == ApiClient.RedirectMatch.ORIGIN:
        if strict_profile():
            return "The client matches by origin, which the strict profile turns off."
        return f"Matched by origin are only https URIs registered without a path; registered is {near[0]}."
    return f"Path or query differ from the registered {near[0]}; they are compared character by character."


def _same_machine(known: str, uri: str) -> bool:
    """Whether both mean this machine by the same name: there the port does not count."""
    parts = _loopback_without_port(known), _loopback_without_port(uri)
    return None not in parts and parts[0][0] == parts[1][0]  # type: ignore[index]


def _origin_or_nothing(uri: str) -> str:
    try:
        return origin_of(uri)
    except (ValueError, UnicodeError):
        return ""


def _loopback_with_other_port(client: ApiClient, uri: str) -> bool:
    wanted = _loopback_without_port(uri)
    return wanted is not None and wanted in [_loopback_without_port(known) for known in client.redirect_uris]


def _loopback_without_port(uri: str) -> tuple[str, str, str] | None:
    """Host, path and query of an http URI to this machine (``localhost`` too, RFC 9700 §4.1.3); None for others."""
    try:
        parts = urlsplit(uri)
        host, _port = parts.hostname or "", parts.port
    except ValueError:
        return None
    if parts.scheme != "http" or not is_loopback(host) or parts.username is not None:
        return None
    return host, parts.path, parts.query


def _of_registered_origin(client: ApiClient, uri: str) -> bool:
    try:
        parts = urlsplit(uri)
        wanted = origin_of(uri)
    except (ValueError, UnicodeError):
        return False
    if parts.scheme != "https" or parts.username is not None or not parts.hostname:
        return False
    return wanted in [origin_of(known) for known in client.redirect_uris if is_bare_https_origin(known)]
