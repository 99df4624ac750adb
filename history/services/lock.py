"""The lock of the History API: who gets through the door of an application (contract history.md; RFC 7617)."""

from __future__ import annotations

import hmac
from datetime import timedelta
from ipaddress import ip_address, ip_network
from typing import NoReturn

from django.core.exceptions import ValidationError

from accounts import options as account_options
from accounts.models import FailureCounter
from accounts.services import lockout
from activity.services import event_record
from config.context import current
from config.encryption import SealBroken
from config.http.errors import Forbidden
from environment.models import Application
from history import options
from history.errors import NotAuthorized
from history.selectors.pairs import PairSet, server_pair

Pair = tuple[str, str]
"""User name and password as they came."""


def door_pass(application: Application, pair: Pair | None, *, relayed: bool) -> None:
    """Let the caller through, or refuse him; a right pair writes nothing.

    ``relayed``: somebody passed the request on for whom his address is not known (``config.http.address.is_relayed``).
    Raises NotAuthorized, and Forbidden where no credentials are demanded but not everybody is answered.
    """
    demanded = server_pair(application)
    if demanded.is_none:
        _require_near(application, relayed=relayed)
    elif not demanded.is_basic:
        _refuse(application, pair, f"{application} lets nobody in: {demanded.fault}")
    elif pair is None:
        raise NotAuthorized(reason="no pair")
    else:
        _prove(application, pair, demanded)


def _prove(application: Application, pair: Pair, demanded: PairSet) -> None:
    limits = _limits(application, current().address)
    if lockout.any_refused(limits):
        # Before the pair is looked at: else a guesser would learn behind the lock which one is right.
        _refuse(application, pair, f"locked: {limits[0].subject}, or all of the History API from there")
    if not _is(pair, demanded):
        for limit in limits:
            lockout.failure_count(limit)
        _refuse(application, pair, "wrong pair")


def _is(pair: Pair, demanded: PairSet) -> bool:
    """Both parts are compared, in a time that tells neither which one is wrong nor where."""
    name = hmac.compare_digest(pair[0].encode(), demanded.user_id.encode())
    password = hmac.compare_digest(pair[1].encode(), demanded.password.encode())
    return name & password


def _limits(application: Application, address: str) -> list[lockout.Limit]:
    """As of an account from one address in /auth/v3. A success forgives nothing: it is mostly not the guesser's."""
    holder = application.contact_center_id
    everybodys = lockout.Limit(
        FailureCounter.Kind.ADDRESS,
        f"history from {address}",
        account_options.ADDRESS_FAILURES.of(None),
        timedelta(minutes=10),
    )
    threshold = account_options.LOCKOUT_THRESHOLD.of(holder)
    if not threshold:
        return [everybodys]
    minutes = account_options.LOCKOUT_PERIOD.of(holder)
    its_own = lockout.Limit(
        FailureCounter.Kind.HISTORY,
        f"{lockout.countable(application.name)} from {address}",
        threshold,
        timedelta(minutes=minutes) if minutes else lockout.NEVER,
        timedelta(minutes=account_options.LOCKOUT_DURATION.of(holder)),
        holder,
    )
    return [its_own, everybodys]


def _require_near(application: Application, *, relayed: bool) -> None:
    """Without credentials only listed networks are answered."""
    try:
        networks = options.OPEN_NETWORKS.explain_strictly(application).value
    except (ValidationError, SealBroken) as fault:
        raise Forbidden(_FAR, reason=f"{options.OPEN_NETWORKS} is not readable") from fault
    address = current().address
    if relayed:
        raise Forbidden(_FAR, reason=f"passed on by {address}, which is not in TRUSTED_PROXIES or tells no address")
    if not _lies_in(address, networks):
        raise Forbidden(_FAR, reason=f"{address or 'no address'} is not in {options.OPEN_NETWORKS} of {application}")


_FAR = "Without authentication the History API is answered to networks that its administrator listed only."


def _lies_in(address: str, networks: tuple[str, ...]) -> bool:
    try:
        source = ip_address(address)
    except ValueError:
        return False
    return any(source in ip_network(network, strict=False) for network in networks)


def _refuse(application: Application, pair: Pair | None, reason: str) -> NoReturn:
    if pair is not None:
        event_record(
            name="history-api",
            outcome="refused",
            refusal=reason,
            user_name=pair[0],
            contact_center_id=application.contact_center_id,
            detail={"application": application.name},
        )
    raise NotAuthorized(reason=reason, presented=pair is not None)
