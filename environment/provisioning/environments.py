"""Environments in provisioning files. A password there is the first one; later ones are set by hand or script."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any
from uuid import UUID

from pydantic import NonNegativeInt, PositiveInt, SecretStr

from environment.models import Environment
from environment.models.environments import servers_kept
from environment.provision.kinds import Entry, Key, Kind, Row, Step, kind
from environment.provision.world import World
from environment.services import environment_create, environment_update


class ServerRow(Row):
    primary_address: str
    primary_port: PositiveInt
    read_only: bool | None = None
    locations: str | None = None
    backup_address: str | None = None
    backup_port: PositiveInt | None = None

    def stored(self) -> dict[str, Any]:
        """In the words of the Environment API, as rows keep it."""
        return {
            "primaryAddress": self.primary_address,
            "primaryPort": self.primary_port,
            "readOnly": self.read_only,
            "locations": self.locations,
            "backupAddress": self.backup_address,
            "backupPort": self.backup_port,
        }


class EnvironmentRow(Row):
    id: UUID
    tenant: str
    app_name: str = ""
    username: str = ""
    password: SecretStr | None = None
    connection_protocol: str = ""
    local_timeout: NonNegativeInt | None = None
    remote_timeout: NonNegativeInt | None = None
    trace_mode: str = ""
    tls_enabled: bool = False
    config_servers: list[ServerRow] = []


@kind
class Environments(Kind[EnvironmentRow, Environment]):
    """``environments``: by id. Records of Configuration Server connections; nothing connects to them."""

    name = "environments"
    row = EnvironmentRow
    secrets = frozenset({"password"})
    _fields = (
        "tenant",
        "app_name",
        "username",
        "connection_protocol",
        "local_timeout",
        "remote_timeout",
        "trace_mode",
        "tls_enabled",
    )

    def key(self, entry: Entry[EnvironmentRow], world: World) -> Key:
        return (entry.row.id,)

    def find(self, keys: Collection[Key], world: World) -> dict[Key, Environment]:
        return {(one.pk,): one for one in Environment.objects.filter(pk__in=[key for (key,) in keys])}

    def label(self, row: EnvironmentRow) -> str:
        return f"{row.tenant} ({row.id})"

    def wanted(self, row: EnvironmentRow, world: World) -> dict[str, Any]:
        wanted = row.given(*self._fields)
        if "config_servers" in row.model_fields_set:
            wanted["config_servers"] = servers_kept([one.stored() for one in row.config_servers])
        return wanted

    def current(self, obj: Environment, row: EnvironmentRow, world: World) -> dict[str, Any]:
        return {name: getattr(obj, name) for name in (*self._fields, "config_servers")}

    def create(self, step: Step[EnvironmentRow, Environment], world: World) -> None:
        row = step.row
        environment_create(
            id=row.id,
            password=row.password.get_secret_value() if row.password else "",
            made_by_demo=step.entry.made_by_demo,
            **self.wanted(row, world),
        )

    def update(self, step: Step[EnvironmentRow, Environment], world: World) -> None:
        assert step.obj is not None  # noqa: S101 - a step without an object is a create
        environment_update(step.obj, **self.wanted(step.row, world))
