"""What every declaration is, the registry, and the reading of a value over its levels."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any, Generic, Literal, NamedTuple, TypeAlias, TypeVar
from uuid import UUID

import structlog
from django.core.exceptions import ImproperlyConfigured, ValidationError

from environment.models import Application, ContactCenter, Option
from environment.snapshots import Stored, snapshot_of

T = TypeVar("T")
Holder: TypeAlias = Application | ContactCenter | UUID | None
"""Whose options are read: an application, a contact center (or its id), or the installation (None)."""
Level: TypeAlias = Literal["application", "contact-center", "installation", "default"]
SetBy: TypeAlias = Literal["installation", "contact-center"]

INSTALLATION = "installation"
CONTACT_CENTER = "contact-center"
HOLDERS = frozenset({INSTALLATION, CONTACT_CENTER, *Application.Type.values})
MAX_TEXT = 65_536
"""Characters of one value."""

_log = structlog.get_logger("deskgate.options")
_declared: dict[tuple[str, str], list[OptionDeclaration[Any]]] = {}


class Explained(NamedTuple):
    """A value, and the level that gave it."""

    value: Any
    level: Level


class OptionDeclaration(Generic[T]):
    """One declared option; use a typed subclass of ``environment.declarations.types``.

    ``holders`` are the levels that may hold it: INSTALLATION, CONTACT_CENTER and application types. ``set_by`` says
    whose administrators may set it there. Values of a ``secret`` one are sealed and never shown again; callers who may
    read option secrets are told them, unless it is not ``told`` to anybody at all.
    """

    valid_values = "any text"

    def __init__(
        self,
        *,
        section: str,
        name: str,
        default: T,
        help: str,  # noqa: A002 - as on a Django field
        holders: Collection[str],
        secret: bool = False,
        told: bool = True,
        set_by: SetBy = "contact-center",
    ) -> None:
        self.section = section
        self.name = name
        self.default = default
        self.help = help
        self.holders = frozenset(holders)
        self.secret = secret
        self.told = told
        self.set_by = set_by
        if not self.holders or not self.holders <= HOLDERS:
            raise ImproperlyConfigured(f"Option {self}: holders are some of {', '.join(sorted(HOLDERS))}.")
        _register(self)

    def __str__(self) -> str:
        return f"{self.section}/{self.name}"

    def parse(self, text: str) -> T:
        """The value that a text stands for. Raises Django's ValidationError in the administrator's words."""
        raise NotImplementedError

    def format(self, value: T) -> str:
        """The text that stands for a value; ``parse`` of it gives the value back."""
        return str(value)

    def of(self, holder: Holder = None) -> T:
        """The value in force for a holder. Raises SealBroken when a sealed value does not open: it fails closed."""
        return self.explain(holder).value

    def explain(self, holder: Holder = None) -> Explained:
        """The value in force for a holder, and the level that gives it."""
        for level, stored in self._stored(holder):
            try:
                return Explained(self.parse(stored.plain()), level)
            except ValidationError:
                # Typed before the declaration became stricter: the next level counts, and the log says so.
                _log.error("option has an invalid value", option=str(self), level=level, holder=str(holder))
        return Explained(self.default, "default")

    def explain_strictly(self, holder: Holder = None) -> Explained:
        """As ``explain``, but the nearest value that is set must be readable: for locks, which no mistake may open.

        Raises ValidationError for one that is not valid, SealBroken.
        """
        for level, stored in self._stored(holder):
            return Explained(self.parse(stored.plain()), level)
        return Explained(self.default, "default")

    def _stored(self, holder: Holder) -> Iterator[tuple[Level, Stored]]:
        contact_center_id, application = _owner(holder)
        key = (self.section, self.name)
        if application is not None and application.type in self.holders:
            found = snapshot_of(contact_center_id).get((application.pk, *key))
            if found:
                yield "application", found
        if contact_center_id is not None and CONTACT_CENTER in self.holders:
            found = snapshot_of(contact_center_id).get((None, *key))
            if found:
                yield "contact-center", found
        if INSTALLATION in self.holders:
            found = snapshot_of(None).get((None, *key))
            if found:
                yield "installation", found


def registry() -> tuple[OptionDeclaration[Any], ...]:
    """Every declared option, by section and name."""
    return tuple(one for key in sorted(_declared) for one in _declared[key])


def find(section: str, name: str, holder: Holder) -> OptionDeclaration[Any] | None:
    """The declaration that speaks about this option at this very holder; None: nobody reads it there."""
    kind = holder_kind(holder)
    return next((one for one in _declared.get((section, name), []) if kind in one.holders), None)


def is_told(section: str, name: str, holder: Holder) -> bool:
    """Whether a secret set here may be told to those who read option secrets.

    One that nobody reads here may be left from another type of the same application: it stays as secret as there.
    """
    declaration = find(section, name, holder)
    return declaration.told if declaration else all(one.told for one in _declared.get((section, name), []))


def holder_kind(holder: Holder) -> str:
    """The word for a holder's level in ``OptionDeclaration.holders``."""
    if isinstance(holder, Application):
        return holder.type
    return INSTALLATION if holder is None else CONTACT_CENTER


def declaration_of(option: Option) -> OptionDeclaration[Any] | None:
    """The declaration of an option row; None: nobody reads it, it is kept and flagged."""
    return find(option.section, option.name, option.application or option.contact_center)


def unregister(declaration: OptionDeclaration[Any]) -> None:
    """Take a declaration out again: for tests that declare their own."""
    _declared[(declaration.section, declaration.name)].remove(declaration)


def _register(declaration: OptionDeclaration[Any]) -> None:
    beside = _declared.setdefault((declaration.section, declaration.name), [])
    if any(one.holders & declaration.holders for one in beside):
        raise ImproperlyConfigured(f"Option {declaration} is declared twice for the same holder.")
    beside.append(declaration)


def _owner(holder: Holder) -> tuple[UUID | None, Application | None]:
    if isinstance(holder, Application):
        return holder.contact_center_id, holder
    return (holder.pk if isinstance(holder, ContactCenter) else holder), None
