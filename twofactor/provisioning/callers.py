"""Callers and capability keys in provisioning files. A key's characters are taken when it is made, and never shown."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from pydantic import SecretStr

from accounts.models import BasicCredential
from environment.models import Application
from environment.provision.faults import Fault
from environment.provision.kinds import Entry, Key, Kind, Reference, Row, SignIn, Step, kind
from environment.provision.world import World
from twofactor.models import Caller, CapabilityKey
from twofactor.services.callers import caller_create, capability_key_create, capability_key_update, key_fault


class CallerRow(Row):
    application: str
    credential: str


class CapabilityKeyRow(Row):
    application: str
    name: str
    key: SecretStr | None = None
    enabled: bool = True
    source_networks: list[str] = []


def _application_of(row: Any) -> Reference:
    return Reference(("application",), "applications", ((row.application,),), f"application {row.application}")


@kind
class Callers(Kind[CallerRow, Caller]):
    """``two-factor-callers``: by application and credential, both of one contact center."""

    name = "two-factor-callers"
    row = CallerRow
    after = ("applications", "basic-credentials")

    def key(self, entry: Entry[CallerRow], world: World) -> Key:
        return (entry.row.application, entry.row.credential.lower())

    def find(self, keys: Collection[Key], world: World) -> dict[Key, Caller]:
        rows = Caller.objects.select_related("application", "credential")
        named = rows.filter(application__name__in={application for application, _credential in keys})
        found = {(one.application.name, one.credential.name.lower()): one for one in named}
        return {key: found[key] for key in keys if key in found}

    def label(self, row: CallerRow) -> str:
        return f"{row.credential} at {row.application}"

    def references(self, row: CallerRow, world: World) -> Iterator[Reference]:
        yield _application_of(row)
        key = (row.credential.lower(),)
        yield Reference(("credential",), "basic-credentials", (key,), f"Basic credential {row.credential}")

    def wanted(self, row: CallerRow, world: World) -> dict[str, Any]:
        return {}

    def current(self, obj: Caller, row: CallerRow, world: World) -> dict[str, Any]:
        return {}

    def create(self, step: Step[CallerRow, Caller], world: World) -> None:
        caller_create(
            Caller(
                application=Application.objects.get(name=step.row.application),
                credential=BasicCredential.named(step.row.credential).get(),
                made_by_demo=step.entry.made_by_demo,
            )
        )


@kind
class CapabilityKeys(Kind[CapabilityKeyRow, CapabilityKey]):
    """``two-factor-keys``: by application and name. ``key`` is for a new one only; without it one is generated, which
    nobody knows before it is rotated.
    """

    name = "two-factor-keys"
    row = CapabilityKeyRow
    after = ("applications",)
    secrets = frozenset({"key"})
    _fields = ("enabled", "source_networks")

    def key(self, entry: Entry[CapabilityKeyRow], world: World) -> Key:
        return (entry.row.application, entry.row.name)

    def find(self, keys: Collection[Key], world: World) -> dict[Key, CapabilityKey]:
        rows = CapabilityKey.objects.select_related("application")
        named = rows.filter(application__name__in={application for application, _name in keys})
        found = {(one.application.name, one.name): one for one in named}
        return {key: found[key] for key in keys if key in found}

    def label(self, row: CapabilityKeyRow) -> str:
        return f"{row.name} of {row.application}"

    def references(self, row: CapabilityKeyRow, world: World) -> Iterator[Reference]:
        yield _application_of(row)

    def wanted(self, row: CapabilityKeyRow, world: World) -> dict[str, Any]:
        return row.given(*self._fields)

    def current(self, obj: CapabilityKey, row: CapabilityKeyRow, world: World) -> dict[str, Any]:
        return {name: getattr(obj, name) for name in self._fields}

    def judge(self, step: Step[CapabilityKeyRow, CapabilityKey]) -> Iterator[Fault]:
        if step.obj is None and step.row.key is not None:
            fault = key_fault(step.row.key.get_secret_value(), demo=step.entry.made_by_demo)
            if fault:
                yield step.entry.fault(fault, "key")

    def sign_in(self, row: CapabilityKeyRow) -> SignIn | None:
        secret = row.key.get_secret_value() if row.key else ""
        return SignIn("Capability key", row.name, secret, f"/twofactor/services/key/…/ of {row.application}")

    def create(self, step: Step[CapabilityKeyRow, CapabilityKey], world: World) -> None:
        row = step.row
        key = CapabilityKey(
            application=Application.objects.get(name=row.application),
            name=row.name,
            made_by_demo=step.entry.made_by_demo,
            **row.given(*self._fields),
        )
        capability_key_create(key, plain=row.key.get_secret_value() if row.key else "")

    def update(self, step: Step[CapabilityKeyRow, CapabilityKey], world: World) -> None:
        assert step.obj is not None  # noqa: S101 - a step without an object is a create
        for name, value in step.row.given(*self._fields).items():
            setattr(step.obj, name, value)
        capability_key_update(step.obj)
