"""Which origins were registered (``settings.DESKGATE_CORS_ORIGINS``): by contact centers and by clients."""

from __future__ import annotations

from config.http.cors import origin_matches
from config.principal import Principal
from environment.models import ContactCenter, Option
from environment.options import CORS_ORIGINS
from oauthapi.models import ApiClient
from oauthapi.selectors import client_facts


def union_allows(origin: str) -> bool:
    """Whether any enabled contact center or client has this origin: all that a preflight can be asked."""
    rows = Option.objects.filter(
        section=CORS_ORIGINS.section, name=CORS_ORIGINS.name, contact_center__enabled=True
    ).values_list("value", flat=True)
    patterns = [pattern.strip() for value in rows for pattern in value.split(",") if pattern.strip()]
    clients = ApiClient.objects.filter(enabled=True).exclude(allowed_origins=[])
    patterns += [pattern for listed in clients.values_list("allowed_origins", flat=True) for pattern in listed]
    return any(origin_matches(pattern, origin) for pattern in patterns)


def principal_allows(origin: str, principal: Principal) -> bool:
    """Whether the caller's own contact centers or client have this origin."""
    facts = client_facts(principal.client_id) if principal.client_id else None
    patterns = list(facts.row.allowed_origins) if facts else []
    enabled = ContactCenter.objects.filter(pk__in=principal.contact_center_ids, enabled=True)
    for contact_center_id in enabled.values_list("pk", flat=True):
        patterns += CORS_ORIGINS.of(contact_center_id)
    return any(origin_matches(pattern, origin) for pattern in patterns)
