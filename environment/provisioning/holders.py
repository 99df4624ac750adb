"""The holders of options in provisioning files: the installation, contact centers, applications."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any
from uuid import UUID

from pydantic import NonNegativeInt

from environment.models import Application, ContactCenter, Installation
from environment.provision.faults import Fault
from environment.provision.kinds import Entry, Key, Kind, Row, SignIn, Step, kind
from environment.provision.options import OptionMap, is_secret, options_judge, options_now, options_write
from environment.provision.world import World
from environment.services import (
    application_create,
    application_update,
    contact_center_create,
    contact_center_update,
    installation_note_demo,
)


class InstallationRow(Row):
    options: OptionMap = {}


@kind
class Installations(Kind[InstallationRow, Installation]):
    """``installation``: its options."""

    name = "installation"
    row = InstallationRow
    single = True

    def key(self, entry: Entry[InstallationRow], world: World) -> Key:
        return (1,)

    def find(self, keys: Collection[Key], world: World) -> dict[Key, Installation]:
        return {(one.pk,): one for one in Installation.objects.filter(pk=1)}

    def label(self, row: InstallationRow) -> str:
        return "installation"

    def wanted(self, row: InstallationRow, world: World) -> dict[str, Any]:
        return row.given("options")

    def current(self, obj: Installation, row: InstallationRow, world: World) -> dict[str, Any]:
        return {"options": options_now(None, row.options)}

    def judge(self, step: Step[InstallationRow, Installation]) -> Iterator[Fault]:
        return options_judge(step, None, step.row.options)

    def update(self, step: Step[InstallationRow, Installation], world: World) -> None:
        options_write(None, step.row.options)
        if step.entry.made_by_demo:
            installation_note_demo(made_by_demo=True)

    def is_secret(self, row: InstallationRow, field_name: str) -> bool:
        return is_secret(None, field_name)


class ContactCenterRow(Row):
    name: str
    id: UUID | None = None
    number: NonNegativeInt | None = None
    domains: list[str] = []
    environment_id: UUID | None = None
    auth: str = ContactCenter.Auth.CONFIG_SERVER.value
    enabled: bool = True
    options: OptionMap = {}


@kind
class ContactCenters(Kind[ContactCenterRow, ContactCenter]):
    """``contact-centers``: meant by id, number or any domain."""

    name = "contact-centers"
    row = ContactCenterRow
    after = ("environments",)
    _fields = ("name", "number", "environment_id", "auth", "enabled")

    def key(self, entry: Entry[ContactCenterRow], world: World) -> Key:
        row = entry.row
        return (world.declare_contact_center(id=row.id, number=row.number, domains=row.domains, name=row.name),)

    def find(self, keys: Collection[Key], world: World) -> dict[Key, ContactCenter]:
        rows = ContactCenter.objects.prefetch_related("domains").filter(pk__in=[key for (key,) in keys])
        return {(one.pk,): one for one in rows}

    def label(self, row: ContactCenterRow) -> str:
        return row.domains[0] if row.domains else row.name

    def wanted(self, row: ContactCenterRow, world: World) -> dict[str, Any]:
        return row.given(*self._fields, "domains", "options")

    def current(self, obj: ContactCenter, row: ContactCenterRow, world: World) -> dict[str, Any]:
        now = {name: getattr(obj, name) for name in self._fields}
        return now | {
            "domains": [domain.name for domain in obj.domains.all()],
            "options": options_now(obj, row.options),
        }

    def judge(self, step: Step[ContactCenterRow, ContactCenter]) -> Iterator[Fault]:
        return options_judge(step, step.obj or ContactCenter(), step.row.options)

    def create(self, step: Step[ContactCenterRow, ContactCenter], world: World) -> None:
        given = step.row.given(*self._fields, "domains")
        (key,) = step.key
        made = contact_center_create(**given | {"id": key}, made_by_demo=step.entry.made_by_demo)
        options_write(made, step.row.options)

    def update(self, step: Step[ContactCenterRow, ContactCenter], world: World) -> None:
        assert step.obj is not None  # noqa: S101 - a step without an object is a create
        contact_center_update(step.obj, **step.row.given(*self._fields, "domains"))
        options_write(step.obj, step.row.options)

    def is_secret(self, row: ContactCenterRow, field_name: str) -> bool:
        return is_secret(ContactCenter(), field_name)


class ApplicationRow(Row):
    name: str
    type: str = Application.Type.OTHER.value
    contact_center: str | None = None
    description: str = ""
    enabled: bool = True
    options: OptionMap = {}


@kind
class Applications(Kind[ApplicationRow, Application]):
    """``applications``: by name, which is unique in the installation."""

    name = "applications"
    row = ApplicationRow
    after = ("contact-centers",)
    _fields = ("type", "description", "enabled")

    def key(self, entry: Entry[ApplicationRow], world: World) -> Key:
        world.contact_center_id(entry, entry.row.contact_center)
        return (entry.row.name,)

    def find(self, keys: Collection[Key], world: World) -> dict[Key, Application]:
        return {(one.name,): one for one in Application.objects.filter(name__in=[name for (name,) in keys])}

    def label(self, row: ApplicationRow) -> str:
        return row.name

    def wanted(self, row: ApplicationRow, world: World) -> dict[str, Any]:
        return row.given(*self._fields, "options") | _home(row, world)

    def current(self, obj: Application, row: ApplicationRow, world: World) -> dict[str, Any]:
        now = {name: getattr(obj, name) for name in self._fields}
        home = {"contact_center": world.label(obj.contact_center_id)}
        return now | home | {"options": options_now(obj, row.options)}

    def judge(self, step: Step[ApplicationRow, Application]) -> Iterator[Fault]:
        if step.row.type not in Application.Type.values:
            yield step.entry.fault(f"one of {', '.join(Application.Type.values)}", "type")
        yield from options_judge(step, self._holder(step.row, step.obj), step.row.options)

    def create(self, step: Step[ApplicationRow, Application], world: World) -> None:
        home = _contact_center(step.entry, step.row.contact_center, world)
        made = application_create(
            name=step.row.name,
            contact_center=home,
            made_by_demo=step.entry.made_by_demo,
            **step.row.given(*self._fields),
        )
        options_write(made, step.row.options)

    def update(self, step: Step[ApplicationRow, Application], world: World) -> None:
        assert step.obj is not None  # noqa: S101 - a step without an object is a create
        changes = step.row.given(*self._fields)
        if "contact_center" in step.row.model_fields_set:
            changes["contact_center"] = _contact_center(step.entry, step.row.contact_center, world)
        application_update(step.obj, **changes)
        options_write(step.obj, step.row.options)

    def is_secret(self, row: ApplicationRow, field_name: str) -> bool:
        return is_secret(self._holder(row), field_name)

    def sign_in(self, row: ApplicationRow) -> SignIn | None:
        """What an application demands of its callers stands in its section ``security``."""
        user_id, password = row.options.get("security/user-id"), row.options.get("security/password")
        return SignIn("Basic pair", user_id, password, row.name) if user_id and password else None

    @staticmethod
    def _holder(row: ApplicationRow, stored: Application | None = None) -> Application:
        """One that is not stored, of the type that it will have."""
        keeps_type = stored is not None and "type" not in row.model_fields_set
        return Application(name=row.name, type=stored.type if stored and keeps_type else row.type)


def _home(row: ApplicationRow, world: World) -> dict[str, str]:
    if "contact_center" not in row.model_fields_set:
        return {}
    return {"contact_center": world.label(world.named(row.contact_center))}


def _contact_center(entry: Entry[Any], reference: str | None, world: World) -> ContactCenter | None:
    key = world.contact_center_id(entry, reference)
    return ContactCenter.objects.get(pk=key) if key else None
