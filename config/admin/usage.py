"""What uses a thing, told before a delete: what forbids it, and what would end with it. Bounded, whatever the size."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import CASCADE, PROTECT, RESTRICT, SET_NULL, Model

from config.policy import Governed

COUNTED = 1_000
NAMED = 5


@dataclass(frozen=True, slots=True)
class Use:
    """Rows of one kind; ``number`` stops at ``COUNTED``. Of what happened no names are told: they are visitors."""

    kind: str
    number: int
    names: tuple[str, ...]

    def __str__(self) -> str:
        count = f"more than {COUNTED}" if self.number > COUNTED else str(self.number)
        if not self.names:
            return f"{count} {self.kind}"
        told = ", ".join(self.names)
        return f"{count} {self.kind}: {told}{', …' if self.number > len(self.names) else ''}"


def uses_forbidding(obj: Model) -> list[Use]:
    """Rows because of which it cannot be deleted; those that list it (many-to-many) too, for they would change."""
    return list(_uses(obj, (PROTECT, RESTRICT), members=True))


def uses_ending(obj: Model) -> list[Use]:
    """Rows that are deleted with it, or lose their link to it."""
    return list(_uses(obj, (CASCADE, SET_NULL)))


def _uses(obj: Model, ways: tuple[Any, ...], *, members: bool = False) -> Iterator[Use]:
    for relation in obj._meta.related_objects:
        if not (members if relation.many_to_many else getattr(relation, "on_delete", None) in ways):
            continue
        rows = relation.related_model._base_manager.filter(**{relation.field.name: obj})
        number = rows[: COUNTED + 1].count()
        if number:
            governed = getattr(relation.related_model, "governed", None)
            is_record = isinstance(governed, Governed) and governed.records
            names = () if is_record else tuple(str(row) for row in rows[:NAMED])
            yield Use(str(relation.related_model._meta.verbose_name_plural), number, names)
