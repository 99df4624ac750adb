"""Roles and access groups: nobody hands on what he lacks, nobody takes his own administration away."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import transaction

from accounts.errors import LastAdministrator
from accounts.models import AccessGroup, Role, User
from accounts.policy import grantable
from config.context import current
from config.http.errors import Forbidden
from environment.services import object_delete, object_save


def role_save(role: Role, *, reason: str | None = None) -> Role:
    """Create or update a role. Raises Forbidden (also for privileges the caller lacks), ValidationError."""
    with transaction.atomic():
        administered = _caller_administers()
        object_save(role, reason=reason)
        _keep_own_administration(administered)
    return role


def role_delete(role: Role, *, reason: str | None = None) -> None:
    """Delete a role that nobody has. Raises InUse, Forbidden."""
    object_delete(role, reason=reason)


def access_group_save(
    group: AccessGroup, *, roles: Iterable[Role] | None = None, reason: str | None = None
) -> AccessGroup:
    """Create or update an access group; ``roles`` is its whole new list.

    Raises Forbidden for roles that hold more than the caller does or belong elsewhere, ValidationError.
    """
    chosen = None if roles is None else list(roles)
    for role in chosen or ():
        _check_role(group, role)
    with transaction.atomic():
        administered = _caller_administers()
        object_save(group, many=None if chosen is None else {"roles": chosen}, reason=reason)
        _keep_own_administration(administered)
    return group


def access_group_delete(group: AccessGroup, *, reason: str | None = None) -> None:
    """Delete an access group without members. Raises InUse, Forbidden."""
    object_delete(group, reason=reason)


def _check_role(group: AccessGroup, role: Role) -> None:
    caller = current().principal
    if not grantable(caller, role.held_privileges()):
        raise Forbidden(
            f"The role {role.name} holds privileges that you do not.",
            field="roles",
            reason=f"{caller.name} tried to grant {role.name}",
        )
    if role.contact_center_id not in (None, group.contact_center_id):
        raise Forbidden(f"{role.name} belongs to another contact center.", field="roles")


def _caller_administers() -> bool:
    """Whether the user who asks, if it is one, could make users administrators now: read from the rows."""
    user = User.objects.filter(pk=current().principal.user_id or 0).first()
    return user is not None and "users:administer" in user.held_privileges()


def _keep_own_administration(administered: bool) -> None:
    """Whoever keeps his own administration also keeps his contact center from losing its last administrator."""
    if administered and not _caller_administers():
        raise LastAdministrator("Nobody takes his own administration away.", reason="tried to lock himself out")
