"""What the demo made: found by the field ``made_by_demo``, taken away as a whole, refused in production."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.exceptions import FieldDoesNotExist
from django.db import transaction
from django.db.models import PROTECT, Model, ProtectedError

from activity.services import change_record, snapshot
from config.policy import require
from environment.models import ContactCenter, Installation, Option
from environment.services.installation import installation_note_demo
from environment.services.objects import in_use
from environment.services.options import option_snapshot
from environment.services.stamps import restamp_all, restamping_once

_FLAG = "made_by_demo"


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
    homes = [row.pk for row in rows.values() if isinstance(row, ContactCenter)]
    for row in _inside(homes):
        rows.setdefault((type(row), row.pk), row)
    if Installation.objects.filter(made_by_demo=True).exists():
        for option in Option.objects.filter(application=None, contact_center=None):
            rows.setdefault((Option, option.pk), option)
    return list(rows.values())


def demo_remove() -> list[Model]:
    """Delete ``demo_remains``, all or nothing, and return them (unsaved). Raises InUse, Forbidden."""
    require("administer", Installation)
    rows = demo_remains()
    with transaction.atomic(), restamping_once():
        restamp_all([None, *ContactCenter.objects.values_list("pk", flat=True)])
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


def _inside(contact_center_ids: list[Any]) -> Iterator[Model]:
    """What keeps contact centers from being deleted, and their options, whose deletion is news."""
    yield from Option.objects.filter(owner__in=contact_center_ids)
    for relation in ContactCenter._meta.related_objects:
        rows: Any = relation.related_model._default_manager
        name = relation.field.name
        if relation.many_to_many:
            # What is bound to other contact centers too stays, bound to those.
            elsewhere = ContactCenter.objects.exclude(pk__in=contact_center_ids)
            bound = rows.filter(**{f"{name}__in": contact_center_ids}).exclude(**{f"{name}__in": elsewhere})
            yield from bound.distinct()
        elif getattr(relation, "on_delete", None) is PROTECT:
            yield from rows.filter(**{f"{name}__in": contact_center_ids})


def _has_flag(model: type[Model]) -> bool:
    try:
        model._meta.get_field(_FLAG)
    except FieldDoesNotExist:
        return False
    return True
