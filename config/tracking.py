"""Rows that know what they were read as, so that a write stores what its caller changed and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import deepcopy
from typing import Any, Self

from django.db import models


class Tracked(models.Model):
    """Remembers its columns as they were read or last saved.

    A row may have been read long before it is written (a list of a thousand to disable, a form left open): written
    whole, it would put back what others changed meanwhile.
    """

    class Meta:
        abstract = True

    def save(self, *args: Any, update_fields: Iterable[str] | None = None, **kwargs: Any) -> None:
        super().save(*args, update_fields=update_fields, **kwargs)
        self.remember(update_fields)

    @classmethod
    def from_db(cls, db: str | None, field_names: Sequence[str], values: Sequence[Any]) -> Self:  # type: ignore[override]
        row = super().from_db(db, field_names, values)
        row.remember()
        return row

    def refresh_from_db(self, using: str | None = None, fields: Any = None, from_queryset: Any = None) -> None:
        super().refresh_from_db(using=using, fields=fields, from_queryset=from_queryset)
        self.remember(fields)

    def remember(self, names: Iterable[str] | None = None) -> None:
        """Take the present values, of all fields or of these, for those of the database."""
        chosen = None if names is None else set(names)
        as_read: dict[str, Any] = self.__dict__.setdefault("_as_read", {})
        for field in self._meta.concrete_fields:
            if field.attname in self.__dict__ and (chosen is None or chosen & {field.name, field.attname}):
                value = self.__dict__[field.attname]
                as_read[field.attname] = deepcopy(value) if isinstance(value, (list, dict)) else value

    def changed_since_read(self) -> list[str]:
        """Names of the concrete fields that hold another value than when the row was read; all of an unread one."""
        as_read: dict[str, Any] = self.__dict__.get("_as_read", {})
        missing = object()
        return [
            field.name
            for field in self._meta.concrete_fields
            if not field.primary_key
            and field.attname in self.__dict__
            and as_read.get(field.attname, missing) != self.__dict__[field.attname]
        ]
