"""Strategies as clients of the History API: what each would send, beside what the server demands."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from config.encryption import SealBroken
from environment.findings import Scope
from history.models import Strategy
from history.selectors.pairs import PairSet
from history.services.clients import ClientCopy, client_copies
from history.services.strategies import strategy_credentials_set, strategy_password_plain


def strategy_pair(strategy: Strategy) -> PairSet:
    """The pair of the Entry point's properties; none of both is a strategy that sends no credentials."""
    try:
        password = strategy_password_plain(strategy)
    except SealBroken:
        return PairSet("Basic", strategy.user, "", unreadable=("password",))
    scheme = "Basic" if strategy.user else "none"
    return PairSet(scheme, strategy.user, password, is_set=bool(strategy.user))


@client_copies
def _strategies(scope: Scope) -> Iterator[ClientCopy]:
    rows = Strategy.objects.filter(application__enabled=True, application__contact_center__enabled=True)
    if scope is not None:
        rows = rows.filter(application__contact_center__in=scope)
    for strategy in rows.select_related("application").defer("workflow"):
        yield ClientCopy(
            strategy,
            strategy_pair(strategy),
            strategy.application.contact_center_id,
            partial(_store, strategy),
            application_id=strategy.application_id,
            address=strategy.base_url,
        )


def _store(strategy: Strategy, demanded: PairSet, reason: str | None) -> None:
    strategy_credentials_set(strategy, user=demanded.user_id, password=demanded.password, reason=reason)
