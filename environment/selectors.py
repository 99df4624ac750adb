"""What this room tells: the stamps under which others cache, and contact centers by what people type."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.db.models import Value
from django.db.models.functions import Lower

from config.context import current
from config.http.members import number_of, uuid_of
from environment.models import Application, ContactCenter, Domain, Option

_UNREMEMBERED = "stamps:off"
_STAMPS = """
    SELECT i.epoch, i.config_stamp, c.config_stamp, c.enabled
    FROM environment_installation i LEFT JOIN environment_contactcenter c ON c.id = %s
    WHERE i.id = 1
"""


class Stamps(NamedTuple):
    """What caches compare for equality. Without a contact center, or with an unknown one, its stamp is None."""

    installation_epoch: int
    installation_stamp: int
    contact_center_stamp: int | None
    contact_center_enabled: bool


def stamps_of(contact_center_id: UUID | None) -> Stamps:
    """The stamps of this moment, in one statement; remembered within a request, never beyond it.

    Read them before the rows that they cover.
    """
    memo = current().memo
    kept: Stamps | None = memo.get(f"stamps:{contact_center_id}")
    if kept is not None:
        return kept
    stamps = _read(contact_center_id)
    remember_stamps(stamps, contact_center_id)
    return stamps


def remember_stamps(stamps: Stamps, contact_center_id: UUID | None) -> None:
    """Let the rest of this request believe these stamps; the bearer statement reads them beside the token."""
    memo = current().memo
    if _UNREMEMBERED in memo:
        return
    memo[f"stamps:{contact_center_id}"] = stamps
    memo.setdefault("stamps:None", Stamps(stamps.installation_epoch, stamps.installation_stamp, None, False))


def forget_stamps() -> None:
    """From here on this request reads stamps anew each time: it changed some, and its transaction may still fail."""
    memo = current().memo
    for key in [key for key in memo if key.startswith("stamps:")]:
        del memo[key]
    memo[_UNREMEMBERED] = True


def contact_center_of_domain(name: str) -> ContactCenter | None:
    """The contact center that has this domain, in any case; enabled or not."""
    if "\x00" in name:
        return None
    domains = Domain.objects.alias(lowered=Lower("name")).filter(lowered=Lower(Value(name)))
    domain = domains.select_related("contact_center").first()
    return domain.contact_center if domain else None


def contact_center_called(text: str) -> ContactCenter | None:
    """The contact center of this id, or of this number in its one spelling; enabled or not."""
    number, key = number_of(text), uuid_of(text)
    if number is not None and text == str(number):
        return ContactCenter.objects.filter(number=number).first()
    return ContactCenter.objects.filter(pk=key).first() if key else None


def only_contact_center() -> ContactCenter | None:
    """The contact center of an installation that has exactly one: there a bare user name is enough."""
    first_two = list(ContactCenter.objects.order_by("number")[:2])
    return first_two[0] if len(first_two) == 1 else None


def options_at(holder: Application | ContactCenter | None) -> list[Option]:
    """The options set at this very holder (None: the installation), by section and name."""
    rows = Option.objects.filter(
        application=holder if isinstance(holder, Application) else None,
        contact_center=holder if isinstance(holder, ContactCenter) else None,
    )
    return list(rows.select_related("application", "contact_center").order_by("section", "name"))


_tenants: dict[UUID, tuple[int | None, str]] = {}


def tenant_name(contact_center_id: UUID) -> str:
    """What people of this contact center type before the backslash: its first domain, else its number."""
    stamp = stamps_of(contact_center_id).contact_center_stamp
    known = _tenants.get(contact_center_id)
    if known and known[0] == stamp:
        return known[1]
    row = ContactCenter.objects.prefetch_related("domains").filter(pk=contact_center_id).first()
    first = next(iter(row.domains.all()), None) if row else None
    name = first.name if first else str(row.number) if row else str(contact_center_id)
    _tenants[contact_center_id] = (stamp, name)
    return name


def _read(contact_center_id: UUID | None) -> Stamps:
    key = None if contact_center_id is None else ContactCenter._meta.pk.get_db_prep_value(contact_center_id, connection)
    with connection.cursor() as cursor:
        cursor.execute(_STAMPS, [key])
        row = cursor.fetchone()
    if row is None:
        raise ImproperlyConfigured("The installation row is missing: run `manage.py migrate`.")
    return Stamps(int(row[0]), int(row[1]), None if row[2] is None else int(row[2]), bool(row[3]))
