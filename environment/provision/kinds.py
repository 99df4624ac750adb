"""What a room declares in its ``provisioning.py``: one ``Kind`` for each top-level key of provisioning files.

::

    @kind
    class Places(Kind[PlaceRow, Place]):
        name = "places"
        row = PlaceRow
        after = ("contact-centers",)
        …

A kind turns rows into natural keys, finds what is there, says what differs, and writes through its room's services.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from graphlib import TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Literal, TypeAlias, TypeVar

from django.core.exceptions import ImproperlyConfigured
from django.db.models import Model
from pydantic import BaseModel, ConfigDict

from environment.provision.faults import Fault, path_text
from environment.provision.tree import Node, line_of

if TYPE_CHECKING:
    from environment.provision.world import World

Key: TypeAlias = tuple[Any, ...]
"""The natural key of an object within its kind; hashable."""
MASK = "••••"


class Row(BaseModel):
    """One object of a file. Keys are written with hyphens; a key that is not written leaves the field as it is."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, alias_generator=lambda name: name.replace("_", "-"), populate_by_name=False
    )

    def given(self, *names: str) -> dict[str, Any]:
        """The fields among ``names`` that the file writes, under our own names."""
        return {name: getattr(self, name) for name in names if name in self.model_fields_set}


R = TypeVar("R", bound=Row)
M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class Entry(Generic[R]):
    """A row and where it stands."""

    row: R
    file: Path
    node: Node
    path: tuple[str | int, ...]
    made_by_demo: bool = False

    def fault(self, message: str, *inside: str | int) -> Fault:
        """Something wrong with this entry, or with what ``inside`` leads to in it."""
        return Fault(message, self.file, line_of(self.node, inside), path_text((*self.path, *inside)))


@dataclass(frozen=True, slots=True)
class Diff:
    """One field that will be another; ``shown`` never holds a secret."""

    field: str
    shown: str


@dataclass(slots=True)
class Step(Generic[R, M]):
    """What the plan does about one entry. ``prepared`` carries what was made before the transaction, such as hashes."""

    kind: Kind[R, M]
    entry: Entry[R]
    key: Key
    obj: M | None
    label: str
    diffs: tuple[Diff, ...] = ()
    prepared: dict[str, Any] = field(default_factory=dict)

    @property
    def action(self) -> Literal["add", "change", "same"]:
        if self.obj is None:
            return "add"
        return "change" if self.diffs else "same"

    @property
    def row(self) -> R:
        return self.entry.row


@dataclass(frozen=True, slots=True)
class Reference:
    """A name in a row that must lead somewhere, in the files or in the database. ``keys`` are tried in order."""

    field: tuple[str | int, ...]
    kind: str
    keys: tuple[Key, ...]
    told: str


@dataclass(frozen=True, slots=True)
class SignIn:
    """How a person or program gets in with what a row made: a line of the table that the demo prints."""

    what: str
    name: str
    secret: str
    told: str = ""


class Kind(Generic[R, M]):
    """One kind of object in provisioning files."""

    name: ClassVar[str]
    row: ClassVar[type[Row]]
    after: ClassVar[tuple[str, ...]] = ()
    secrets: ClassVar[frozenset[str]] = frozenset()
    single: ClassVar[bool] = False
    """The key holds one object instead of a list."""

    def key(self, entry: Entry[R], world: World) -> Key:
        """The natural key. Raises Faults for a reference in it that leads nowhere."""
        raise NotImplementedError

    def find(self, keys: Collection[Key], world: World) -> dict[Key, M]:
        """The objects of these keys that are there."""
        raise NotImplementedError

    def label(self, row: R) -> str:
        """How people call it."""
        raise NotImplementedError

    def references(self, row: R, world: World) -> Iterator[Reference]:
        """What the row names beside its own key."""
        yield from ()

    def wanted(self, row: R, world: World) -> dict[str, Any]:
        """What the file says, by field, as comparable values; a first password is not part of it."""
        raise NotImplementedError

    def current(self, obj: M, row: R, world: World) -> dict[str, Any]:
        """The same fields as they are now."""
        raise NotImplementedError

    def judge(self, step: Step[R, M]) -> Iterator[Fault]:
        """What is wrong with a row that its model does not see; before anything is written."""
        yield from ()

    def prepare(self, step: Step[R, M]) -> None:
        """Slow work of a step that will be done, outside the transaction."""

    def create(self, step: Step[R, M], world: World) -> None:
        """Write a new object through the room's services."""
        raise NotImplementedError

    def update(self, step: Step[R, M], world: World) -> None:
        """Write the differences of ``step.obj`` through the room's services."""
        raise NotImplementedError

    def sign_in(self, row: R) -> SignIn | None:
        """For the demo's table only; None for what nobody signs in with."""
        return None

    def is_secret(self, row: R, field_name: str) -> bool:
        """Whether a field's values are masked in the plan."""
        return field_name in self.secrets


AnyKind: TypeAlias = Kind[Any, Any]
K = TypeVar("K", bound=type[AnyKind])
_kinds: dict[str, AnyKind] = {}


def kind(declared: K) -> K:
    """Declare the decorated class as a kind of provisioning files."""
    if declared.name in _kinds:
        raise ImproperlyConfigured(f"Two kinds of provisioning files are called {declared.name}.")
    _kinds[declared.name] = declared()
    return declared


def kinds() -> tuple[AnyKind, ...]:
    """All kinds, each after those that it names."""
    order = TopologicalSorter({one.name: one.after for one in sorted(_kinds.values(), key=lambda one: one.name)})
    return tuple(_kinds[name] for name in order.static_order() if name in _kinds)


def kind_named(name: str) -> AnyKind | None:
    """The kind of a top-level key."""
    return _kinds.get(name)
