"""The form that registers a Basic credential on the page /configuration/token: REST's rules, told at its fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from django.core.exceptions import ValidationError

from accounts.credential_records import CONTEXT, CredentialRecord
from accounts.models import BasicCredential
from accounts.services.credentials import credential_expiry, password_generate
from accounts.services.registration import credential_register
from config.http.authorization import basic_header
from config.http.errors import Refusal
from config.http.translation import refusal_of
from environment.models import ContactCenter

_FIELDS = {
    "username": "username", "name": "username", "password": "password", "userRole": "role", "role": "role",
    "dateExpiry": "expires", "expires_at": "expires",
}  # fmt: skip
"""Names of the record and of the model → names of the form."""


@dataclass(frozen=True, slots=True)
class Registered:
    """A credential just made; ``generated`` says that nobody typed its password. Shown on one page, kept nowhere."""

    credential: BasicCredential
    password: str = field(repr=False)
    generated: bool

    @property
    def header(self) -> str:
        """The line for a script."""
        return basic_header(self.credential.name, self.password)


@dataclass(frozen=True, slots=True)
class RegisterForm:
    """What was typed, but for the password, and what is wrong with it by field ("other": with no field of the form)."""

    username: str = ""
    role: str = ""
    expires: str = ""
    errors: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    is_sent: bool = False

    @classmethod
    def empty(cls, contact_center: ContactCenter) -> RegisterForm:
        """The form as it is first shown: the usual expiry stands there, in minutes of UTC as browsers send it."""
        return cls(expires=credential_expiry(contact_center.pk).strftime("%Y-%m-%dT%H:%M"))

    @classmethod
    def typed(cls, sent: Mapping[str, str]) -> RegisterForm:
        """What a browser sent."""
        return cls(sent.get("username", ""), sent.get("role", ""), sent.get("expires", ""), is_sent=True)

    def register(self, *, password: str, contact_center: ContactCenter) -> Registered | RegisterForm:
        """The credential; or this form with every fault, when something is refused. Empty password: a generated one."""
        plain = password or password_generate()
        sent = {
            "username": self.username,
            "password": plain,
            "context": CONTEXT,
            "contextId": str(contact_center.number),
            "userRole": self.role,
        }
        if self.expires:
            # The form says UTC beside the field.
            sent["dateExpiry"] = f"{self.expires}Z"
        try:
            made = credential_register(CredentialRecord.parse(sent))
        except (Refusal, ValidationError) as fault:
            told = _by_field(refusal_of(fault))
            if password:
                # The page does not echo it; left empty, another one would be made up in its place.
                told["password"] = (*told.get("password", ()), "Type the password again.")
            return replace(self, errors=told)
        return Registered(made, plain, generated=not password)


def _by_field(refused: Refusal) -> dict[str, tuple[str, ...]]:
    if not refused.fields:
        return {"other": (refused.message,)}
    told: dict[str, tuple[str, ...]] = {}
    for fault in refused.fields:
        name = _FIELDS.get(fault.field, "other")
        told[name] = (*told.get(name, ()), fault.message)
    return told
