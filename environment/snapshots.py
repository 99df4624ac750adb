"""Options as they are in the database, cached in the process under the stamp that covers them.

One snapshot holds what one owner owns: a contact center's own options and those of its applications, or the
installation's and those of shared applications. The stamp is read first (``selectors.stamps_of``), the rows after it:
rows newer than their stamp do no harm, for the next reader comes with the new stamp.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from typing import TypeAlias
from uuid import UUID

from config.encryption import SealBroken, seal, unseal
from environment.models import Option
from environment.selectors import stamps_of

MAX_OWNERS = 4_096
"""Contact centers whose options one process remembers; the least recently read go first."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A value as it stands in its row."""

    row: str
    text: str
    sealed: bool

    def plain(self) -> str:
        """The clear value. Raises SealBroken when it does not open."""
        return value_unseal(self.text, row=self.row) if self.sealed else self.text


Snapshot: TypeAlias = dict[tuple[int | None, str, str], Stored]
"""(application's row id or None, section, name) → value."""

_cache: OrderedDict[UUID | None, tuple[int, Snapshot]] = OrderedDict()
_lock = threading.Lock()


def snapshot_of(contact_center_id: UUID | None) -> Snapshot:
    """What a contact center (None: the installation) owns; from the database only when its stamp is new to us."""
    stamps = stamps_of(contact_center_id)
    stamp = stamps.installation_stamp if contact_center_id is None else stamps.contact_center_stamp
    if stamp is None:
        return {}  # no such contact center
    with _lock:
        kept = _cache.get(contact_center_id)
        if kept is not None and kept[0] == stamp:
            _cache.move_to_end(contact_center_id)
            return kept[1]
    snapshot = _read(contact_center_id)
    with _lock:
        _cache[contact_center_id] = (stamp, snapshot)
        _cache.move_to_end(contact_center_id)
        while len(_cache) > MAX_OWNERS:
            _cache.popitem(last=False)
    return snapshot


def value_seal(plain: str, *, row: str) -> str:
    """Seal an option's value for its row (``str(option.pk)``): it opens nowhere else."""
    return seal(plain, purpose="option", table="option", field="value", row=row)


def value_unseal(sealed: str, *, row: str) -> str:
    """Open what ``value_seal`` made for this row. Raises SealBroken for anything else."""
    return unseal(sealed, purpose="option", table="option", field="value", row=row).decode()


def option_plain(option: Option) -> str:
    """The clear value of a row, for the room that reads it and callers who may read secrets. Raises SealBroken."""
    return value_unseal(option.value, row=str(option.pk)) if option.sealed else option.value


def option_holds(option: Option, value: str) -> bool:
    """Whether a row has this value already; one that does not open has none, and is mended by setting it anew."""
    try:
        return option_plain(option) == value
    except SealBroken:
        return False


def _read(contact_center_id: UUID | None) -> Snapshot:
    rows = Option.objects.filter(owner_id=contact_center_id).order_by()
    return {
        (application_id, section, name): Stored(str(row), text, sealed)
        for row, application_id, section, name, text, sealed in rows.values_list(
            "pk", "application_id", "section", "name", "value", "sealed"
        )
    }
