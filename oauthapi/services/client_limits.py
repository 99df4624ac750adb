"""What a contact center's administrator may not give an API client (contract/auth-v3.md, Rules)."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from accounts.models import Role
from config.context import current
from config.http.errors import FieldError, Forbidden
from config.policy import grantable
from oauthapi.models import ApiClient
from oauthapi.rules import LEGACY_GRANTS

INSTALLATION_FLAGS = {
    "internal": "internal clients",
    "trusted": "trusted clients",
    "may_introspect": "clients that introspect",
}
"""Boolean fields that only administrators of the installation switch on, and what such clients are called."""
INSTALLATION_SCOPES = frozenset({"configuration"})
"""Scopes that only administrators of the installation give (they are never part of ``*``)."""
_WORDS = "Only administrators of the installation may set this."


def require_within_limits(new: ApiClient, old: ApiClient | None, *, contact_center_ids: Collection[UUID]) -> None:
    """Raise Forbidden, naming each field, when the one who asks gives the client more than he may.

    What an administrator of the installation gave before may stay. ``contact_center_ids`` is the client's whole list.
    """
    principal = current().principal
    faults = _grants_more_than_held(new, old, contact_center_ids)
    if not principal.everywhere:
        faults += _flags(new, old) + _grants_and_scopes(new, old)
        if not contact_center_ids or not set(contact_center_ids) <= principal.contact_center_ids:
            faults.append(FieldError("contact_centers", "forbidden", "Choose your own contact center, and no other."))
        if new.owner_id not in principal.contact_center_ids:
            faults.append(FieldError("owner", "forbidden", "The client belongs to your own contact center."))
    if faults:
        raise Forbidden(
            " ".join(dict.fromkeys(fault.message for fault in faults)),
            fields=faults,
            reason=f"{principal.kind} {principal.name} may not set {', '.join(fault.field for fault in faults)}",
        )


def require_same_height(client: ApiClient) -> None:
    """Raise Forbidden when the client reaches beyond the contact centers of the one who asks.

    Whoever can rotate the secret of a client that introspects every token could do so himself.
    """
    if not current().principal.everywhere and (client.may_introspect or client.internal):
        raise Forbidden(
            "This client has rights in the whole installation: its administrators manage it.",
            reason=f"{current().principal.name} asked to change {client.client_id}",
        )


def _flags(new: ApiClient, old: ApiClient | None) -> list[FieldError]:
    return [
        FieldError(name, "forbidden", f"Only administrators of the installation make {what}.")
        for name, what in INSTALLATION_FLAGS.items()
        if getattr(new, name) and not (old and getattr(old, name))
    ]


def _grants_and_scopes(new: ApiClient, old: ApiClient | None) -> list[FieldError]:
    faults = []
    given = sorted((set(new.grants) - set(old.grants if old else ())) & LEGACY_GRANTS)
    if given:
        words = f"Only administrators of the installation give the legacy grants: {', '.join(given)}."
        faults.append(FieldError("grants", "forbidden", words))
    if old and set(old.grants) & LEGACY_GRANTS and new.legacy_grants_until != old.legacy_grants_until:
        faults.append(FieldError("legacy_grants_until", "forbidden", _WORDS))
    scopes = sorted((set(new.scopes) - set(old.scopes if old else ())) & INSTALLATION_SCOPES)
    if scopes:
        words = f"Only administrators of the installation give the scope {', '.join(scopes)}."
        faults.append(FieldError("scopes", "forbidden", words))
    return faults


def _grants_more_than_held(
    new: ApiClient, old: ApiClient | None, contact_center_ids: Collection[UUID]
) -> list[FieldError]:
    """An authority gives rights if a role of that name does: nobody hands on what he lacks."""
    added = set(new.authorities) - set(old.authorities if old else ())
    roles = Role.objects.filter(name__in=added)
    if contact_center_ids:
        roles = roles.filter(contact_center__isnull=True) | roles.filter(contact_center__in=contact_center_ids)
    principal = current().principal
    return [
        FieldError("authorities", "forbidden", f"The role {role.name} holds privileges that you do not.")
        for role in roles
        if not grantable(principal, role.held_privileges())
    ]
