"""``manage.py basicauth``: Basic credentials from a shell: made, rotated, switched off and on, listed."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from accounts.credential_records import expiry_read
from accounts.models import BasicCredential
from accounts.selectors import role_called
from accounts.services.credentials import (
    credential_create,
    credential_expiry,
    credential_rotate,
    credential_update,
    password_generate,
)
from accounts.services.registration import expiry_faults
from config.http.authorization import basic_header
from config.http.errors import Refusal, ValidationRefused
from config.http.translation import refusal_of
from environment.models import ContactCenter
from environment.selectors import contact_center_called, contact_center_of_domain, tenant_name

_OPTIONS = {
    "name": "NAME", "role": "--role", "contact_center": "--contact-center", "expires_at": "--expires",
    "dateExpiry": "--expires", "source_networks": "--source-network", "password": "--password-stdin", "": "NAME",
}  # fmt: skip
"""Where each field came from. What the model tells of no field is its one constraint: the name, once in any case."""
_CENTER = "its domain (t100), number or id"
_COLUMNS = ("name", "contact center", "role", "state", "expires", "last used")


class Command(BaseCommand):
    """Everything by the services that the admin and REST use; nothing half-written. Exit code 1 for a refusal."""

    help = (
        "Basic credentials: manage.py basicauth add NAME --contact-center t100 --role Administrator, or add NAME "
        "--installation for an ops credential; rotate NAME; disable NAME; enable NAME; list. A generated password is "
        "printed once, with the header line for a script."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """One verb each."""
        verbs = parser.add_subparsers(dest="verb", required=True, metavar="add|rotate|disable|enable|list")
        add = verbs.add_parser("add", help="make one")
        add.add_argument("name")
        where = add.add_mutually_exclusive_group(required=True)
        where.add_argument("--contact-center", help=_CENTER)
        where.add_argument("--installation", action="store_true", help="an ops credential, good everywhere")
        add.add_argument("--role", help="name of a role of the contact center, or of a shared one")
        ends = add.add_mutually_exclusive_group()
        ends.add_argument("--expires", help="ISO 8601 with offset, such as 2030-05-19T12:20:57Z; default: the option's")
        ends.add_argument("--never", action="store_true", help="it never expires; so does an ops credential")
        add.add_argument("--source-network", action="append", default=[], help="where it may come from; repeatable")
        rotate = verbs.add_parser("rotate", help="give it another password")
        for one in (add, rotate):
            one.add_argument("--password-stdin", action="store_true", help="read it from standard input, first line")
        for verb, what in (("disable", "refuse it from the next call on"), ("enable", "take it again")):
            verbs.add_parser(verb, help=what)
        for one in (rotate, verbs.choices["disable"], verbs.choices["enable"]):
            one.add_argument("name")
        for one in (add, rotate, verbs.choices["disable"], verbs.choices["enable"]):
            one.add_argument("--reason", default="", help="kept in the change log")
        listing = verbs.add_parser("list", help="all of them, without secrets")
        listing.add_argument("--format", choices=("table", "json"), default="table")
        listing.add_argument("--contact-center", help=_CENTER)
        listing.add_argument("--expired", action="store_true", help="only those that have expired")

    def handle(self, *args: Any, verb: str, **options: Any) -> None:
        """Raises CommandError naming the option that is wrong."""
        verbs: dict[str, Callable[[dict[str, Any]], None]] = {
            "add": self._add,
            "rotate": self._rotate,
            "disable": lambda options: self._switch(options, enabled=False),
            "enable": lambda options: self._switch(options, enabled=True),
            "list": self._list,
        }
        with _faults_told():
            verbs[verb](options)

    def _add(self, options: dict[str, Any]) -> None:
        center = _center(options["contact_center"]) if options["contact_center"] else None
        if center and not center.enabled:
            raise CommandError(f"--contact-center: {center} is disabled.")
        if center is None and options["role"]:
            raise CommandError("--role: an ops credential has none.")
        if center and not options["role"]:
            raise CommandError("--role: a credential of a contact center needs a role.")
        credential = BasicCredential(
            name=options["name"],
            contact_center=center,
            role=_role(options["role"], center) if center else None,
            expires_at=_expiry(options, center),
            source_networks=options["source_network"],
        )
        plain, generated = self._password(options)
        credential_create(credential, password=plain, reason=options["reason"] or None)
        self.stdout.write(f"Basic credential {credential} was added: {_about(credential)}.")
        self._tell(credential, plain, generated=generated)

    def _rotate(self, options: dict[str, Any]) -> None:
        credential = _credential(options["name"])
        plain, generated = self._password(options)
        credential_rotate(credential, password=plain, reason=options["reason"] or None)
        self.stdout.write(f"Basic credential {credential} has another password: the old one is refused.")
        self._tell(credential, plain, generated=generated)

    def _switch(self, options: dict[str, Any], *, enabled: bool) -> None:
        credential = _credential(options["name"])
        word = "enabled" if enabled else "disabled"
        if credential.enabled == enabled:
            self.stdout.write(f"Basic credential {credential} was {word} before.")
            return
        credential.enabled = enabled
        credential_update(credential, reason=options["reason"] or None)
        self.stdout.write(f"Basic credential {credential} is {word}.")

    def _list(self, options: dict[str, Any]) -> None:
        rows = BasicCredential.objects.select_related("contact_center", "role").order_by("name")
        if options["contact_center"]:
            rows = rows.filter(contact_center=_center(options["contact_center"]))
        if options["expired"]:
            rows = rows.filter(expires_at__lte=timezone.now())
        if options["format"] == "json":
            self.stdout.write(json.dumps([_record(row) for row in rows], indent=2, ensure_ascii=False))
            return
        lines = [_COLUMNS, *(_cells(row) for row in rows)]
        widths = [max(len(line[column]) for line in lines) for column in range(len(_COLUMNS))]
        for line in lines:
            self.stdout.write("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())

    def _password(self, options: dict[str, Any]) -> tuple[str, bool]:
        """The password, and whether it was generated."""
        if not options["password_stdin"]:
            return password_generate(), True
        return sys.stdin.readline().rstrip("\r\n"), False

    def _tell(self, credential: BasicCredential, plain: str, *, generated: bool) -> None:
        """A generated password and its header; who typed one knows it."""
        if generated:
            self.stdout.write(f"Password (shown once): {plain}")
            self.stdout.write(basic_header(credential.name, plain))


@contextmanager
def _faults_told() -> Iterator[None]:
    """A service's refusal by the options that were typed."""
    try:
        yield
    except (Refusal, ValidationError) as fault:
        refusal = refusal_of(fault)
        told = [f"{_OPTIONS.get(one.field, one.field)}: {one.message}" for one in refusal.fields]
        raise CommandError("\n".join(told) or refusal.message) from None


def _center(text: str) -> ContactCenter:
    found = contact_center_called(text) or contact_center_of_domain(text)
    if found is None:
        raise CommandError(f"--contact-center: there is no contact center {text}.")
    return found


def _role(name: str, center: ContactCenter) -> Any:
    role = role_called(name, center)
    if role is None:
        raise CommandError(f"--role: there is no role {name} in {center}, and no shared one.")
    return role


def _credential(name: str) -> BasicCredential:
    found = BasicCredential.named(name).first()
    if found is None:
        raise CommandError(f"NAME: there is no Basic credential {name}.")
    return found


def _expiry(options: dict[str, Any], center: ContactCenter | None) -> datetime | None:
    """What was asked; else never for an ops credential, and the option's default in a contact center."""
    if options["never"] or (center is None and not options["expires"]):
        return None
    if not options["expires"]:
        return credential_expiry(center.pk) if center else None
    ends = expiry_read(options["expires"])
    faults = expiry_faults(ends, center)
    if faults:
        raise ValidationRefused(fields=faults)
    return ends


def _record(row: BasicCredential) -> dict[str, Any]:
    center = row.contact_center
    return {
        "id": row.pk,
        "name": row.name,
        "contactCenter": {"id": str(center.pk), "number": center.number, "name": center.name} if center else None,
        "role": row.role.name if row.role else None,
        "enabled": row.enabled,
        "expires": row.expires_at.isoformat() if row.expires_at else None,
        "lastUsed": row.last_used_at.isoformat() if row.last_used_at else None,
        "created": row.created_at.isoformat(),
        "sourceNetworks": row.source_networks,
    }


def _cells(row: BasicCredential) -> tuple[str, ...]:
    expired = row.expires_at is not None and row.expires_at <= timezone.now()
    return (
        row.name,
        tenant_name(row.contact_center_id) if row.contact_center_id else "(ops)",
        row.role.name if row.role else "",
        "disabled" if not row.enabled else "expired" if expired else "active",
        _minute(row.expires_at) or "never",
        _minute(row.last_used_at) or "never",
    )


def _about(row: BasicCredential) -> str:
    where = f"{row.role} of {row.contact_center}" if row.contact_center else "operations, the whole installation"
    return f"{where}, expires {_minute(row.expires_at) or 'never'}"


def _minute(moment: datetime | None) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC") if moment else ""
