"""Roles and access groups in provisioning files."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import Any
from uuid import UUID

from accounts.models import AccessGroup, Role
from accounts.services.roles import access_group_save, role_save
from environment.provision.kinds import Entry, Key, Kind, Reference, Row, Step, kind
from environment.provision.world import World


class RoleRow(Row):
    name: str
    contact_center: str | None = None
    description: str = ""
    privileges: list[str] = []


@kind
class Roles(Kind[RoleRow, Role]):
    """``roles``: by name within a contact center; without one, shared by all."""

    name = "roles"
    row = RoleRow
    after = ("contact-centers",)
    _fields = ("description", "privileges")

    def key(self, entry: Entry[RoleRow], world: World) -> Key:
        return (world.contact_center_id(entry, entry.row.contact_center), entry.row.name)

    def find(self, keys: Collection[Key], world: World) -> dict[Key, Role]:
        rows = Role.objects.filter(name__in={name for _home, name in keys})
        return {(one.contact_center_id, one.name): one for one in rows}

    def label(self, row: RoleRow) -> str:
        return f"{row.contact_center} {row.name}" if row.contact_center else row.name

    def wanted(self, row: RoleRow, world: World) -> dict[str, Any]:
        return row.given(*self._fields)

    def current(self, obj: Role, row: RoleRow, world: World) -> dict[str, Any]:
        return {name: getattr(obj, name) for name in self._fields}

    def create(self, step: Step[RoleRow, Role], world: World) -> None:
        home, name = step.key
        role_save(Role(contact_center_id=home, name=name, **step.row.given(*self._fields)))

    def update(self, step: Step[RoleRow, Role], world: World) -> None:
        assert step.obj is not None  # noqa: S101 - a step without an object is a create
        for name, value in step.row.given(*self._fields).items():
            setattr(step.obj, name, value)
        role_save(step.obj)


class AccessGroupRow(Row):
    name: str
    contact_center: str
    roles: list[str] = []


@kind
class AccessGroups(Kind[AccessGroupRow, AccessGroup]):
    """``access-groups``: by contact center and name."""

    name = "access-groups"
    row = AccessGroupRow
    after = ("roles",)

    def key(self, entry: Entry[AccessGroupRow], world: World) -> Key:
        return (world.contact_center_id(entry, entry.row.contact_center), entry.row.name)

    def find(self, keys: Collection[Key], world: World) -> dict[Key, AccessGroup]:
        rows = AccessGroup.objects.prefetch_related("roles").filter(name__in={name for _home, name in keys})
        return {(one.contact_center_id, one.name): one for one in rows}

    def label(self, row: AccessGroupRow) -> str:
        return f"{row.contact_center} {row.name}"

    def references(self, row: AccessGroupRow, world: World) -> Iterator[Reference]:
        return role_references(row.roles, world.named(row.contact_center))

    def wanted(self, row: AccessGroupRow, world: World) -> dict[str, Any]:
        return {"roles": sorted(row.roles)} if "roles" in row.model_fields_set else {}

    def current(self, obj: AccessGroup, row: AccessGroupRow, world: World) -> dict[str, Any]:
        return {"roles": sorted(role.name for role in obj.roles.all())}

    def create(self, step: Step[AccessGroupRow, AccessGroup], world: World) -> None:
        home, name = step.key
        access_group_save(AccessGroup(contact_center_id=home, name=name), roles=roles_of(step.row.roles, home))

    def update(self, step: Step[AccessGroupRow, AccessGroup], world: World) -> None:
        assert step.obj is not None  # noqa: S101 - a step without an object is a create
        access_group_save(step.obj, roles=roles_of(step.row.roles, step.key[0]))


def role_references(names: Iterable[str], home: UUID | None, field: str = "roles") -> Iterator[Reference]:
    """Roles by name: of the contact center itself, else shared."""
    for number, name in enumerate(names):
        yield Reference((field, number), "roles", ((home, name), (None, name)), f"role {name}")


def roles_of(names: Collection[str], home: UUID | None) -> list[Role]:
    """The roles of these names that count in a contact center: its own before shared ones."""
    there = {(role.contact_center_id, role.name): role for role in Role.objects.filter(name__in=names)}
    found = (there.get((home, name)) or there.get((None, name)) for name in names)
    return [role for role in found if role is not None]
