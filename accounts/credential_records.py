"""A Basic credential as scripts write it and are told it (``/configuration/basicauth``, contract basicauth.md)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from accounts.models import BasicCredential
from accounts.services.credentials import credential_password_faults
from config.http.errors import FieldError, ValidationRefused

CONTEXT = "ContactCenter"
"""The one context that there is."""
NEEDED = ("username", "password", "context", "contextId", "userRole")
MEMBERS = (*NEEDED, "dateExpiry")
_LONGEST = {"username": 255, "contextId": 36, "userRole": 255, "dateExpiry": 40}
"""Characters; of the password its own rule tells."""
_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_TIME = r"[0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]{1,9})?)?"
_MOMENT = re.compile(rf"{_DAY}[T ]{_TIME}(?:Z|[+-][0-9]{{2}}:?[0-9]{{2}})", re.ASCII | re.IGNORECASE)
_NAIVE = re.compile(rf"{_DAY}(?:[T ]{_TIME})?", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class CredentialRecord:
    """What was sent, each field read by itself. ``faults`` are all that is wrong so far; a faulty field is empty."""

    username: str = ""
    password: str = field(default="", repr=False)
    context_id: str = ""
    role_name: str = ""
    expires_at: datetime | None = None
    faults: tuple[FieldError, ...] = ()

    @classmethod
    def parse(cls, data: Mapping[str, Any], *, twice: Collection[str] = ()) -> CredentialRecord:
        """Raises nothing: what only rows can tell (contact center, role) is judged with the rest, in one answer."""
        read = _Reading(data, MEMBERS, NEEDED, twice)
        name = read.text("username")
        if name and (":" in name or name != name.strip() or any(unicodedata.category(one) == "Cc" for one in name)):
            read.fault("username", "invalid", "Use no colon, no control characters, and no blank at either end.")
        password = read.text("password")
        read.faults += credential_password_faults(password) if password else []
        context = read.text("context")
        if context and context != CONTEXT:
            read.fault("context", "unknown", f"The context is {CONTEXT}.")
        return cls(
            username=name,
            password=password,
            context_id=read.text("contextId"),
            role_name=read.text("userRole"),
            expires_at=read.expiry(),
            faults=tuple(read.faults),
        )


@dataclass(frozen=True, slots=True)
class NewPassword:
    """The body of a rotation."""

    password: str = field(default="", repr=False)
    faults: tuple[FieldError, ...] = ()

    @classmethod
    def parse(cls, data: Mapping[str, Any], *, twice: Collection[str] = ()) -> NewPassword:
        """Raises nothing; see ``faults``."""
        read = _Reading(data, ("password",), ("password",), twice)
        password = read.text("password")
        read.faults += credential_password_faults(password) if password else []
        return cls(password, tuple(read.faults))


class _Reading:
    """Reads the members of one object and collects what is wrong with them."""

    def __init__(
        self, data: Mapping[str, Any], known: Collection[str], needed: Collection[str], twice: Collection[str]
    ) -> None:
        self.data = data
        self.faults: list[FieldError] = []
        self._needed = needed
        for key in data:
            if key not in known:
                self.fault(_shown(key), "unknown", "There is no such field.")
        for key in twice:
            self.fault(_shown(key), "duplicate", "This field stands here twice.")

    def fault(self, name: str, code: str, message: str) -> None:
        self.faults.append(FieldError(name, code, message))

    def text(self, name: str) -> str:
        """The text that was sent; "" when it is faulty, or not there."""
        value = self.data.get(name)
        if value is None or value == "":
            if name in self._needed or value == "":
                self.fault(name, "required", "This field is needed.")
            return ""
        if not isinstance(value, str):
            self.fault(name, "invalid", f'Write it as a text, in quotes: "{name}": "…".')
            return ""
        longest = _LONGEST.get(name)
        if longest and len(value) > longest:
            self.fault(name, "too_long", f"Use at most {longest} characters.")
            return ""
        return value

    def expiry(self) -> datetime | None:
        """``dateExpiry``; null counts as not sent."""
        sent = self.text("dateExpiry")
        try:
            return expiry_read(sent) if sent else None
        except ValidationRefused as refused:
            self.faults += refused.fields
            return None


def expiry_read(written: str) -> datetime:
    """An expiry as it is typed: ISO 8601 with its offset, kept to the millisecond, in UTC.

    Raises ValidationRefused naming ``dateExpiry``.
    """
    sent = written.upper()
    if _NAIVE.fullmatch(sent):
        words = "Tell the time zone, as Z or as an offset such as +05:30."
        raise ValidationRefused(fields=[FieldError("dateExpiry", "naive", words)])
    try:
        found = datetime.fromisoformat(sent if _MOMENT.fullmatch(sent) else "").astimezone(UTC)
    except (ValueError, OverflowError):
        words = "This is a time of ISO 8601, such as 2030-05-19T12:20:57.310Z."
        raise ValidationRefused(fields=[FieldError("dateExpiry", "invalid", words)]) from None
    return found.replace(microsecond=found.microsecond // 1000 * 1000)


def record_of(credential: BasicCredential) -> dict[str, Any]:
    """The stored record, never with the password; its contact center and role are read along."""
    center, role = credential.contact_center, credential.role
    return {
        "id": credential.pk,
        "username": credential.name,
        "context": CONTEXT,
        "contextId": str(center.number) if center else "",
        "userRole": role.name if role else "",
        "dateExpiry": _told(credential.expires_at) if credential.expires_at else None,
        "createdAt": _told(credential.created_at),
        "enabled": credential.enabled,
    }


def _told(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _shown(key: str) -> str:
    """A caller's key, short and printable, for our answer."""
    return key[:40].encode("ascii", "backslashreplace").decode("ascii")
