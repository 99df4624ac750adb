"""Every write of this room: change rows and security events. Nobody edits one."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any, Literal, TypeAlias
from uuid import UUID

import structlog
from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import Field, ForeignKey, JSONField, Model

from activity.models import Change, SecurityEvent
from config.context import current
from config.policy import governed_of

Json: TypeAlias = dict[str, Any]

SECRET_SET = "set"  # noqa: S105
SECRET_CHANGED = "changed"  # noqa: S105

_log = structlog.get_logger("deskgate.activity")


def snapshot(obj: Model) -> Json:
    """What a change row keeps of an object: field name → JSON value.

    Secrets are only "set" or "", foreign keys and many-to-many are names, fields that ``governed.unrecorded`` lists
    and those that Django makes itself (the key, times of creation) are left out.
    """
    governed = governed_of(obj)
    taken: Json = {}
    for field in obj._meta.concrete_fields:
        if field.name in governed.unrecorded or _is_automatic(field):
            continue
        if field.name in governed.secrets:
            taken[field.name] = SECRET_SET if field.value_from_object(obj) else ""
        else:
            taken[field.name] = _plain(obj, field)
    if not obj._state.adding:
        for many in obj._meta.many_to_many:
            if many.name not in governed.unrecorded:
                taken[many.name] = sorted(str(one) for one in getattr(obj, many.name).all())
    return taken


def change_record(
    *,
    action: Literal["create", "update", "delete"],
    obj: Model,
    before: Json,
    after: Json,
    contact_center_id: UUID | None = None,
    reason: str | None = None,
    secret_changed: Collection[str] = (),
) -> Change | None:
    """Write one change row; return None and write nothing when an update changed nothing.

    ``before`` and ``after`` are snapshots (the missing one of a create or delete is ``{}``); of an update only the
    differing fields are kept. ``secret_changed`` names secret fields that hold another value than before, which the
    snapshots cannot tell. Call it before a delete: afterwards the object has no key. Who, where from, request,
    operation and (unless given) reason come from ``config.context``.
    """
    if action == "update":
        before, after = _differing(before, after, secret_changed)
        if not before and not after:
            return None
    context = current()
    return Change.objects.create(
        **_who_and_where(contact_center_id or contact_center_id_of(obj)),
        action=action,
        object_type=governed_of(obj).object_type,
        object_id=_text(str(obj.pk), 64),
        object_name=_text(str(obj), 512),
        before=_clean(before),
        after=_clean(after),
        reason=_text(context.reason if reason is None else reason, 500),
        operation_id=_text(context.operation_id, 128),
    )


def event_record(
    *,
    name: str,
    outcome: Literal["ok", "refused"] = "ok",
    refusal: str = "",
    user_name: str = "",
    client_id: str = "",
    contact_center_id: UUID | None = None,
    detail: Json | None = None,
) -> None:
    """Write one security event and one log line. ``refusal`` is the inner reason, which no public answer tells.

    The texts may be whatever a stranger typed: they are cut to the columns and cleaned of what a store refuses.
    """
    event = SecurityEvent(
        **_who_and_where(contact_center_id),
        name=_text(name, 64),
        outcome=outcome,
        refusal=_text(refusal, 300),
        user_name=_text(user_name, 512),
        client_id=_text(client_id, 255),
        detail=_clean(detail or {}),
    )
    event.save(force_insert=True)
    told = {"refusal": event.refusal, "user_name": event.user_name, "client_id": event.client_id}
    _log.info(
        "security event",
        security_event=event.name,
        outcome=outcome,
        actor=f"{event.actor_kind} {event.actor_name}",
        address=event.address,
        **{key: value for key, value in told.items() if value},
    )


def contact_center_id_of(obj: Model) -> UUID | None:
    """The contact center an object belongs to, by the lookup its model declares; None: the installation's."""
    found: Any = obj
    path = governed_of(obj).contact_center
    for step in path.split("__") if path else ():
        found = getattr(found, step, None)
    return found if path and isinstance(found, UUID) else None


def _who_and_where(contact_center_id: UUID | None) -> dict[str, Any]:
    context = current()
    return {
        "request_id": _text(context.request_id, 128),
        "actor_kind": context.principal.kind,
        "actor_name": _text(context.principal.name, 512),
        "address": _text(context.address, 64),
        "contact_center_id": contact_center_id,
    }


def _is_automatic(field: Field[Any, Any]) -> bool:
    return field.primary_key or getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False)


def _plain(obj: Model, field: Field[Any, Any]) -> Any:
    if isinstance(field, ForeignKey):
        related = getattr(obj, field.name)
        return None if related is None else str(related)
    value = field.value_from_object(obj)
    if value is None or isinstance(value, (bool, int, str)) or isinstance(field, JSONField):
        return value
    return json.loads(json.dumps(value, cls=DjangoJSONEncoder))


def _differing(before: Json, after: Json, secret_changed: Collection[str]) -> tuple[Json, Json]:
    names = {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)} | set(secret_changed)
    kept_before = {name: before[name] for name in sorted(names) if name in before}
    kept_after = {name: SECRET_CHANGED if name in secret_changed else after.get(name) for name in sorted(names)}
    return kept_before, kept_after


def _text(value: str, limit: int) -> str:
    """Cut, and freed of NUL (PostgreSQL refuses it) and lone surrogates (no UTF-8)."""
    return value.replace("\x00", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()[:limit]


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return _text(value, len(value))
    if isinstance(value, dict):
        return {_text(str(key), 255): _clean(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_clean(item) for item in value]
    return value
