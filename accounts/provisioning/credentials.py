"""Basic credentials in provisioning files; without a contact center: ops credentials."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any
from uuid import UUID

from django.contrib.auth.hashers import make_password
from pydantic import AwareDatetime, SecretStr

from accounts.models import BasicCredential
from accounts.provisioning.roles import role_references, roles_of
from accounts.services.credentials import credential_create, credential_password_faults, credential_update
from environment.provision.faults import Fault
from environment.provision.kinds import Entry, Key, Kind, Reference, Row, SignIn, Step, kind
from environment.provision.world import World


class CredentialRow(Row):
    name: str
    contact_center: str | None = None
    role: str | None = None
    password: SecretStr | None = None
    enabled: bool = True
    expires_at: AwareDatetime | None = None
    source_networks: list[str] = []


@kind
class BasicCredentials(Kind[CredentialRow, BasicCredential]):
    """``basic-credentials``: by name, which is unique in the installation in any case."""

    name = "basic-credentials"
    row = CredentialRow
    after = ("roles",)
    secrets = frozenset({"password"})
    _fields = ("enabled", "expires_at", "source_networks")

    def key(self, entry: Entry[CredentialRow], world: World) -> Key:
        world.contact_center_id(entry, entry.row.contact_center)
        return (entry.row.name.lower(),)

    def find(self, keys: Collection[Key], world: World) -> dict[Key, BasicCredential]:
        return {(one.name.lower(),): one for one in BasicCredential.named(*(key for (key,) in keys))}

    def label(self, row: CredentialRow) -> str:
        return row.name

    def references(self, row: CredentialRow, world: World) -> Iterator[Reference]:
        for reference in role_references([row.role] if row.role else [], world.named(row.contact_center)):
            yield Reference(("role",), reference.kind, reference.keys, reference.told)

    def wanted(self, row: CredentialRow, world: World) -> dict[str, Any]:
        wanted = row.given(*self._fields, "role")
        if "contact_center" in row.model_fields_set:
            wanted["contact_center"] = world.label(world.named(row.contact_center))
        return wanted

    def current(self, obj: BasicCredential, row: CredentialRow, world: World) -> dict[str, Any]:
        return {name: getattr(obj, name) for name in self._fields} | {
            "role": obj.role.name if obj.role else None,
            "contact_center": world.label(obj.contact_center_id),
        }

    def judge(self, step: Step[CredentialRow, BasicCredential]) -> Iterator[Fault]:
        if step.obj is None and step.row.password is None:
            yield step.entry.fault("a new credential needs a password")
        elif step.obj is None and step.row.password and not step.entry.made_by_demo:
            # The demo's are documented ones, some of them shorter.
            for each in credential_password_faults(step.row.password.get_secret_value()):
                yield step.entry.fault(each.message, "password")

    def sign_in(self, row: CredentialRow) -> SignIn | None:
        secret = row.password.get_secret_value() if row.password else ""
        told = f"{row.role} of {row.contact_center}" if row.contact_center else "operations, whole installation"
        return SignIn("Basic credential", row.name, secret, told)

    def prepare(self, step: Step[CredentialRow, BasicCredential]) -> None:
        if step.obj is None and step.row.password is not None:
            step.prepared["password"] = make_password(step.row.password.get_secret_value())

    def create(self, step: Step[CredentialRow, BasicCredential], world: World) -> None:
        row, home = step.row, world.named(step.row.contact_center)
        credential = BasicCredential(
            name=row.name,
            contact_center_id=home,
            role=_role(row, home),
            made_by_demo=step.entry.made_by_demo,
            **row.given(*self._fields),
        )
        # A trial run hashes nothing: any hash will do there.
        encoded = step.prepared.get("password") or make_password(None)
        credential_create(credential, password="", encoded_password=encoded)

    def update(self, step: Step[CredentialRow, BasicCredential], world: World) -> None:
        assert step.obj is not None  # noqa: S101 - a step without an object is a create
        row, credential = step.row, step.obj
        for name, value in row.given(*self._fields).items():
            setattr(credential, name, value)
        if "contact_center" in row.model_fields_set:
            credential.contact_center_id = world.named(row.contact_center)
        if "role" in row.model_fields_set:
            credential.role = _role(row, credential.contact_center_id)
        credential_update(credential)


def _role(row: CredentialRow, home: UUID | None) -> Any:
    return next(iter(roles_of([row.role], home)), None) if row.role else None
