"""What a contact center's administrator may not give an API client."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from config.context import current
from config.http.errors import FieldError, Forbidden
from config.policy import grantable
from oauthapi import options
from oauthapi.models import ApiClient
from oauthapi.models.clients import roles_named
from oauthapi.rules import LEGACY_GRANTS

INSTALLATION_FLAGS = {
    "internal": "internal clients",
    "trusted": "trusted clients",
    "may_introspect": "clients that introspect",
}
"""Boolean fields that only administrators of the installation switch on, and what such clients are called."""
INSTALLATION_SCOPES = frozenset({"configuration"})
"""Scopes that only administrators of the installation give (they are never part of ``*``)."""
OF_TRUSTED = (
    "client_type", "scopes", "basic_on_authorize",
    "redirect_uris", "redirect_match", "post_logout_redirect_uris", "allowed_origins",
)  # fmt: skip
"""Where a trusted client's answers go, what they hold and who gets them: users are not asked about it, so only the
installation changes these."""
_WORDS = "Only administrators of the installation may set this."


def require_within_limits(new: ApiClient, old: ApiClient | None, *, contact_center_ids: Collection[UUID]) -> None:
    """Raise Forbidden, naming each field, when the one who asks gives the client more than he may.

    What an administrator of the installation gave before may stay. ``contact_center_ids`` is the client's whole list.
    """
    principal = current().principal
    faults = _grants_more_than_held(new, old, contact_center_ids) + _origin_matching(new, old)
    if not principal.everywhere:
        faults += _flags(new, old) + _grants_and_scopes(new, old) + _of_trusted(new, old)
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


def require_same_height(stored: ApiClient) -> None:
    """Raise Forbidden when the client reaches beyond the contact centers of the one who asks.

    ``stored`` is the row as the database has it, best locked: what a form would make of it says nothing.
    """
    if not is_of_same_height(stored):
        raise Forbidden(
            "This client serves more than your own contact center: administrators of the installation manage it.",
            reason=f"{current().principal.name} asked to change {stored.client_id}",
        )


def is_of_same_height(client: ApiClient) -> bool:
    """Whether the client reaches no further than the one who asks.

    Whoever can rotate the secret of a client that introspects every token could do so himself; whoever can change or
    delete one that other contact centers use could take it over, or away from them. One statement, none for
    administrators of the installation.
    """
    principal = current().principal
    if principal.everywhere:
        return True
    bound = {contact_center.pk for contact_center in client.contact_centers.all()}
    return not (client.may_introspect or client.internal) and bool(bound) and bound <= principal.contact_center_ids


def _flags(new: ApiClient, old: ApiClient | None) -> list[FieldError]:
    return [
        FieldError(name, "forbidden", f"Only administrators of the installation make {what}.")
        for name, what in INSTALLATION_FLAGS.items()
        if getattr(new, name) and not (old and getattr(old, name))
    ]


def _of_trusted(new: ApiClient, old: ApiClient | None) -> list[FieldError]:
    if old is None or not old.trusted:
        return []
    return [
        FieldError(name, "forbidden", "Only administrators of the installation change this of a trusted client.")
        for name in OF_TRUSTED
        if getattr(new, name) != getattr(old, name)
    ]


def _origin_matching(new: ApiClient, old: ApiClient | None) -> list[FieldError]:
    """By whatever way and whoever asks: the installation's option decides. What has it already keeps it."""
    origin = ApiClient.RedirectMatch.ORIGIN
    if new.redirect_match != origin or (old and old.redirect_match == origin) or options.GENESYS_REDIRECTS.of(None):
        return []
    words = f"This installation's option {options.GENESYS_REDIRECTS} does not let clients match by origin."
    return [FieldError("redirect_match", "forbidden", words)]


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
    principal = current().principal
    return [
        FieldError("authorities", "forbidden", f"The role {role.name} holds privileges that you do not.")
        for role in roles_named(added, contact_center_ids)
        if not grantable(principal, role.held_privileges())
    ]
