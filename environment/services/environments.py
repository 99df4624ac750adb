"""Environments: records of Configuration Server connections, with a sealed password that nothing tells again."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

from django.core.exceptions import ValidationError
from django.db import transaction

from config.encryption import SealBroken, seal, unseal
from config.http.errors import NotFound
from environment.models import ContactCenter, Environment
from environment.services.objects import in_use_by, object_delete, object_save

LONGEST_PASSWORD = 512
"""Characters."""


def environment_create(
    *,
    id: UUID | None = None,  # noqa: A002 - the field's own word
    password: str = "",
    reason: str | None = None,
    **fields: Any,
) -> Environment:
    """Record an environment under the given or a new id. Raises ValidationError by field, Forbidden, NameTaken."""
    environment = Environment(id=id or uuid4(), **fields)
    environment.password = _sealed(environment, password)
    return object_save(environment, reason=reason)


def environment_update(
    environment: Environment, *, password: str | None = None, reason: str | None = None, **changes: Any
) -> Environment:
    """Change fields by name; ``password`` None leaves the one that is there. Writes nothing when all is the same.

    Raises ValidationError by field, Forbidden, NotFound when it was deleted meanwhile.
    """
    with transaction.atomic():
        old = _locked(environment.pk)
        for name, value in changes.items():
            setattr(environment, name, value)
        if password is not None and password != _plain(old):
            environment.password = _sealed(environment, password)
        return object_save(environment, reason=reason)


def environment_delete(environment: Environment, *, reason: str | None = None) -> None:
    """Delete it. Raises InUse while a contact center names it, Forbidden, NotFound."""
    with transaction.atomic():
        current = _locked(environment.pk)
        users = list(ContactCenter.objects.filter(environment_id=current.pk)[:100])
        if users:
            raise in_use_by(current, users)
        object_delete(current, reason=reason)


def environment_require(environment_id: UUID, *, of: UUID) -> None:
    """Refuse an environment id that nothing knows: no environment, no other contact center, nor ``of`` itself, whose
    id is its environment's in Genesys' private edition. An environment that is named stays until the transaction ends.

    Raises ValidationError (field ``environment_id``).
    """
    if environment_id == of:
        return
    if list(Environment.objects.select_for_update().filter(pk=environment_id)):
        return
    if not ContactCenter.objects.filter(environment_id=environment_id).exists():
        raise ValidationError({"environment_id": "No environment and no contact center has this id."})


def _locked(environment_id: UUID) -> Environment:
    row = Environment.objects.select_for_update().filter(pk=environment_id).first()
    if row is None:
        raise NotFound("There is no such environment.")
    return row


def _sealed(environment: Environment, plain: str) -> str:
    if len(plain) > LONGEST_PASSWORD or "\x00" in plain:
        raise ValidationError({"password": f"A password has at most {LONGEST_PASSWORD} characters, and no NUL."})
    return seal(plain, **_place(environment)) if plain else ""


def _plain(environment: Environment) -> str | None:
    """The stored password, to see whether another was given; None when it does not open."""
    if not environment.password:
        return ""
    try:
        return unseal(environment.password, **_place(environment)).decode()
    except SealBroken:
        return None


def _place(environment: Environment) -> dict[str, str]:
    return {"purpose": "environment", "table": "environment", "field": "password", "row": str(environment.pk)}
