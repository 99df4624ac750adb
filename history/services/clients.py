"""The clients of the History API and their own copies of its credentials, which authorise nobody.

An Interaction Workspace application is one kind; another kind declares itself with ``client_copies``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeAlias
from uuid import UUID

from django.db import transaction
from django.db.models import Model

from environment.findings import Scope
from environment.models import Application
from environment.services import options_set_many, restamping_once
from history.errors import NothingToCopy
from history.options import OF_WORKSPACE, WORKSPACE
from history.selectors.pairs import PairSet, server_pair, workspace_pair

Store: TypeAlias = Callable[[PairSet, str | None], None]
"""(set, reason) → its copy has this set from now on; within the caller's transaction. Raises Forbidden."""


@dataclass(frozen=True, slots=True)
class ClientCopy:
    """What one client has: ``holder`` is the row that keeps it, ``pair`` the set as it stands.

    ``application_id``: the door that it is meant for; None: one of those of its contact center.
    """

    holder: Model
    pair: PairSet
    contact_center_id: UUID | None
    store: Store
    application_id: int | None = None
    address: str = ""
    """Where it sends the pair, if that is not our own door."""

    def is_for(self, server: Application) -> bool:
        """Whether it is a client of this door."""
        if self.application_id is not None:
            return self.application_id == server.pk
        return self.contact_center_id == server.contact_center_id

    def __str__(self) -> str:
        kind = (
            self.holder.get_type_display() if isinstance(self.holder, Application) else self.holder._meta.verbose_name
        )
        return f"{kind} “{self.holder}”"


Provider: TypeAlias = Callable[[Scope], Iterable[ClientCopy]]
"""The enabled clients of one kind in these contact centers (None: all)."""
_providers: list[Provider] = []


def client_copies(provider: Provider) -> Provider:
    """Declare the decorated function as one that knows a kind of clients."""
    _providers.append(provider)
    return provider


def copies_within(scope: Scope) -> list[ClientCopy]:
    """Every enabled client there, those without any copy too (``pair.is_set``)."""
    return [copy for provider in _providers for copy in provider(scope)]


def copies_of(server: Application) -> list[ClientCopy]:
    """The clients of one door."""
    scope = frozenset({server.contact_center_id}) if server.contact_center_id else frozenset[UUID]()
    return [copy for copy in copies_within(scope) if copy.is_for(server)]


def disagreement(demanded: PairSet, copy: PairSet) -> str:
    """How a client's copy differs from what a whole set demands, in words without a value; "" when it does not."""
    if copy.fault:
        return copy.fault
    if demanded.scheme != copy.scheme:
        return f"auth-scheme is {copy.scheme}, not {demanded.scheme}"
    if demanded.is_none:
        return ""
    parts = (("user-id", demanded.user_id, copy.user_id), ("password", demanded.password, copy.password))
    differing = [name for name, wanted, has in parts if wanted != has]
    return f"not the same: {', '.join(differing)}" if differing else ""


def require_copyable(server: Application) -> PairSet:
    """What can be copied from this server. Raises NothingToCopy, which says why nothing can."""
    demanded = server_pair(server)
    if demanded.fault:
        raise NothingToCopy(f"The set of {server} cannot be copied ({demanded.fault}). Set it first.")
    if not demanded.is_basic:
        raise NothingToCopy(f"{server} demands no credentials: there is nothing to copy.")
    return demanded


def copy_to_clients(
    server: Application, *, copies: Sequence[ClientCopy], reason: str | None = None
) -> list[ClientCopy]:
    """Give these clients what the server demands, all of them or none; those that have it already are left alone.

    Returns those that changed. Raises NothingToCopy, Forbidden.
    """
    with transaction.atomic(), restamping_once():
        demanded = require_copyable(server)
        differing = [copy for copy in copies if disagreement(demanded, copy.pair)]
        for copy in differing:
            copy.store(demanded, reason)
    return differing


@client_copies
def _workspaces(scope: Scope) -> Iterator[ClientCopy]:
    rows = Application.objects.filter(type=WORKSPACE, enabled=True, contact_center__enabled=True)
    if scope is not None:
        rows = rows.filter(contact_center__in=scope)
    for application in rows.select_related("contact_center"):
        store = partial(_store, application)
        yield ClientCopy(application, workspace_pair(application), application.contact_center_id, store)


def _store(application: Application, demanded: PairSet, reason: str | None) -> None:
    texts = (demanded.scheme, demanded.user_id, demanded.password)
    values = {(option.section, option.name): text for option, text in zip(OF_WORKSPACE, texts, strict=True)}
    options_set_many(holder=application, values=values, reason=reason)
