"""Authenticators of customers: verified, begun, set and taken away.

A code is accepted by one conditional update, so that no time step and no recovery code is accepted twice, by whatever
number of requests at once.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from uuid import uuid4

import structlog
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from activity.services import change_record, snapshot
from config.encryption import SealBroken, keyed_hash
from config.policy import require
from twofactor import totp
from twofactor.models import Authenticator, Customer
from twofactor.seeds import seed_new, seed_seal, seed_unseal
from twofactor.selectors.enrolments import TOKEN_PURPOSE
from twofactor.services.recovery_codes import recovery_code_use
from twofactor.services.recovery_codes import recovery_codes_renew as recovery_codes_renew

LINK_LIFETIME = timedelta(hours=24)
RECOVERY_DIGITS = 10

_log = structlog.get_logger("deskgate.twofactor")


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A link by which a customer enrols, told this once. It works until ``expires_at``, one time."""

    authenticator: Authenticator
    token: str = field(repr=False)
    url: str = field(repr=False)
    expires_at: datetime


def authenticator_verify(customer: Customer, code: str) -> bool:
    """Whether the code is right, which uses it up: 6 ASCII digits are a time-based code, 10 a recovery code.

    Nothing else is compared. The work is the same with an authenticator and without.
    """
    if not (code.isascii() and code.isdigit()):
        return False
    if len(code) not in (totp.DIGITS, RECOVERY_DIGITS):
        return False
    held = Authenticator.objects.filter(customer=customer, confirmed_at__isnull=False).first()
    if len(code) == RECOVERY_DIGITS:
        return recovery_code_use(held, code)
    return _step_take(held, code)


def _step_take(held: Authenticator | None, code: str) -> bool:
    found = totp.matches(_seed_of(held), code, drift=held.drift if held else 0)
    if held is None:
        return False
    for match in found:
        fresh = Authenticator.objects.filter(pk=held.pk, confirmed_at__isnull=False, last_step__lt=match.step)
        if fresh.update(last_step=match.step, drift=match.drift):
            return True
    return False


def _seed_of(held: Authenticator | None) -> bytes:
    """A seed of nobody where there is none that opens."""
    if held is not None:
        try:
            return seed_unseal(held.seed, held.pk)
        except SealBroken as broken:
            _log.error("an authenticator cannot be used", authenticator=str(held.pk), why=str(broken))
    return seed_new()


def authenticator_begin(customer: Customer, *, reason: str | None = None) -> Enrolment:
    """A pending authenticator with a seed of its own, and the link to confirm it by, in place of one begun before.

    A confirmed one stays in use until then. Raises Forbidden.
    """
    require("write", customer)
    token = secrets.token_urlsafe(32)
    begun = _made(customer, seed_new())
    begun.token_hash = keyed_hash(token.encode(), purpose=TOKEN_PURPOSE)
    begun.link_expires_at = timezone.now() + LINK_LIFETIME
    with transaction.atomic():
        customer_hold(customer)
        authenticators_drop(customer, pending=True, reason=reason)
        _store(begun, reason)
    url = f"{settings.DESKGATE_PUBLIC_URL}/twofactor/enrol/{token}"
    return Enrolment(begun, token, url, begun.link_expires_at)


def authenticator_set(customer: Customer, seed: bytes, *, reason: str | None = None) -> Authenticator:
    """A confirmed authenticator of a seed that the customer's device has already, in place of all others.

    It has no recovery codes. Raises Forbidden.
    """
    require("write", customer)
    made = _made(customer, seed)
    made.confirmed_at = timezone.now()
    with transaction.atomic():
        customer_hold(customer)
        authenticators_drop(customer, reason=reason)
        _store(made, reason)
    return made


def authenticator_reset(customer: Customer, *, reason: str | None = None) -> bool:
    """Take away the authenticator, its recovery codes, and one that was begun. False: there was none.

    Raises Forbidden.
    """
    require("write", customer)
    with transaction.atomic():
        customer_hold(customer)
        return authenticators_drop(customer, reason=reason)


def customer_hold(customer: Customer) -> None:
    """Lock the customer's row until the transaction ends: the authenticators of one are exchanged one after another."""
    list(Customer.objects.select_for_update().filter(pk=customer.pk).values_list("pk"))


def authenticators_drop(customer: Customer, *, pending: bool | None = None, reason: str | None = None) -> bool:
    """Delete those that are pending, those that are not, or both; within the caller's transaction."""
    rows = Authenticator.objects.filter(customer=customer)
    if pending is not None:
        rows = rows.filter(confirmed_at__isnull=pending)
    dropped = list(rows)
    for old in dropped:
        old.customer = customer
        change_record(action="delete", obj=old, before=snapshot(old), after={}, reason=reason)
        old.delete()
    return bool(dropped)


def _made(customer: Customer, seed: bytes) -> Authenticator:
    key = uuid4()
    return Authenticator(id=key, customer=customer, seed=seed_seal(seed, key))


def _store(made: Authenticator, reason: str | None) -> None:
    made.save(force_insert=True)
    change_record(action="create", obj=made, before={}, after=snapshot(made), reason=reason)
