"""Contact centers and their domains, and the numbers they hand out."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Max, Value
from django.db.models.functions import Lower

from activity.models import Change
from activity.services import change_record, snapshot
from config.context import current
from config.http.errors import Forbidden, NotFound
from config.policy import require
from environment.errors import rivals_told
from environment.models import ContactCenter, Domain, Option
from environment.services.environments import environment_require
from environment.services.objects import changed_fields, object_delete
from environment.services.options import option_snapshot
from environment.services.stamps import restamp

HIGHEST_NUMBER = 1_000_000_000
"""The highest number that is given by hand: the next ones must fit into the column too."""
_OF_THE_INSTALLATION = ("number", "environment_id", "auth", "enabled")
"""Fields that only administrators of the installation change, as are domains."""
_DBIDS = "UPDATE environment_contactcenter SET next_dbid = next_dbid + %s WHERE id = %s RETURNING next_dbid"


def contact_center_create(
    *,
    name: str,
    id: UUID | None = None,  # noqa: A002 - the field's own word
    number: int | None = None,
    domains: Sequence[str] = (),
    environment_id: UUID | None = None,
    auth: str = ContactCenter.Auth.CONFIG_SERVER,
    enabled: bool = True,
    made_by_demo: bool = False,
    reason: str | None = None,
) -> ContactCenter:
    """Create a contact center. Without a number it gets the next one; ``environment_id`` defaults to
    its id, as in Genesys' private edition. Raises ValidationError by field, Forbidden, NameTaken (id, number, domains)
    when a rival was faster.
    """
    key = id or uuid4()
    with rivals_told(lambda: _rivals_field(key)), transaction.atomic():
        contact_center = ContactCenter(
            id=key,
            number=number if number is not None else next_number(),
            name=name,
            environment_id=environment_id or key,
            auth=auth,
            enabled=enabled,
            made_by_demo=made_by_demo,
        )
        _require_installation("contact centers are made")
        _require_room_above(number)
        require("write", contact_center)
        contact_center.full_clean()
        environment_require(contact_center.environment_id, of=key)
        contact_center.save(force_insert=True)
        _domains_set(contact_center, list(domains))
        change_record(action="create", obj=contact_center, before={}, after=_snapshot(contact_center), reason=reason)
    return contact_center


def contact_center_update(
    contact_center: ContactCenter, *, domains: Sequence[str] | None = None, reason: str | None = None, **changes: Any
) -> ContactCenter:
    """Change fields of a contact center by name, and its domains as a whole, in order. Writes nothing when all is the
    same. Its own administrators change its name only. Raises ValidationError by field, Forbidden, NotFound, NameTaken
    (number, domains) when a rival was faster.
    """
    with rivals_told("number"), transaction.atomic():
        old = ContactCenter.objects.select_for_update().filter(pk=contact_center.pk).first()
        if old is None:
            raise NotFound("There is no such contact center.")
        require("write", old)
        for name, value in changes.items():
            setattr(contact_center, name, value)
        before = _snapshot(old)
        left_alone = contact_center.governed.unrecorded
        fields = [name for name in changed_fields(contact_center, old) if name not in left_alone]
        renamed = domains is not None and list(domains) != before["domains"]
        if not fields and not renamed:
            return contact_center
        # Before the values are judged: that a number or domain is taken is not everybody's to learn.
        if renamed or set(fields) & set(_OF_THE_INSTALLATION):
            _require_installation("number, domains and state of a contact center are set")
        contact_center.full_clean()
        if "number" in fields:
            _require_room_above(contact_center.number)
        if "environment_id" in fields:
            environment_require(contact_center.environment_id, of=contact_center.pk)
        restamp(contact_center.pk)
        if fields:
            contact_center.save(update_fields=fields)
        if renamed and domains is not None:
            _domains_set(contact_center, list(domains))
        change_record(
            action="update", obj=contact_center, before=before, after=_snapshot(contact_center), reason=reason
        )
    return contact_center


def contact_center_delete(contact_center: ContactCenter, *, reason: str | None = None) -> None:
    """Delete a contact center with its domains and options.

    Raises InUse while users, roles, … are there, or something is bound to it: an API client bound to none would serve
    all. Raises Forbidden.
    """
    with transaction.atomic():
        _require_installation("contact centers are deleted")
        if not ContactCenter.objects.select_for_update().filter(pk=contact_center.pk).exists():
            raise NotFound("There is no such contact center.")
        for option in Option.objects.filter(contact_center=contact_center).select_related("contact_center"):
            change_record(action="delete", obj=option, before=option_snapshot(option), after={}, reason=reason)
        object_delete(contact_center, reason=reason)


def _require_room_above(number: int | None) -> None:
    if number is not None and number > HIGHEST_NUMBER:
        raise ValidationError({"number": f"A number is at most {HIGHEST_NUMBER}."})


def next_number() -> int:
    """A number that no contact center has, nor had as far as the change log goes back."""
    highest = ContactCenter.objects.aggregate(highest=Max("number"))["highest"] or 0
    deleted = Change.objects.filter(object_type=ContactCenter.governed.object_type, action=Change.Action.DELETE)
    befores = deleted.values_list("before", flat=True)
    return max([highest, *(before.get("number") or 0 for before in befores)]) + 1


def next_dbid(contact_center_id: UUID, *, count: int = 1) -> int:
    """Take ``count`` DBIDs of a contact center and return the first; one statement, so no two callers get the same.

    A taken number is never given again, also when its user was never made.
    """
    with connection.cursor() as cursor:
        cursor.execute(_DBIDS, [count, ContactCenter._meta.pk.get_db_prep_value(contact_center_id, connection)])
        rows = cursor.fetchall()
    if not rows:
        raise ContactCenter.DoesNotExist(f"No contact center {contact_center_id}.")
    return int(rows[0][0]) - count


def _domains_set(contact_center: ContactCenter, names: list[str]) -> None:
    """Give it exactly these domains, in this order; rows that stay in place stay the same rows."""
    # Not ``contact_center.domains``: callers prefetch them, before the contact center is locked.
    now = list(Domain.objects.filter(contact_center=contact_center))
    kept = 0
    while kept < min(len(now), len(names)) and now[kept].name == names[kept]:
        kept += 1
    if len({name.casefold() for name in names}) < len(names):
        raise ValidationError({"domains": "A domain stands here twice."})
    Domain.objects.filter(pk__in=[domain.pk for domain in now[kept:]]).delete()
    faults: list[ValidationError] = []
    for name in names[kept:]:
        domain = Domain(contact_center=contact_center, name=name)
        try:
            domain.clean_fields()
            _require_free(name)
            # NameTaken leaves the callers' transaction, which alone a lost INSERT would spoil on PostgreSQL.
            with rivals_told("domains"):
                domain.save(force_insert=True)
        except ValidationError as error:
            faults.extend(ValidationError(f"{name}: {' '.join(one.messages)}", code=one.code) for one in _each(error))
    if faults:
        raise ValidationError({"domains": faults})


def _rivals_field(key: UUID) -> str:
    """What a rival took of a contact center that could not be made: its id, or else its number."""
    return "id" if ContactCenter.objects.filter(pk=key).exists() else "number"


def _require_free(name: str) -> None:
    if Domain.objects.alias(lowered=Lower("name")).filter(lowered=Lower(Value(name))).exists():
        raise ValidationError("Name is taken.", code="unique")


def _each(error: ValidationError) -> list[ValidationError]:
    by_field = error.error_dict.values() if hasattr(error, "error_dict") else [error.error_list]
    return [one for listed in by_field for one in listed]


def _snapshot(contact_center: ContactCenter) -> dict[str, Any]:
    domains = Domain.objects.filter(contact_center=contact_center)
    return snapshot(contact_center) | {"domains": list(domains.values_list("name", flat=True))}


def _require_installation(what: str) -> None:
    principal = current().principal
    if not principal.everywhere:
        raise Forbidden(
            f"Only administrators of the installation may do this: {what} by them.",
            reason=f"{principal.kind} {principal.name} has rights in some contact centers only",
        )
