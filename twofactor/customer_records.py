"""A customer as callers of ``/twofactor/v1/customers`` write it and are told it: addresses are told masked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import ValidationError

from config.http.errors import FieldError
from twofactor.destinations import email_read, phone_read
from twofactor.masking import mask
from twofactor.models import Customer, Method

MEMBERS = ("account", "email", "phone", "authenticator", "enabled")
_KINDS = {"email": Method.EMAIL, "phone": Method.SMS}
_READ: Mapping[str, Callable[[str], str]] = {"email": email_read, "phone": phone_read}


@dataclass(frozen=True, slots=True)
class CustomerRecord:
    """What was sent, by the service's names; ``faults`` are all that is wrong with it, and quote no value."""

    values: Mapping[str, Any] = field(default_factory=dict, repr=False)
    faults: tuple[FieldError, ...] = ()

    @classmethod
    def parse(
        cls, data: Mapping[str, Any], *, stored: Customer | None, whole: bool, is_enrolled: bool = False
    ) -> CustomerRecord:
        """``stored``: the row that is written over, whose masked values mean what it has. ``whole``: what is not sent
        is taken away. ``is_enrolled``: whether it has an authenticator, which this call does not change.
        """
        read = _Reading(data, stored)
        values: dict[str, Any] = {"email": "", "phone": "", "enabled": True} if whole else {}
        read.account(values)
        for name in _KINDS:
            read.destination(name, values)
        enabled = read.boolean("enabled")
        if enabled is not None:
            values["enabled"] = enabled
        if read.boolean("authenticator") not in (None, is_enrolled):
            read.fault("authenticator", "invalid", "This is changed below …/authenticator.")
        return cls(values, tuple(read.faults))


class _Reading:
    def __init__(self, data: Mapping[str, Any], stored: Customer | None) -> None:
        self.data = data
        self.stored = stored
        self.faults: list[FieldError] = []
        for name in data:
            if name not in MEMBERS:
                shown = name[:40].encode("ascii", "backslashreplace").decode("ascii")
                self.fault(shown, "unknown", "There is no such field.")

    def fault(self, name: str, code: str, message: str) -> None:
        self.faults.append(FieldError(name, code, message))

    def text(self, name: str) -> str | None:
        """None: not sent, or faulty; null is an empty text."""
        if name not in self.data:
            return None
        value = self.data[name]
        if value is None:
            return ""
        if not isinstance(value, str):
            self.fault(name, "invalid", "This is a text.")
            return None
        return value

    def boolean(self, name: str) -> bool | None:
        value = self.data.get(name)
        if value is not None and not isinstance(value, bool):
            self.fault(name, "invalid", "This is true or false.")
            return None
        return value

    def account(self, values: dict[str, Any]) -> None:
        """Needed of a new one; that of a stored one is its name in the path, and only its case may change."""
        if self.stored is not None and "account" not in self.data:
            return
        sent = self.text("account") if "account" in self.data else ""
        if sent is None:
            return
        try:
            values["account"] = Customer._meta.get_field("account").clean(sent, None)
        except ValidationError as error:
            for each in error.error_list:
                self.fault("account", "required" if each.code == "blank" else each.code or "invalid", each.messages[0])
            return
        if self.stored is not None and sent.casefold() != self.stored.account.casefold():
            self.fault("account", "invalid", "This is another account than the path's.")

    def destination(self, name: str, values: dict[str, Any]) -> None:
        """An address or number; the mask of the stored one leaves it as it is."""
        sent = self.text(name)
        if sent is None:
            return
        if self.stored is not None and sent and sent == mask(_KINDS[name], getattr(self.stored, name)):
            values.pop(name, None)
            return
        try:
            values[name] = _READ[name](sent)
        except ValidationError as error:
            self.fault(name, error.code or "invalid", error.messages[0])


def customer_told(customer: Customer, *, is_enrolled: bool) -> dict[str, Any]:
    """The JSON object of an answer."""
    return {
        "account": customer.account,
        **{name: mask(kind, getattr(customer, name)) for name, kind in _KINDS.items()},
        "authenticator": is_enrolled,
        "enabled": customer.enabled,
    }


def moment_told(moment: datetime) -> str:
    """In UTC, to the millisecond."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
