"""What desktops send to ``/api/v2/me``, read into frozen objects without a look at the database."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from config.http.cors import canonical_origin
from config.http.errors import InvalidParameter, MissingParameter
from screenrec.errors import UnknownOperation

logger = logging.getLogger("deskgate.screenrec")

MOST_DEVICES = 50
LONGEST = 255
_PARAMETERS = ("server", "peer_server", "place", "devices")
_MOST_PARAMETERS = 100


@dataclass(frozen=True, slots=True)
class DeviceName:
    """A DN at a switch, as the desktop calls it."""

    dn: str
    switch: str

    def __str__(self) -> str:
        return f"{self.dn}@{self.switch}"

    def told(self) -> dict[str, str]:
        """As the API writes it."""
        return {"dn": self.dn, "switch": self.switch}


@dataclass(frozen=True, slots=True)
class LoginConfig:
    """The array of a login with configuration (seed 001, Login Request with Configuration); all of it optional."""

    server: str = ""
    peer_server: str = ""
    place: str = ""
    devices: tuple[DeviceName, ...] | None = None

    @property
    def names_a_seat(self) -> bool:
        """Whether a place or devices were named, so that what is held now is replaced."""
        return bool(self.place) or self.devices is not None

    @classmethod
    def parse(cls, body: list[Any]) -> LoginConfig:
        """Read ``[{"name", "value"}]``. Unknown names are ignored and logged; a repeated one, or one of a wrong shape,
        raises InvalidParameter naming it.
        """
        if len(body) > _MOST_PARAMETERS:
            raise InvalidParameter(f"There are more than {_MOST_PARAMETERS} parameters.", field="name")
        values: dict[str, Any] = {}
        for position, entry in enumerate(body):
            name = _name_of(entry, position)
            if name not in _PARAMETERS:
                logger.info("login parameter ignored", extra={"parameter": ascii(name[:40])})
            elif name in values:
                raise InvalidParameter(f"The parameter '{name}' stands twice.", field=name)
            else:
                values[name] = entry.get("value")
        return cls(
            server=_server(values, "server"),
            peer_server=_server(values, "peer_server"),
            place=_text(values.get("place"), "place"),
            devices=_devices(values.get("devices")),
        )

    def body(self) -> list[dict[str, Any]]:
        """The seat as another server reads it by ``parse``."""
        told: list[dict[str, Any]] = []
        if self.place:
            told.append({"name": "place", "value": self.place})
        if self.devices is not None:
            told.append({"name": "devices", "value": [device.told() for device in self.devices]})
        return told


@dataclass(frozen=True, slots=True)
class StartRequest:
    """``StartContactCenterSession``: for which channels, and where the agent sits."""

    channels: tuple[str, ...]
    place: str = ""
    login_code: str = ""
    queue: str = ""

    @classmethod
    def parse(cls, body: Mapping[str, Any]) -> StartRequest:
        """Raises MissingParameter, InvalidParameter."""
        channels = body.get("channels")
        if channels is None:
            raise MissingParameter("The parameter 'channels' is missing.", field="channels")
        if not isinstance(channels, list) or not 0 < len(channels) <= MOST_DEVICES:
            raise InvalidParameter("The parameter 'channels' must be a list of names.", field="channels")
        return cls(
            channels=tuple(_text(name, f"channels.{position}", needed=True) for position, name in enumerate(channels)),
            place=_text(body.get("place"), "place"),
            login_code=_text(body.get("loginCode"), "loginCode"),
            queue=_text(body.get("queue"), "queue"),
        )


def operation_of(body: Mapping[str, Any]) -> str:
    """``operationName``. Raises MissingParameter, InvalidParameter."""
    name = body.get("operationName")
    if name is None or name == "":
        raise MissingParameter("The parameter 'operationName' is missing.", field="operationName")
    if not isinstance(name, str):
        raise InvalidParameter("The parameter 'operationName' must be a text.", field="operationName")
    return name


def unknown_operation(name: str) -> UnknownOperation:
    """The refusal of an operation that is not served, its name cut and in ASCII."""
    return UnknownOperation(f"The operation {name[:60]!a} is not known here.", field="operationName")


def _name_of(entry: Any, position: int) -> str:
    if not isinstance(entry, dict):
        raise InvalidParameter(f"The parameter {position} must be an object with name and value.", field=str(position))
    name = entry.get("name")
    if name is None:
        raise MissingParameter(f"The parameter '{position}.name' is missing.", field=f"{position}.name")
    if not isinstance(name, str):
        raise InvalidParameter(f"The parameter '{position}.name' must be a text.", field=f"{position}.name")
    return name


def _text(value: Any, field: str, *, needed: bool = False) -> str:
    """A text without control characters; empty or absent is "". Raises InvalidParameter, MissingParameter."""
    if value is None or value == "":
        if needed:
            raise MissingParameter(f"The parameter '{field}' is missing.", field=field)
        return ""
    if not isinstance(value, str):
        raise InvalidParameter(f"The parameter '{field}' must be a text.", field=field)
    if len(value) > LONGEST or not value.isprintable():
        raise InvalidParameter(
            f"The parameter '{field}' must have at most {LONGEST} characters and no control characters.", field=field
        )
    return value


def _server(values: Mapping[str, Any], name: str) -> str:
    """Scheme, host and port in lower case; a path, query or user name in it is refused."""
    text = _text(values.get(name), name).strip()
    if not text:
        return ""
    origin = canonical_origin(text)
    if origin is None or "*" in origin:
        raise InvalidParameter(
            f"The parameter '{name}' must be a server's address: scheme, host and port, without a path.", field=name
        )
    return origin


def _devices(value: Any) -> tuple[DeviceName, ...] | None:
    """A list of dn and switch; the doubled bracket of the vendor's page is taken off once."""
    if value is None:
        return None
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], list):
        value = value[0]
    if not isinstance(value, list) or len(value) > MOST_DEVICES:
        raise InvalidParameter(
            f"The parameter 'devices' must be a list of at most {MOST_DEVICES} objects with dn and switch.",
            field="devices",
        )
    devices = [_device(entry, f"devices.{position}") for position, entry in enumerate(value)]
    return tuple(dict.fromkeys(devices))


def _device(entry: Any, field: str) -> DeviceName:
    if not isinstance(entry, dict):
        raise InvalidParameter(f"The parameter '{field}' must be an object with dn and switch.", field=field)
    return DeviceName(
        dn=_text(entry.get("dn"), f"{field}.dn", needed=True),
        switch=_text(entry.get("switch"), f"{field}.switch", needed=True),
    )
