"""Options as administrators set them: judged by their declaration, secrets sealed, each change recorded."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from activity.services import change_record, contact_center_id_of, snapshot
from config.context import current
from config.http.errors import FieldError, Forbidden, NotFound
from config.policy import grantable, require
from config.principal import Principal
from environment.declarations import MAX_TEXT, OptionDeclaration, find, rules_require
from environment.errors import NameTaken, OptionRefused, OptionsChanged
from environment.models import Application, ContactCenter, Installation, Option
from environment.selectors import options_at
from environment.services.stamps import restamp, restamping_once
from environment.snapshots import option_holds, value_seal

SetHolder = Application | ContactCenter | None
"""Whose option is set; None is the installation."""
Tags = Collection[str] | None
"""The tags (``options_tag``) of which one must be that of the holder's options now; None: any will do."""

_SOUNDS_SECRET = re.compile(
    r"(^|[-_. ])(password|passwd|secret|token|credential|api[-_ ]?key|private[-_ ]?key|pin)s?($|[-_. ])", re.IGNORECASE
)


def option_set(
    *, holder: SetHolder, section: str, name: str, value: str, tags: Tags = None, reason: str | None = None
) -> Option:
    """Set one option at its holder, as the one who is asking; nothing is written when it has this value already.

    Unknown options are kept as typed (``declarations.declaration_of`` flags them); one whose name sounds like a secret
    is sealed as if it were declared so. Raises OptionRefused (field ``section/name``), Forbidden, NotFound when the
    holder is gone, OptionsChanged when its options are not those of ``tags``.
    """
    with transaction.atomic():
        _hold(holder, tags)
        row = _set(holder, section, name, value, reason)
        rules_require(holder, {(section, name): value})
        return row


def option_delete(*, holder: SetHolder, section: str, name: str, tags: Tags = None, reason: str | None = None) -> None:
    """Take an option away from its holder, so that the next level counts.

    Raises NotFound, Forbidden, OptionsChanged.
    """
    with transaction.atomic():
        _hold(holder, tags)
        _delete(holder, section, name, reason)


def option_set_tagged(
    *, holder: SetHolder, section: str, name: str, value: str, tags: Tags = None, reason: str | None = None
) -> tuple[Option, str]:
    """``option_set``, and the tag of the holder's options as this very write leaves them. Raises as ``option_set``."""
    with transaction.atomic():
        row = option_set(holder=holder, section=section, name=name, value=value, tags=tags, reason=reason)
        return row, options_tag(options_at(holder))


def option_delete_tagged(
    *, holder: SetHolder, section: str, name: str, tags: Tags = None, reason: str | None = None
) -> str:
    """``option_delete``, and the tag of what this very write leaves. Raises as ``option_delete``."""
    with transaction.atomic():
        option_delete(holder=holder, section=section, name=name, tags=tags, reason=reason)
        return options_tag(options_at(holder))


def options_set_many(
    *,
    holder: SetHolder,
    values: Mapping[tuple[str, str], str | None],
    tags: Tags = None,
    reason: str | None = None,
) -> list[Option]:
    """Set several options of one holder, (section, name) → value, None deletes; all of them or none.

    Raises one OptionRefused whose ``fields`` name every option that is wrong; Forbidden, NotFound when the holder is
    gone, OptionsChanged. Returns the rows set.
    """
    faults: list[FieldError] = []
    rows: list[Option] = []
    with transaction.atomic(), restamping_once():
        _hold(holder, tags, wanted=bool(values))
        for (section, name), value in values.items():
            try:
                if value is None:
                    _delete(holder, section, name, reason)
                else:
                    rows.append(_set(holder, section, name, value, reason))
            except OptionRefused as refused:
                faults.extend(refused.fields)
            except NotFound as missing:
                faults.append(FieldError(f"{section}/{name}", "not_found", missing.message))
        if faults:
            raise OptionRefused("Some options cannot have these values.", fields=faults)
        rules_require(holder, values)
    return rows


def holder_lock(holder: SetHolder) -> None:
    """Let nobody else write this holder's options until the transaction ends. Raises NotFound when it is gone.

    Rows that refer to the holder may still be made meanwhile.
    """
    model = Installation if holder is None else type(holder)
    rows: Any = model._default_manager.select_for_update(no_key=True)
    if not list(rows.filter(pk=1 if holder is None else holder.pk).values_list("pk")):
        raise NotFound("What holds the options is not there any more.")


def _hold(holder: SetHolder, tags: Tags, *, wanted: bool = True) -> None:
    """Refuse whoever may not write here, then lock; with nothing ``wanted`` and no tags nothing is locked."""
    require("write", _owned(Option(**_held_by(holder))))
    if not wanted and tags is None:
        return
    holder_lock(holder)
    if tags is not None and options_tag(options_at(holder)) not in tags:
        raise OptionsChanged(reason=f"options of {holder} differ from {', '.join(sorted(tags))[:200]}")


def option_judge(*, holder: SetHolder, section: str, name: str, value: str) -> OptionDeclaration[Any] | None:
    """Raise OptionRefused unless this may be stored there; return the declaration that said so, if there is one."""
    declaration = find(section, name, holder)
    try:
        if "\x00" in value or len(value) > MAX_TEXT:
            raise ValidationError(f"A value holds at most {MAX_TEXT} characters, and no NUL.")
        if declaration is not None:
            declaration.parse(value)
        _row(holder, section, name).clean_fields(exclude=["application", "contact_center", "owner"])
    except ValidationError as error:
        where = f"{section}/{name}"
        raise OptionRefused(
            f"{where}: {' '.join(error.messages)}",
            fields=[FieldError(where, "invalid", message) for message in error.messages],
        ) from error
    return declaration


def option_is_secret(section: str, name: str, holder: SetHolder) -> bool:
    """Whether a value set here is sealed: declared secret, or undeclared with a name that sounds so."""
    declaration = find(section, name, holder)
    return declaration.secret if declaration is not None else bool(_SOUNDS_SECRET.search(name))


def may_read_secret(principal: Principal, owner_id: UUID | None) -> bool:
    """Whether the principal may be told a secret that this contact center (None: the installation) owns."""
    held = grantable(principal, frozenset({"option-secrets:read"}))
    return held and (principal.everywhere or owner_id in principal.contact_center_ids)


def options_tag(options: Iterable[Option]) -> str:
    """What an entity tag of these options holds: equal exactly when all rows and values are."""
    rows = [(str(one.pk), one.section, one.name, one.sealed, one.value) for one in options]
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest()[:32]


def _set(holder: SetHolder, section: str, name: str, value: str, reason: str | None) -> Option:
    declaration = option_judge(holder=holder, section=section, name=name, value=value)
    old = _find_row(holder, section, name)
    option = old or _row(holder, section, name)
    _require_set(option, declaration)
    is_secret = option_is_secret(section, name, holder)
    if old is not None and option.sealed == is_secret and option_holds(old, value):
        return old
    before = {} if old is None else option_snapshot(old)
    option.value = value_seal(value, row=str(option.pk)) if is_secret else value
    option.sealed = is_secret
    restamp(contact_center_id_of(_owned(option)))
    try:
        option.save(force_insert=old is None)
    except IntegrityError as rival:
        raise NameTaken(reason=str(rival)) from rival
    change_record(
        action="create" if old is None else "update",
        obj=option,
        before=before,
        after=option_snapshot(option),
        reason=reason,
        secret_changed=("value",) if is_secret and old is not None else (),
    )
    return option


def _delete(holder: SetHolder, section: str, name: str, reason: str | None) -> None:
    option = _find_row(holder, section, name)
    if option is None:
        raise NotFound(f"{section}/{name} is not set here.", field=f"{section}/{name}")
    _require_set(option, find(section, name, holder))
    restamp(contact_center_id_of(option))
    change_record(action="delete", obj=option, before=option_snapshot(option), after={}, reason=reason)
    option.delete()


def option_snapshot(option: Option) -> dict[str, Any]:
    """What a change row keeps of an option: like any other, but with the value in clear unless it is sealed."""
    taken = snapshot(option)
    taken.pop("owner", None)
    if not option.sealed:
        taken["value"] = option.value
    return taken


def _require_set(option: Option, declaration: OptionDeclaration[Any] | None) -> None:
    require("write", _owned(option))
    if declaration is not None and declaration.set_by == "installation" and not current().principal.everywhere:
        raise Forbidden(
            f"{declaration} is set by administrators of the installation.",
            reason=f"{current().principal.name} has rights in some contact centers only",
            field=str(declaration),
        )


def _owned(option: Option) -> Option:
    """The option with ``owner`` filled, as ``save`` will: the policy judges by it."""
    option.owner_id = option.contact_center_id or (option.application.contact_center_id if option.application else None)
    return option


def _row(holder: SetHolder, section: str, name: str) -> Option:
    return Option(section=section, name=name, **_held_by(holder))


def _find_row(holder: SetHolder, section: str, name: str) -> Option | None:
    if "\x00" in section + name:
        return None  # PostgreSQL would not even look
    rows = Option.objects.select_for_update(of=("self",)).filter(section=section, name=name, **_held_by(holder))
    return rows.first()


def _held_by(holder: SetHolder) -> dict[str, Any]:
    return {
        "application": holder if isinstance(holder, Application) else None,
        "contact_center": holder if isinstance(holder, ContactCenter) else None,
    }
