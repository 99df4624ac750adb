"""The engine of ``check_config``: what each room finds wrong with what administrators configured.

A room declares in its ``checks.py``::

    @finder(Application)
    def doors_are_locked(scope: Scope) -> Iterator[Finding]:
        for application in …:
            yield Finding("fault", f"{application} lets nobody in.", application)

The command prints all of them, the admin shows them at what they are about, to those who may see it. They are looked
for anew each time: nothing is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias
from uuid import UUID

from django.db.models import Model

from config.policy import governed_of, may
from config.principal import Principal
from environment.models import Application

Level: TypeAlias = Literal["fault", "warning"]
"""fault: something does not work, or not as somebody meant it; warning: it works, but look at it."""
Scope: TypeAlias = frozenset[UUID] | None
"""The contact centers whose objects are looked at; None: all, and the installation itself."""
Finder: TypeAlias = Callable[[Scope], Iterable["Finding"]]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing, in words without any secret. ``holder`` is where to mend it (None: the installation's options).

    ``beside`` are others that it names: it is shown at their pages too.
    """

    level: Level
    words: str
    holder: Model | None = None
    beside: tuple[Model, ...] = ()

    @property
    def about(self) -> tuple[Model, ...]:
        """All objects that it is about."""
        return (self.holder, *self.beside) if self.holder is not None else self.beside


_finders: list[tuple[frozenset[type[Model]], Finder]] = []


def finder(*models: type[Model]) -> Callable[[Finder], Finder]:
    """Declare the decorated function, whose findings are about objects of these models or the installation."""

    def declare(find: Finder) -> Finder:
        _finders.append((frozenset(models), find))
        return find

    return declare


def findings(scope: Scope = None) -> list[Finding]:
    """Everything found there, faults first."""
    return _sorted(one for _models, find in _finders for one in find(scope))


def findings_about(obj: Model) -> list[Finding]:
    """What is found about one object; of a model that no finder speaks of nothing is looked at."""
    speaking = [find for models, find in _finders if type(obj) in models]
    if not speaking:
        return []
    scope = _scope_of(obj)
    return _sorted(one for find in speaking for one in find(scope) if obj in one.about)


def findings_for(principal: Principal) -> list[Finding]:
    """Those about objects that the principal may see; the installation's only to its own administrators."""
    scope = None if principal.everywhere else principal.contact_center_ids
    if scope is not None and not scope:
        return []
    return [one for one in findings(scope) if _may_see(principal, one)]


def _may_see(principal: Principal, finding: Finding) -> bool:
    if not finding.about:
        return principal.everywhere and may(principal, "read", Application)
    return all(may(principal, "read", each) for each in finding.about)


def _scope_of(obj: Model) -> Scope:
    value: object = obj
    path = governed_of(obj).contact_center
    for step in path.split("__") if path else ():
        value = getattr(value, step, None)
    return frozenset({value}) if isinstance(value, UUID) else None


def _sorted(found: Iterable[Finding]) -> list[Finding]:
    def place(finding: Finding) -> tuple[bool, str]:
        return finding.level != "fault", finding.words

    return sorted(found, key=place)
