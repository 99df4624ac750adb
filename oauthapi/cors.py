"""Who may read /auth/v3 from another origin (``settings.DESKGATE_CORS_ORIGINS``): paths and registered origins."""

from __future__ import annotations

import re
from collections.abc import Iterable
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError

from config.http.cors import Group, canonical_origin, origin_matches
from config.principal import Principal
from environment.models import Option
from environment.options import CORS_ORIGINS
from environment.selectors import stamps_of
from oauthapi.models import ApiClient
from oauthapi.rules import Verdict
from oauthapi.selectors import client_of_request

GROUPS = (
    Group(re.compile(r"/auth/v3/(oauth/authorize|oauth/end-session|sign-in|consent|ops)(/|$)"), offered=False),
    Group(re.compile(r"/auth/v3/ping/?$"), credentials=frozenset({"GET", "HEAD"})),
    Group(re.compile(r"/auth/v3/sign-out/?$"), credentials=frozenset({"POST"})),
    Group(re.compile(r"/auth/v3/jwt-userinfo/?$"), exposed="X-GWS-User"),
    Group(re.compile(r"/auth/v3/auth-scheme/?$"), public=True),
    Group(re.compile(r"(/auth/v3(/.*)?)?/(\.well-known/.*|jwks(\.json)?/?)$"), public=True),
    Group(re.compile(r"/auth/v3(/|$)")),
)


def union_allows(origin: str) -> bool:
    """Whether any enabled contact center or client has this origin: all that a preflight can be asked."""
    clients = ApiClient.objects.filter(enabled=True).exclude(allowed_origins=[])
    listed = [pattern for row in clients.values_list("allowed_origins", flat=True) for pattern in row]
    return _matches_any([*_stored(), *listed], origin)


def principal_allows(origin: str, principal: Principal) -> bool:
    """Whether the caller's own contact centers or client have this origin. No statement of its own after a bearer."""
    facts = client_of_request(principal.client_id) if principal.client_id else None
    if facts and _matches_any(facts.row.allowed_origins, origin):
        return True
    return _matches_any(_patterns_of(principal.contact_center_ids), origin)


def origin_verdict(origin: str, client: ApiClient, contact_center_ids: frozenset[UUID] | None) -> Verdict:
    """By which rule a page of this origin may read answers to the client, told to an administrator.

    ``contact_center_ids`` are those whose users are meant (None: all). Preflights are answered for the union of all.
    """
    if canonical_origin(origin) is None or "*" in origin:
        return Verdict(why_not="It is no origin: write scheme, host and port, as in https://desk.example.com.")
    if canonical_origin(origin) == canonical_origin(settings.DESKGATE_PUBLIC_URL):
        return Verdict(rule="our own origin, which needs no leave")
    for pattern in client.allowed_origins:
        if origin_matches(pattern, origin):
            return Verdict(rule=f"the client's allowed origins: {pattern}")
    for name, pattern in _named_patterns(contact_center_ids):
        if origin_matches(pattern, origin):
            return Verdict(rule=f"{CORS_ORIGINS.section}/{CORS_ORIGINS.name} of contact center {name}: {pattern}")
    where = "the client's allowed origins nor in settings/cors-origins of a contact center that it is for"
    return Verdict(why_not=f"It stands neither in {where}.")


def _patterns_of(contact_center_ids: frozenset[UUID]) -> Iterable[str]:
    """A user has one contact center, whose options are cached under its stamp; a client may have hundreds."""
    if len(contact_center_ids) != 1:
        return _stored(contact_center_ids) if contact_center_ids else ()
    (only,) = contact_center_ids
    return CORS_ORIGINS.of(only) if stamps_of(only).contact_center_enabled else ()


def _stored(contact_center_ids: frozenset[UUID] | None = None) -> list[str]:
    """The patterns of these contact centers (None: of all) as far as enabled, in one statement."""
    return [pattern for _name, pattern in _named_patterns(contact_center_ids)]


def _named_patterns(contact_center_ids: frozenset[UUID] | None) -> list[tuple[str, str]]:
    """The same with each one's contact center by name."""
    rows = Option.objects.filter(
        section=CORS_ORIGINS.section, name=CORS_ORIGINS.name, contact_center__enabled=True, application=None
    )
    if contact_center_ids is not None:
        rows = rows.filter(contact_center__in=contact_center_ids)
    patterns: list[tuple[str, str]] = []
    for name, text in rows.values_list("contact_center__name", "value"):
        try:
            patterns += [(name, pattern) for pattern in CORS_ORIGINS.parse(text)]
        except ValidationError:
            # Typed before the rule became stricter: as `CORS_ORIGINS.of` has it, such a value counts as none.
            continue
    return patterns


def _matches_any(patterns: Iterable[str], origin: str) -> bool:
    return any(origin_matches(pattern, origin) for pattern in patterns)
