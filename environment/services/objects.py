"""The governed write of any configuration object: permission, validation, change row and stamps in one place."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any, TypeVar

from django.db import IntegrityError, transaction
from django.db.models import PROTECT, Model, ProtectedError, RestrictedError

from activity.services import change_record, contact_center_id_of, snapshot
from config.http.errors import InUse
from config.policy import governed_of, require
from config.tracking import Tracked
from environment.errors import NameTaken
from environment.services.stamps import restamp_all

M = TypeVar("M", bound=Model)

NAMES_TOLD = 5
"""How many of the rows that use a thing a refusal names."""
RECORDS_COUNTED = 1_000
"""Records are counted up to this many."""


def object_save(
    obj: M,
    *,
    many: Mapping[str, Iterable[Model]] | None = None,
    reason: str | None = None,
    also: Collection[str] = (),
) -> M:
    """Create or update a row, as the one who is asking; an update without a difference writes nothing at all.

    ``many`` is the whole new content of many-to-many fields. Fields that ``governed.unrecorded`` lists (stamps,
    counters) are left as the database has them, for this object may have been read long ago; ``also`` names those to
    write. Raises Forbidden unless both the old and the new row may be written, ValidationError by field, NameTaken
    when a rival was faster.
    """
    sets = {name: list(rows) for name, rows in (many or {}).items()}
    try:
        with transaction.atomic():
            old = _stored(obj)
            if old is not None:
                require("write", old)
            require("write", obj)
            obj.full_clean()
            if old is None:
                _create(obj, sets, reason)
            else:
                _update(obj, old, sets, reason, also)
            if sets:
                # What a row holds through others (roles of a group) can be judged only now; a refusal undoes it all.
                require("write", obj)
    except IntegrityError as rival:
        raise NameTaken(reason=str(rival)) from rival
    return obj


def object_delete(obj: Model, *, reason: str | None = None) -> None:
    """Delete a row, as the one who is asking. Raises Forbidden, or InUse naming what uses it."""
    with transaction.atomic():
        require("write", obj)
        # First the row itself, as those do who make rows that follow it: what is collected below stays as it is.
        list(type(obj)._default_manager.select_for_update().filter(pk=obj.pk).values_list("pk"))
        _refuse_members(obj)
        _refuse_records(obj)
        before = snapshot(obj)
        restamp_all([contact_center_id_of(obj)])
        change_record(action="delete", obj=obj, before=before, after={}, reason=reason)
        try:
            obj.delete()
        except (ProtectedError, RestrictedError) as used:
            raise in_use(obj, used) from used


def _refuse_members(obj: Model) -> None:
    """Rows that list it (many-to-many) would lose it silently: a client bound to this one contact center would then
    be for all of them.
    """
    by_kind: dict[str, list[str]] = {}
    for relation in obj._meta.related_objects:
        model: Any = relation.related_model
        if relation.many_to_many:
            names = [str(row) for row in model._base_manager.filter(**{relation.field.name: obj})[:100]]
            by_kind |= {str(model._meta.verbose_name_plural): names} if names else {}
    if by_kind:
        told = "; ".join(f"{kind} {_first(sorted(names))}" for kind, names in sorted(by_kind.items()))
        counts = {kind: len(names) for kind, names in by_kind.items()}
        raise InUse(f"{obj} is in use by {told}.", detail={"usedBy": counts})


def _refuse_records(obj: Model) -> None:
    """What happened there is asked for here: Django, to name them all, would read every row."""
    counts: dict[str, int] = {}
    for relation in protecting(type(obj)):
        if is_record(relation.related_model):
            rows = relation.related_model._base_manager.filter(**{relation.field.name: obj})
            counts[str(relation.related_model._meta.verbose_name_plural)] = rows[:RECORDS_COUNTED].count()
    used = {kind: number for kind, number in sorted(counts.items()) if number}
    if used:
        raise InUse(f"{obj} is in use by {', '.join(used)}.", detail={"usedBy": used})


def protecting(owner: type[Model]) -> list[Any]:
    """The relations that keep a row from being deleted, those without a name on its side too."""
    return [
        relation
        for relation in owner._meta.get_fields(include_hidden=True)
        if relation.auto_created and not relation.concrete and getattr(relation, "on_delete", None) is PROTECT
    ]


def is_record(model: type[Model]) -> bool:
    """Whether its rows tell what happened (``Governed.records``)."""
    return hasattr(model, "governed") and governed_of(model).records


def in_use(obj: Model, used: ProtectedError | RestrictedError) -> InUse:
    """The refusal that names what uses a thing, the first few of each kind by name."""
    return in_use_by(obj, used.protected_objects if isinstance(used, ProtectedError) else used.restricted_objects)


def in_use_by(obj: Model, rows: Iterable[Model]) -> InUse:
    """The refusal that names these rows."""
    by_kind: dict[str, list[str]] = {}
    for row in rows:
        by_kind.setdefault(str(row._meta.verbose_name_plural), []).append(str(row))
    told = "; ".join(f"{kind} {_first(sorted(names))}" for kind, names in sorted(by_kind.items()))
    counts = {kind: len(names) for kind, names in by_kind.items()}
    return InUse(f"{obj} is in use by {told}.", detail={"usedBy": counts})


def changed_fields(obj: Model, old: Model) -> list[str]:
    """Names of the concrete fields that the caller changed since he read ``obj``, and that differ from ``old`` now.

    ``old`` is the row as the database has it, locked: what others changed meanwhile is not the caller's to put back.
    """
    touched = obj.changed_since_read() if isinstance(obj, Tracked) else None
    return [
        field.name
        for field in obj._meta.concrete_fields
        if not (field.primary_key or getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False))
        and (touched is None or field.name in touched)
        and field.value_from_object(obj) != field.value_from_object(old)
    ]


def _create(obj: Model, many: Mapping[str, list[Model]], reason: str | None) -> None:
    restamp_all([contact_center_id_of(obj)])
    obj.save(force_insert=True)
    for name, rows in many.items():
        getattr(obj, name).set(rows)
    change_record(action="create", obj=obj, before={}, after=snapshot(obj), reason=reason)


def _update(obj: Model, old: Model, many: Mapping[str, list[Model]], reason: str | None, also: Collection[str]) -> None:
    governed = governed_of(obj)
    fields = [name for name in changed_fields(obj, old) if name not in governed.unrecorded or name in also]
    sets = {name: rows for name, rows in many.items() if _keys(rows) != _keys(getattr(old, name).all())}
    if not fields and not sets:
        return
    before = snapshot(old)
    restamp_all([contact_center_id_of(old), contact_center_id_of(obj)])
    if fields:
        obj.save(update_fields=[*fields, *_set_by_itself(obj)])
    for name, rows in sets.items():
        getattr(obj, name).set(rows)
    secret_changed = governed.secrets & set(fields)
    change_record(
        action="update", obj=obj, before=before, after=snapshot(obj), reason=reason, secret_changed=secret_changed
    )


def _stored(obj: M) -> M | None:
    """The row as the database has it now, locked; None for a new one."""
    if obj._state.adding or obj.pk is None:
        return None
    return type(obj)._default_manager.select_for_update().get(pk=obj.pk)


def _set_by_itself(obj: Model) -> list[str]:
    return [field.name for field in obj._meta.concrete_fields if getattr(field, "auto_now", False)]


def _keys(rows: Iterable[Model]) -> set[Any]:
    return {row.pk for row in rows}


def _first(names: list[str]) -> str:
    more = len(names) - NAMES_TOLD
    return ", ".join(names[:NAMES_TOLD]) + (f" and {more} more" if more > 0 else "")
