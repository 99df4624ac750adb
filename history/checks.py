"""What can be wrong with the doors of the History API: their locks, the default one, and their clients' copies."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias

from django.core.exceptions import ValidationError

from config.encryption import SealBroken
from environment.findings import Finding, Scope, finder
from environment.models import Application
from history import options
from history.models import Strategy
from history.selectors.doors import doors
from history.selectors.pairs import PairSet, server_pair
from history.selectors.strategies import is_made_from, sends_other_pair, with_state
from history.services import strategy_copies as strategy_copies  # makes strategies known as clients
from history.services.clients import ClientCopy, copies_within, disagreement

Locked: TypeAlias = tuple[Application, PairSet]


@finder(Application, Strategy)
def doors_and_clients(scope: Scope) -> Iterator[Finding]:
    """Locks first; sides are compared only with doors whose set is whole."""
    rows = doors() if scope is None else doors().filter(contact_center__in=scope)
    found = [(each, server_pair(each)) for each in rows]
    for server, demanded in found:
        yield from _lock(server, demanded)
    copies = copies_within(scope)
    whole = [(server, demanded) for server, demanded in found if not demanded.fault]
    for copy in copies:
        meant = [(server, demanded) for server, demanded in whole if copy.is_for(server)]
        if meant and copy.pair.is_set:
            yield from _sides(copy, meant)
    for server, demanded in whole:
        yield from _without_copy(server, demanded, [copy for copy in copies if copy.is_for(server)])


@finder()
def the_default_door(scope: Scope) -> Iterator[Finding]:
    """Who stands behind the bare paths; asked of the whole installation only."""
    if scope is not None or not Application.objects.filter(type=options.SERVER).exists():
        return
    name = options.DEFAULT_APPLICATION.of()
    paths = "/server/data and /backend/data answer 503"
    if name and not doors().filter(name=name).exists():
        yield Finding("fault", f"{paths}: {options.DEFAULT_APPLICATION} names “{name}”, which is no enabled Web "
                      "Engagement Server application of an enabled contact center.")  # fmt: skip
    elif not name and (number := doors().count()) != 1:
        there = f"{number} Web Engagement Server applications are enabled" if number else "no such one is enabled"
        yield Finding("fault", f"{paths}: {options.DEFAULT_APPLICATION} is not set, and {there}.")


@finder(Application)
def doors_of_nobody(scope: Scope) -> Iterator[Finding]:
    """What an administrator may take for a door, though no path leads to it."""
    rows = Application.objects.filter(type=options.SERVER, enabled=True)
    if scope is None:
        for each in rows.filter(contact_center=None):
            yield Finding("warning", f"{each} belongs to no contact center: its History API answers nobody.", each)
    within = doors() if scope is None else doors().filter(contact_center__in=scope)
    for each in within.filter(name__contains="/"):
        yield Finding("warning", f"{each} has a slash in its name: no path /history/… leads to it.", each)


@finder(Strategy)
def strategies_behind(scope: Scope) -> Iterator[Finding]:
    """What is deployed goes on with the properties that it was generated from."""
    rows = with_state(Strategy.objects.filter(application__in=doors(), deployed__isnull=False))
    for strategy in rows if scope is None else rows.filter(application__contact_center__in=scope):
        version = strategy.deployed
        if version is None or is_made_from(version, strategy):
            continue
        words = f"the deployed {version} of engagement strategy “{strategy}”"
        if not sends_other_pair(version, strategy):
            yield Finding("warning", f"{words} was made from other properties: regenerate and deploy it.", strategy)
        else:
            yield Finding("fault", f"{words} sends other credentials than its properties have: regenerate and deploy "
                          "it.", strategy)  # fmt: skip


def _lock(server: Application, demanded: PairSet) -> Iterator[Finding]:
    if demanded.fault:
        yield Finding("fault", f"{server} refuses every request to the History API ({demanded.fault}).", server)
    elif demanded.is_none:
        try:
            networks = options.OPEN_NETWORKS.explain_strictly(server).value
        except (ValidationError, SealBroken):
            yield Finding("fault", f"{server} answers nobody: {options.OPEN_NETWORKS} cannot be read.", server)
            return
        listed = ", ".join(networks) or "nobody"
        yield Finding("warning", f"The History API of {server} demands no credentials and answers {listed}.", server)


def _sides(copy: ClientCopy, meant: Sequence[Locked]) -> Iterator[Finding]:
    """A client agrees when one of its doors would let it in."""
    differing = [(server, disagreement(demanded, copy.pair)) for server, demanded in meant]
    if all(words for _server, words in differing):
        told = "; ".join(f"Web Engagement Server “{server}” ({words})" for server, words in differing)
        servers = tuple(server for server, _words in differing)
        yield Finding("fault", f"{copy} does not agree with {told}.", copy.holder, servers)


def _without_copy(server: Application, demanded: PairSet, copies: Sequence[ClientCopy]) -> Iterator[Finding]:
    """Not every Interaction Workspace has the plug-in: a missing section matters only while no other one is right."""
    if not demanded.is_basic or any(not disagreement(demanded, copy.pair) for copy in copies):
        return
    for copy in copies:
        if not copy.pair.is_set:
            words = f"{copy} has no credentials, and Web Engagement Server “{server}” demands Basic."
            yield Finding("warning", words, copy.holder, (server,))
