"""What the demo made: found by the field ``made_by_demo``, taken away as a whole, refused in production."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.exceptions import FieldDoesNotExist
from django.db import transaction
from django.db.models import Model, ProtectedError, QuerySet

from activity.services import change_record, snapshot
from config.policy import require
from environment.models import Application, ContactCenter, Installation, Option
from environment.services.installation import installation_note_demo
from environment.services.objects import in_use, is_record, protecting
from environment.services.options import option_snapshot
from environment.services.stamps import restamp_all, restamping_once

_FLAG = "made_by_demo"
_SLICE = 1_000
"""Records deleted at once: there may be any number."""


@dataclass(frozen=True, slots=True)
class Records:
    """What happened at the demo's applications, of one kind."""

    rows: QuerySet[Any]

    def __str__(self) -> str:
        names = self.rows.model._meta
        count = self.rows.count()
        return f"{count:,} {names.verbose_name if count == 1 else names.verbose_name_plural}"


def demo_models() -> list[type[Model]]:
    """Every model whose rows say whether the demo made them."""
    return [model for model in apps.get_models() if _has_flag(model)]


def demo_rows() -> list[Model]:
    """The rows that the demo's files made."""
    return [row for model in demo_models() for row in model._default_manager.filter(**{_FLAG: True})]


def demo_remains() -> list[Model]:
    """What ``demo_remove`` takes away: the demo's rows, all that lies in its contact centers, its installation options.

    What follows its owner by itself (sessions, tokens, domains) is not listed; records of what happened stay.
    """
    rows = {(type(row), row.pk): row for row in demo_rows() if not isinstance(row, Installation)}
    for owner in (ContactCenter, Application):
        for row in _inside(owner, [row.pk for row in rows.values() if isinstance(row, owner)]):
            rows.setdefault((type(row), row.pk), row)
    if Installation.objects.filter(made_by_demo=True).exists():
        for option in Option.objects.filter(application=None, contact_center=None):
            rows.setdefault((Option, option.pk), option)
    return list(rows.values())


def demo_records(remains: list[Model]) -> list[Records]:
    """What was recorded at the applications among ``remains``, in the order in which it can be deleted."""
    ids = [row.pk for row in remains if isinstance(row, Application)]
    found = [
        relation.related_model._default_manager.filter(**{f"{relation.field.name}__in": ids})
        for relation in protecting(Application)
        if is_record(relation.related_model)
    ]
    by_model = {rows.model: rows for rows in found if rows.exists()} if ids else {}
    ordered: list[Records] = []
    while by_model:
        free = [model for model in by_model if not any(_names(other, model) for other in by_model if other != model)]
        # Kinds that name each other have no order; what the database cannot bear it refuses.
        ordered += [Records(by_model.pop(model)) for model in free or list(by_model)]
    return ordered


def demo_remove() -> list[Model]:
    """Delete ``demo_remains`` and their ``demo_records``, all or nothing, and return the former (unsaved).

    Raises InUse, Forbidden.
    """
    require("administer", Installation)
    rows = demo_remains()
    with transaction.atomic(), restamping_once():
        restamp_all([None, *ContactCenter.objects.values_list("pk", flat=True)])
        for records in demo_records(rows):
            _delete_records(records.rows)
        waiting = list(rows)
        while waiting:
            waiting = _delete_what_can_be(waiting)
        installation_note_demo(made_by_demo=False)
    return rows


def start_faults() -> list[str]:
    """Why a production server must not start on this database: the passwords of the demo's rows are in its manual."""
    if settings.DESKGATE_MODE != "production":
        return []
    names = [f"{row._meta.verbose_name} {row}" for row in demo_rows()]
    if not names:
        return []
    return [f"The demo made these rows: {', '.join(names)}. Delete them: manage.py demo_remove"]


def _delete_what_can_be(rows: list[Model]) -> list[Model]:
    """Delete the rows that nothing protects any more; return the others. Raises InUse when there is no way on."""
    left: list[Model] = []
    last: ProtectedError | None = None
    for row in rows:
        try:
            _delete(row)
        except ProtectedError as used:
            left.append(row)
            last = used
    if last is not None and len(left) == len(rows):
        raise in_use(left[-1], last) from last
    return left


def _delete(row: Model) -> None:
    current = type(row)._default_manager.filter(pk=row.pk).first()
    if current is None:
        return  # went with its owner
    before = option_snapshot(current) if isinstance(current, Option) else snapshot(current)
    with transaction.atomic():
        change_record(action="delete", obj=current, before=before, after={}, reason="demo_remove")
        current.delete()


def _inside(owner: type[Model], ids: list[Any]) -> Iterator[Model]:
    """What keeps contact centers (or applications) from being deleted, and their options, whose deletion is news."""
    held_by = "owner__in" if owner is ContactCenter else "application__in"
    yield from Option.objects.filter(**{held_by: ids})
    for relation in owner._meta.related_objects:
        if relation.many_to_many:
            rows: Any = relation.related_model._default_manager
            # What is bound to others too stays, bound to those.
            elsewhere = owner._default_manager.exclude(pk__in=ids)
            name = relation.field.name
            yield from rows.filter(**{f"{name}__in": ids}).exclude(**{f"{name}__in": elsewhere}).distinct()
    for relation in protecting(owner):
        if not is_record(relation.related_model):
            yield from relation.related_model._default_manager.filter(**{f"{relation.field.name}__in": ids})


def _names(model: type[Model], other: type[Model]) -> bool:
    return any(field.related_model is other for field in model._meta.concrete_fields)


def _delete_records(rows: QuerySet[Any]) -> None:
    """In slices, so that neither rows nor what follows them is ever in memory as a whole."""
    rows = rows.order_by("pk")
    while keys := list(rows.values_list("pk", flat=True)[:_SLICE]):
        rows.model._default_manager.filter(pk__in=keys).delete()
        # Reading on from here passes by the dead, which the database still has until the end.
        rows = rows.filter(pk__gt=keys[-1])


def _has_flag(model: type[Model]) -> bool:
    try:
        model._meta.get_field(_FLAG)
    except FieldDoesNotExist:
        return False
    return True
