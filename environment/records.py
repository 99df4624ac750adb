"""Objects as the Environment API takes and tells them; ``serializers`` has the shapes for the schema."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from config.encryption import SealBroken
from config.http.members import Member, WrongMember, boolean, text, uuid, whole_number
from config.principal import Principal
from environment.declarations import is_told
from environment.models import ContactCenter, Environment, Option
from environment.models.environments import server_faults, servers_kept
from environment.services.environments import LONGEST_PASSWORD
from environment.services.options import may_read_secret, option_is_secret
from environment.snapshots import option_plain

Json = dict[str, Any]


def _servers(value: Any) -> list[dict[str, Any]]:
    faults = tuple(server_faults(value))
    if faults:
        raise WrongMember(*faults)
    return servers_kept(value)


ENVIRONMENT = (
    Member("id", "id", uuid),
    Member("tenant", "tenant", text()),
    Member("appName", "app_name", text()),
    Member("username", "username", text()),
    Member("password", "password", text(LONGEST_PASSWORD, lines=True)),
    Member("connectionProtocol", "connection_protocol", text(64)),
    Member("localTimeout", "local_timeout", whole_number()),
    Member("remoteTimeout", "remote_timeout", whole_number()),
    Member("traceMode", "trace_mode", text(64)),
    Member("tlsEnabled", "tls_enabled", boolean),
    Member("configServers", "config_servers", _servers),
)
"""Members of an environment; its secrets are taken and never told."""
ENVIRONMENT_NAMES = {member.name: member.sent for member in ENVIRONMENT}
"""Our field → the member, for refusals."""


def environment_told(row: Environment) -> Json:
    """An environment without its password; what was never sent is left out."""
    secrets = Environment.governed.secrets
    told = {member.sent: getattr(row, member.name) for member in ENVIRONMENT if member.name not in secrets}
    return {name: value for name, value in told.items() if value is not None} | {"id": str(row.pk)}


def contact_center_told(row: ContactCenter) -> Json:
    """A contact center and its domains in their order."""
    return {
        "id": str(row.pk),
        "number": row.number,
        "name": row.name,
        "environmentId": str(row.environment_id),
        "domains": [domain.name for domain in row.domains.all()],
        "auth": row.auth,
        "enabled": row.enabled,
    }


def setting_told(row: Option, asking: Principal) -> Json:
    """A setting; there is one location here, and everything is shared."""
    return {"name": row.name, **_value_told(row, asking), "location": "/", "shared": "true"}


def option_told(row: Option, asking: Principal) -> Json:
    """An option as a line of the Options tab."""
    return {"name": str(row), "section": row.section, "option": row.name, **_value_told(row, asking)}


def origin_told(contact_center_id: UUID, origin: str) -> Json:
    """One browser origin of a contact center."""
    return {"contactCenterId": str(contact_center_id), "origin": origin}


def _value_told(row: Option, asking: Principal) -> Json:
    """The value; of a secret only to those who may read it, and only when it opens and may be told at all."""
    holder = row.application or row.contact_center
    is_secret = row.sealed or option_is_secret(row.section, row.name, holder)
    if not is_secret:
        return {"value": row.value}
    if not is_told(row.section, row.name, holder) or not may_read_secret(asking, row.owner_id):
        return {"secret": True}
    try:
        return {"value": option_plain(row), "secret": True}
    except SealBroken:
        return {"secret": True}
