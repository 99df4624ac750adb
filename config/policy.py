"""The door to the one policy: who may do what to which object, and which rows he sees.

The policy itself lives in ``accounts/policy.py`` and is named by ``settings.DESKGATE_POLICY``; rooms below it ask
here, so that admin, REST, commands and choices get the same answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Any, Literal, Protocol, TypeVar, cast

from django.conf import settings
from django.db.models import Model, QuerySet

from config.context import current
from config.http.errors import Forbidden
from config.principal import Principal

Action = Literal["read", "write", "administer"]
M = TypeVar("M", bound=Model)


@dataclass(frozen=True, slots=True)
class Governed:
    """What a model tells the policy about itself (class attribute ``governed``).

    ``object_type`` is the plural, kebab-case name that privileges are built from (``users:write``).
    ``contact_center`` is the lookup from a row to its contact center's id; empty when only the installation owns it.
    ``shared`` says that rows without a contact center may be read by every contact center's administrators.
    ``records`` says that rows tell what happened, by the million perhaps, and are no configuration: where they go with
    something else they go in slices, without change rows, and refusals do not name them.
    ``secrets`` are fields whose values never reach a change row; ``unrecorded`` ones change without being news.
    """

    object_type: str
    contact_center: str = ""
    shared: bool = False
    records: bool = False
    secrets: frozenset[str] = frozenset()
    unrecorded: frozenset[str] = frozenset()


class Policy(Protocol):
    """The shape of the module that ``settings.DESKGATE_POLICY`` names."""

    def may(self, principal: Principal, action: Action, obj: Model | type[Model]) -> bool: ...

    def visible(self, principal: Principal, queryset: QuerySet[M]) -> QuerySet[M]: ...

    def grantable(self, principal: Principal, privileges: frozenset[str]) -> bool: ...


def _policy() -> Policy:
    return cast(Policy, import_module(settings.DESKGATE_POLICY))


def governed_of(obj: Model | type[Model]) -> Governed:
    """The model's own declaration; a model without one is a programming error, not an open door."""
    governed: Any = getattr(obj, "governed", None)
    if not isinstance(governed, Governed):
        raise TypeError(f"{obj!r} declares no `governed`: the policy cannot judge it")
    return governed


def may(principal: Principal, action: Action, obj: Model | type[Model]) -> bool:
    """Whether ``principal`` may do ``action`` to this row, or to some row of this model."""
    return _policy().may(principal, action, obj)


def visible(principal: Principal, queryset: QuerySet[M]) -> QuerySet[M]:
    """The rows of ``queryset`` that ``principal`` may read."""
    return _policy().visible(principal, queryset)


def grantable(principal: Principal, privileges: frozenset[str]) -> bool:
    """Whether ``principal`` holds all of these himself, so that handing them on widens nothing."""
    return _policy().grantable(principal, privileges)


def require(action: Action, obj: Model | type[Model], *, principal: Principal | None = None) -> None:
    """Raise ``Forbidden`` unless the one who is asking (default: the current request's principal) may."""
    asking = principal or current().principal
    if not may(asking, action, obj):
        governed = governed_of(obj)
        raise Forbidden(
            "You have no permission to do this.",
            reason=f"{asking.kind} {asking.name} lacks {governed.object_type}:{action} on {obj!r}",
        )
