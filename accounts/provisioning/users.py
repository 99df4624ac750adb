"""Users in provisioning files. A password there is the first one only: it is never compared, changed or shown."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any
from uuid import UUID

from django.contrib.auth.hashers import make_password
from pydantic import SecretStr

from accounts.errors import PasswordRefused
from accounts.models import AccessGroup, User
from accounts.provisioning.roles import role_references, roles_of
from accounts.services.passwords import password_faults
from accounts.services.users import user_create, user_update
from config.http.errors import FieldError
from environment.models import ContactCenter, Place
from environment.provision.kinds import Entry, Key, Kind, Reference, Row, SignIn, Step, kind
from environment.provision.world import World


class UserRow(Row):
    user_name: str
    contact_center: str | None = None
    password: SecretStr | None = None
    first_name: str = ""
    last_name: str = ""
    employee_id: str = ""
    email: str = ""
    is_agent: bool = False
    enabled: bool = True
    must_change_password: bool = False
    default_place: str | None = None
    roles: list[str] = []
    access_groups: list[str] = []
    properties: dict[str, str] = {}


@kind
class Users(Kind[UserRow, User]):
    """``users``: by contact center and user name; without a contact center, administrators of the installation."""

    name = "users"
    row = UserRow
    after = ("access-groups", "places")
    secrets = frozenset({"password"})
    _fields = (
        "first_name", "last_name", "employee_id", "email", "is_agent", "enabled", "must_change_password",
    )  # fmt: skip

    def key(self, entry: Entry[UserRow], world: World) -> Key:
        return (User.key_of(world.contact_center_id(entry, entry.row.contact_center), entry.row.user_name),)

    def find(self, keys: Collection[Key], world: World) -> dict[Key, User]:
        users = User.objects.select_related("default_place").prefetch_related("roles", "access_groups")
        return {(one.login_key,): one for one in users.filter(login_key__in=[key for (key,) in keys])}

    def label(self, row: UserRow) -> str:
        return f"{row.contact_center}\\{row.user_name}" if row.contact_center else row.user_name

    def references(self, row: UserRow, world: World) -> Iterator[Reference]:
        home = world.named(row.contact_center)
        yield from role_references(row.roles, home)
        for number, name in enumerate(row.access_groups):
            yield Reference(("access-groups", number), "access-groups", ((home, name),), f"access group {name}")
        if row.default_place is not None:
            place = ((home, row.default_place),)
            yield Reference(("default-place",), "places", place, f"place {row.default_place}")

    def wanted(self, row: UserRow, world: World) -> dict[str, Any]:
        lists = {name: sorted(names) for name, names in row.given("roles", "access_groups").items()}
        return row.given("user_name", *self._fields, "default_place", "properties") | lists

    def current(self, obj: User, row: UserRow, world: World) -> dict[str, Any]:
        return {name: getattr(obj, name) for name in ("user_name", *self._fields, "properties")} | {
            "default_place": obj.default_place.name if obj.default_place else None,
            "roles": sorted(role.name for role in obj.roles.all()),
            "access_groups": sorted(group.name for group in obj.access_groups.all()),
        }

    def sign_in(self, row: UserRow) -> SignIn | None:
        told = ", ".join(row.roles) or ("" if row.contact_center else "administrator of the installation")
        change = "must change it" if row.must_change_password else ""
        secret = row.password.get_secret_value() if row.password else ""
        return SignIn("user", self.label(row), secret, ", ".join(part for part in (told, change) if part))

    def prepare(self, step: Step[UserRow, User]) -> None:
        if step.obj is None and step.row.password is not None:
            step.prepared["password"] = make_password(step.row.password.get_secret_value())

    def create(self, step: Step[UserRow, User], world: World) -> None:
        row, home = step.row, world.named(step.row.contact_center)
        if row.password is not None:
            _check_password(row.password.get_secret_value(), home)
        user_create(
            user_name=row.user_name,
            contact_center=ContactCenter.objects.get(pk=home) if home else None,
            # A trial run hashes nothing.
            encoded_password=step.prepared.get("password"),
            roles=roles_of(row.roles, home),
            access_groups=_groups_of(row, home),
            made_by_demo=step.entry.made_by_demo,
            default_place=_place_of(row, home),
            **row.given(*self._fields, "properties"),
        )

    def update(self, step: Step[UserRow, User], world: World) -> None:
        assert step.obj is not None  # noqa: S101 - a step without an object is a create
        row, user, home = step.row, step.obj, world.named(step.row.contact_center)
        for name, value in row.given("user_name", *self._fields).items():
            setattr(user, name, value)
        if "default_place" in row.model_fields_set:
            user.default_place = _place_of(row, home)
        user.properties = user.properties | row.properties
        user_update(
            user,
            roles=roles_of(row.roles, home) if "roles" in row.model_fields_set else None,
            access_groups=_groups_of(row, home) if "access_groups" in row.model_fields_set else None,
        )


def _place_of(row: UserRow, home: UUID | None) -> Place | None:
    return Place.objects.get(contact_center_id=home, name=row.default_place) if row.default_place else None


def _groups_of(row: UserRow, home: UUID | None) -> list[AccessGroup]:
    return list(AccessGroup.objects.filter(contact_center_id=home, name__in=row.access_groups))


def _check_password(password: str, home: UUID | None) -> None:
    faults = password_faults(password, user=User(contact_center_id=home))
    if faults:
        raise PasswordRefused(fields=[FieldError("password", fault.code, fault.message) for fault in faults])
