"""Customers: made, changed and deleted by whoever may. What is stored counts as verified."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from environment.errors import NameTaken
from environment.models import ContactCenter
from environment.services.objects import object_delete, object_save
from twofactor.destinations import email_read, phone_read
from twofactor.models import Customer
from twofactor.seeds import seed_read
from twofactor.selectors.customers import customer_called
from twofactor.services.authenticators import authenticator_set, authenticators_drop

_READ: dict[str, Callable[[str], str]] = {"email": email_read, "phone": phone_read}


def customer_create(
    *,
    contact_center: ContactCenter,
    account: str,
    email: str = "",
    phone: str = "",
    enabled: bool = True,
    seed: str = "",
    made_by_demo: bool = False,
    reason: str | None = None,
) -> Customer:
    """Store a new one. ``phone`` may be written with blanks, and needs its country code; ``seed`` (base32) is that of
    an authenticator in use.

    Raises Forbidden, NameTaken, ValidationError by field with all that is wrong, which quotes no value.
    """
    customer = Customer(contact_center=contact_center, account=account, enabled=enabled, made_by_demo=made_by_demo)
    with _collected() as faults:
        key = _seed(seed, faults, demo=made_by_demo)
        _take(customer, {"email": email, "phone": phone}, faults)
        _judge(customer, faults)
    _refuse_rival(customer)
    with transaction.atomic():
        object_save(customer, reason=reason)
        if key is not None:
            authenticator_set(customer, key, reason=reason)
    return customer


def customer_update(customer: Customer, *, reason: str | None = None, **values: Any) -> Customer:
    """Change ``account``, ``email``, ``phone``, ``enabled``: those that are given. Raises as ``customer_create``."""
    for name in ("account", "enabled"):
        if name in values:
            setattr(customer, name, values[name])
    with _collected() as faults:
        _take(customer, values, faults)
        _judge(customer, faults)
    _refuse_rival(customer)
    return object_save(customer, reason=reason)


def customer_delete(customer: Customer, *, reason: str | None = None) -> None:
    """Delete it with its authenticators and recovery codes. Raises Forbidden."""
    with transaction.atomic():
        authenticators_drop(customer, reason=reason)
        object_delete(customer, reason=reason)


Faults = dict[str, list[ValidationError]]


@contextmanager
def _collected() -> Iterator[Faults]:
    """Faults by field; raised together at the end."""
    faults: Faults = {}
    yield faults
    if faults:
        raise ValidationError(faults)


def _take(customer: Customer, values: dict[str, Any], faults: Faults) -> None:
    for name, read in _READ.items():
        if name in values:
            try:
                setattr(customer, name, read(values[name]))
            except ValidationError as fault:
                faults[name] = [fault]


def _judge(customer: Customer, faults: Faults) -> None:
    """What the model says of the rest, told beside the faults that are known."""
    try:
        customer.full_clean(exclude=list(faults), validate_constraints=False)
    except ValidationError as error:
        for name, told in error.error_dict.items():
            faults.setdefault(name, []).extend(told)


def _refuse_rival(customer: Customer) -> None:
    rival = customer_called(customer.contact_center, customer.account)
    if rival and rival.pk != customer.pk:
        raise NameTaken("There is a customer of this account already.", field="account")


def _seed(seed: str, faults: Faults, *, demo: bool) -> bytes | None:
    try:
        return seed_read(seed, demo=demo) if seed else None
    except ValidationError as fault:
        faults["authenticator_seed"] = [fault]
        return None
