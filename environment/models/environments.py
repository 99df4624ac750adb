"""Environments: what Genesys' deployment scripts record of a tenant's connection to its Configuration Server."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator
from django.db import models

from config.policy import Governed
from config.tracking import Tracked

MOST_SECONDS = 2_147_483_647
"""What PostgreSQL's integer holds."""
MOST_SERVERS = 100
LONGEST_WORD = 255
"""Characters of any text of a server."""
_NEEDED = ("primaryAddress", "primaryPort")
_PORTS = ("primaryPort", "backupPort")
SERVER_MEMBERS: Mapping[str, type] = {
    "primaryAddress": str,
    "primaryPort": int,
    "readOnly": bool,
    "locations": str,
    "backupAddress": str,
    "backupPort": int,
}
"""The members of one of ``configServers`` that are kept, with their types."""


def server_faults(value: object) -> Iterator[tuple[str, str]]:
    """(path inside the list, words) for everything wrong with a list of servers; "" is the list itself."""
    if not isinstance(value, list) or len(value) > MOST_SERVERS:
        yield "", f"This is a list of at most {MOST_SERVERS} servers."
        return
    for position, server in enumerate(value):
        if not isinstance(server, dict):
            yield str(position), "A server is an object."
            continue
        yield from ((f"{position}.{name}", "This is missing.") for name in _NEEDED if server.get(name) in (None, ""))
        for name, kind in SERVER_MEMBERS.items():
            words = _member_fault(name, kind, server.get(name))
            if words:
                yield f"{position}.{name}", words


def servers_kept(value: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The servers with the members that we know, as they were sent; null counts as not sent."""
    return [{name: one[name] for name in SERVER_MEMBERS if one.get(name) is not None} for one in value]


def validate_servers(value: object) -> None:
    """Raise ValidationError naming each member that is wrong."""
    faults = [f"{path}: {words}" if path else words for path, words in server_faults(value)]
    if faults:
        raise ValidationError(faults)


def _member_fault(name: str, kind: type, value: Any) -> str:
    if value is None or (value == "" and name in _NEEDED):
        return ""  # said already, where it is needed
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        return {str: "This is a text.", int: "This is a whole number.", bool: "This is true or false."}[kind]
    typed: Any = value
    if kind is str and (len(typed) > LONGEST_WORD or not typed.isprintable()):
        return f"This is a text of at most {LONGEST_WORD} characters without control characters."
    if name in _PORTS and not 1 <= typed <= 65_535:
        return "A port is 1 to 65535."
    return ""


class Environment(Tracked):
    """A record only: it is kept for scripts and contact centers that name it; Deskgate connects to none."""

    governed: ClassVar[Governed] = Governed("environments", secrets=frozenset({"password"}))

    # The id is part of what seals the password, so it exists before the row does.
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, verbose_name="ID")
    tenant = models.CharField(
        max_length=255,
        help_text="Tenant of the Configuration Server. A record only: Deskgate has no Configuration Server and "
        "connects to none.",
    )
    app_name = models.CharField("application name", max_length=255, blank=True)
    username = models.CharField("user name", max_length=255, blank=True)
    password = models.TextField(blank=True, editable=False)
    connection_protocol = models.CharField(max_length=64, blank=True, help_text="Such as addp.")
    local_timeout = models.PositiveIntegerField(
        null=True, blank=True, validators=[MaxValueValidator(MOST_SECONDS)], help_text="Seconds."
    )
    remote_timeout = models.PositiveIntegerField(
        null=True, blank=True, validators=[MaxValueValidator(MOST_SECONDS)], help_text="Seconds."
    )
    trace_mode = models.CharField(max_length=64, blank=True, help_text="Such as CFGTMBoth.")
    tls_enabled = models.BooleanField("TLS", default=False)
    config_servers = models.JSONField(
        "Configuration Servers",
        default=list,
        blank=True,
        validators=[validate_servers],
        help_text="A JSON list of primaryAddress, primaryPort, readOnly, locations, backupAddress, backupPort.",
    )
    made_by_demo = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["tenant", "id"]

    def __str__(self) -> str:
        return f"{self.tenant} ({self.pk})"

    def clean(self) -> None:
        """An empty object is no list, though a field's validators pass by what is empty."""
        if not isinstance(self.config_servers, list):
            raise ValidationError({"config_servers": "This is a list of servers."})
