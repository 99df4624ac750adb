"""The one policy (``settings.DESKGATE_POLICY``): admin, REST, commands, choices ask it through ``config.policy``."""

from __future__ import annotations

from typing import Any, TypeVar
from uuid import UUID

from django.db.models import Model, Q, QuerySet

from accounts.privileges import PRIVILEGES, closed, covers
from config.policy import Action, Governed, governed_of
from config.principal import Principal

M = TypeVar("M", bound=Model)


def may(principal: Principal, action: Action, obj: Model | type[Model]) -> bool:
    """Whether the principal may do this to the row, or (given a class) to some row of it.

    A row needs three things: the privilege, a contact center that is the principal's, and, for anything but reading,
    that the row holds no privilege which the principal lacks.
    """
    governed = governed_of(obj)
    if not principal.is_authenticated or not covers(held_by(principal), governed.object_type, action):
        return False
    if isinstance(obj, type):
        return True
    if not principal.everywhere and not _within(principal, governed, obj, action):
        return False
    return action == "read" or grantable(principal, held_privileges(obj))


def visible(principal: Principal, queryset: QuerySet[M]) -> QuerySet[M]:
    """The rows that the principal may read; nothing without the privilege."""
    governed = governed_of(queryset.model)
    if not principal.is_authenticated or not covers(held_by(principal), governed.object_type, "read"):
        return queryset.none()
    if principal.everywhere:
        return queryset
    if not governed.contact_center:
        return queryset.none()
    own = Q(**{f"{governed.contact_center}__in": principal.contact_center_ids})
    if governed.shared:
        own |= Q(**{f"{governed.contact_center}__isnull": True})
    return queryset.filter(own)


def held_by(principal: Principal) -> frozenset[str]:
    """The privileges of the one who asks. Whoever may run commands and jobs has the database and the keys anyway."""
    return PRIVILEGES if principal.kind == "command" else principal.privileges


def held_privileges(obj: Model) -> frozenset[str]:
    """The privileges that a row holds or hands on (users, roles, groups, credentials); none for other rows."""
    ask: Any = getattr(obj, "held_privileges", None)
    return ask() if ask else frozenset()


def grantable(principal: Principal, privileges: frozenset[str]) -> bool:
    """Whether the principal holds all of these himself, so that handing them on widens nothing."""
    return closed(privileges) <= closed(held_by(principal))


def contact_center_of(obj: Model) -> UUID | None:
    """The contact center that a row belongs to; None for the installation's and shared rows."""
    value: Any = obj
    for step in governed_of(obj).contact_center.split("__"):
        value = getattr(value, step, None) if step else None
    return value


def _within(principal: Principal, governed: Governed, obj: Model, action: Action) -> bool:
    if not governed.contact_center:
        return False
    contact_center_id = contact_center_of(obj)
    if contact_center_id is None:
        return governed.shared and action == "read"
    return contact_center_id in principal.contact_center_ids
