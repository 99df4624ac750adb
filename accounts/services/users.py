"""Users: made, changed, disabled, deleted; always through here, whoever asks and by whatever way."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from accounts.errors import LastAdministrator, PasswordRefused
from accounts.models import AccessGroup, Role, User
from accounts.policy import grantable
from accounts.selectors import administrators_left
from accounts.services.passwords import password_faults
from activity.services import change_record, snapshot
from config.context import current
from config.http.errors import Forbidden
from config.policy import require
from config.stamps import new_stamp
from environment.errors import rivals_told
from environment.models import ContactCenter, Installation
from environment.services import next_dbid
from environment.services.objects import changed_fields


def user_create(
    *,
    user_name: str,
    contact_center: ContactCenter | None,
    password: str | None = None,
    roles: Iterable[Role] = (),
    access_groups: Iterable[AccessGroup] = (),
    encoded_password: str | None = None,
    reason: str | None = None,
    **fields: Any,
) -> User:
    """Make a user; without a password it cannot sign in until one is set.

    ``encoded_password`` takes a hash made beforehand (bulk). Raises ValidationError, PasswordRefused, Forbidden.
    """
    user = User(user_name=user_name, contact_center=contact_center, **fields)
    require("write", user)
    if password is not None:
        _check_password(user, password)
    user.password = encoded_password or (make_password(password) if password is not None else make_password(None))
    user.password_changed_at = timezone.now() if user.has_usable_password() else None
    _clean(user)
    with rivals_told("user_name"), transaction.atomic():
        if contact_center is not None:
            user.dbid = next_dbid(contact_center.pk)
        user.save()
        _set_memberships(user, roles, access_groups)
        change_record(action="create", obj=user, before={}, after=snapshot(user), reason=reason)
    return user


def user_update(
    user: User,
    *,
    roles: Iterable[Role] | None = None,
    access_groups: Iterable[AccessGroup] | None = None,
    reason: str | None = None,
) -> User:
    """Store a changed user. Deactivating, or taking roles, holds on the next request of every token and session.

    Raises Forbidden (also for handing on privileges that the caller lacks), LastAdministrator, ValidationError.
    """
    with rivals_told("user_name"), transaction.atomic():
        old = User.objects.select_for_update(of=("self",)).select_related("contact_center").get(pk=user.pk)
        require("write", old)
        require("write", user)
        if old.contact_center_id != user.contact_center_id:
            raise Forbidden("A user stays in his contact center.", field="contact_center")
        _clean(user)
        before, administered = snapshot(old), _administers(old)
        written = set(changed_fields(user, old)) - _NOT_HERE
        _write(user, written, was_enabled=old.enabled)
        _set_memberships(user, roles, access_groups)
        after = snapshot(User.objects.get(pk=user.pk))
        if after == before:
            return user
        User.objects.filter(pk=user.pk).update(stamp=new_stamp())
        user.refresh_from_db()
        _keep_an_administrator(user, administered=administered)
        change_record(action="update", obj=user, before=before, after=after, reason=reason)
    return user


def _write(user: User, written: set[str], *, was_enabled: bool) -> None:
    if "enabled" in written and was_enabled and not user.enabled:
        # Re-enabling must not bring old tokens back to life.
        user.epoch = new_stamp()
        written = {*written, "epoch"}
    if written:
        user.save(update_fields=written)


_NOT_HERE = {"password", "password_changed_at", "epoch", "last_login", "dbid", "created_at"}
"""Fields with a service of their own: a form opened earlier must not write an old value back, least of all an epoch
under which tokens were ended."""


def user_delete(user: User, *, reason: str | None = None) -> None:
    """Delete a user with his tokens and sessions; never oneself nor the last administrator. The dbid stays used."""
    require("administer", user)
    _not_oneself(user)
    with transaction.atomic():
        _count_alone()
        if not administrators_left(user) and _administers(user):
            raise LastAdministrator(reason=f"{user} is the last administrator")
        change_record(action="delete", obj=user, before=snapshot(user), after={}, reason=reason)
        user.delete()


def _clean(user: User) -> None:
    """Raises ValidationError by field."""
    user.login_key = User.key_of(user.contact_center_id, user.user_name)
    user.full_clean(exclude={"password"})
    if user.contact_center_id is None and is_client_id(user.user_name):
        # User info tells an administrator's bare name as `username`, and a client's id: one never stands for the other.
        raise ValidationError({"user_name": "An API client has this name."})


def is_client_id(name: str) -> bool:
    """Whether an API client has this id; the room that knows is above this one and named in settings."""
    return bool(import_string(settings.DESKGATE_CLIENT_IDS)(name))


def _check_password(user: User, password: str) -> None:
    faults = password_faults(password, user=user)
    if faults:
        raise PasswordRefused("; ".join(fault.message for fault in faults), fields=faults)


def _set_memberships(user: User, roles: Iterable[Role] | None, access_groups: Iterable[AccessGroup] | None) -> None:
    if roles is not None:
        chosen = list(roles)
        _check_grantable(chosen)
        _check_home(user, chosen, field="roles")
        user.roles.set(chosen)
    if access_groups is not None:
        groups = list(access_groups)
        _check_grantable([role for group in groups for role in group.roles.all()])
        _check_home(user, groups, field="access_groups")
        user.access_groups.set(groups)


def _check_grantable(roles: Collection[Role]) -> None:
    """Nobody hands on a privilege that he lacks."""
    caller = current().principal
    for role in roles:
        if not grantable(caller, role.held_privileges()):
            raise Forbidden(
                f"The role {role.name} holds privileges that you do not.",
                field="roles",
                reason=f"{caller.name} tried to grant {role.name}",
            )


def _check_home(user: User, rows: Collection[Role] | Collection[AccessGroup], *, field: str) -> None:
    for row in rows:
        if row.contact_center_id not in (None, user.contact_center_id):
            raise Forbidden(f"{row.name} belongs to another contact center.", field=field)


def _keep_an_administrator(after: User, *, administered: bool) -> None:
    """Inside the transaction, after the writes: whoever administered before must not be the last one lost."""
    if not administered or _administers(after):
        return
    _not_oneself(after)
    _count_alone()
    if not administrators_left(after):
        raise LastAdministrator(reason=f"{after} is the last administrator")


def _count_alone() -> None:
    """Two administrators who disable each other at once must see one another: only one counts at a time."""
    Installation.objects.select_for_update().get(pk=1)


def _administers(user: User) -> bool:
    return user.enabled and (user.contact_center_id is None or "users:administer" in user.held_privileges())


def _not_oneself(user: User) -> None:
    if current().principal.user_id == user.pk:
        raise LastAdministrator("Nobody disables, demotes or deletes himself.", reason="tried to lock himself out")
