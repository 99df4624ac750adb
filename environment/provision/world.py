"""What references may lead to: the contact centers and objects of the files and of the database together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from environment.models import ContactCenter
from environment.provision.faults import Faults
from environment.provision.kinds import Entry, Key

CONTACT_CENTERS = "contact-centers"


@dataclass(slots=True)
class World:
    """Contact centers by everything people call them (domain in any case, number, id), and the keys of the files."""

    names: dict[str, UUID] = field(default_factory=dict)
    keys: dict[str, set[Key]] = field(default_factory=dict)
    labels: dict[UUID, str] = field(default_factory=dict)

    @classmethod
    def of_database(cls) -> World:
        """The contact centers that are there."""
        world = cls()
        for one in ContactCenter.objects.prefetch_related("domains"):
            world.add_contact_center(one.pk, one.number, [domain.name for domain in one.domains.all()], one.name)
        return world

    def add_contact_center(self, key: UUID, number: int | None, domains: Iterable[str], name: str) -> None:
        """Make a contact center known by its id, number and domains."""
        listed = list(domains)
        texts = [str(key), *listed, *([] if number is None else [str(number)])]
        for text in texts:
            self.names.setdefault(text.casefold(), key)
        self.labels.setdefault(key, listed[0] if listed else name)

    def declare_contact_center(self, *, id: UUID | None, number: int | None, domains: Iterable[str], name: str) -> UUID:  # noqa: A002
        """The id of a contact center of the files: its own, that of the one it means, or a new one."""
        listed = list(domains)
        texts = [*([] if number is None else [str(number)]), *listed]
        known = next((self.names[text.casefold()] for text in texts if text.casefold() in self.names), None)
        key = id or known or uuid4()
        self.add_contact_center(key, number, listed, name)
        return key

    def named(self, reference: str | None) -> UUID | None:
        """The id behind a reference; None for none, and for one that leads nowhere."""
        return self.names.get(reference.casefold()) if reference else None

    def contact_center_id(
        self, entry: Entry[Any], reference: str | None, field_name: str = "contact-center"
    ) -> UUID | None:
        """The id behind a reference; None for none. Raises Faults when it leads nowhere."""
        if reference is None:
            return None
        found = self.named(reference)
        if found is None:
            raise Faults([entry.fault("no such contact center, in the files or in the database", field_name)])
        return found

    def label(self, contact_center_id: UUID | None) -> str:
        """The contact center's first domain; "" for none."""
        return self.labels.get(contact_center_id, str(contact_center_id)) if contact_center_id else ""

    def has(self, kind: str, key: Key) -> bool:
        """Whether the files hold it."""
        return key in self.keys.get(kind, ())
