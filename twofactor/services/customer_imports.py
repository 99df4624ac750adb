"""Lines of a file of customers, taken a thousand at a time; those that are refused leave the others alone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models.functions import Lower

from config.encryption import SealBroken
from config.http.errors import Refusal
from config.http.translation import refusal_of
from environment.models import ContactCenter
from environment.services.stamps import restamping_once
from twofactor.customer_lines import ACTIONS, CustomerLine
from twofactor.models import Authenticator, Customer
from twofactor.seeds import seed_read, seed_unseal
from twofactor.services.authenticators import authenticator_set
from twofactor.services.customers import customer_create, customer_delete, customer_update

_COLUMNS = {"account": "Account", "email": "Email", "phone": "Phone", "authenticator_seed": "Authenticator seed"}


class _LineRefused(Exception):
    """Why a line is not taken."""


@dataclass(slots=True)
class Taken:
    """What became of some lines: how many by outcome (added, updated, deleted), and those refused with reasons."""

    counts: Counter[str] = field(default_factory=Counter)
    refused: list[tuple[CustomerLine, str]] = field(default_factory=list)


def customers_take(contact_center: ContactCenter, lines: Sequence[CustomerLine], *, trial: bool = False) -> Taken:
    """Do what these lines say, in one transaction; ``trial``: nothing is kept. Raises Forbidden."""
    taken = Taken()
    with transaction.atomic():
        with restamping_once():
            known = _known(contact_center, lines)
            for line in lines:
                try:
                    with transaction.atomic():
                        taken.counts[_line_take(contact_center, line, known)] += 1
                except _LineRefused as refused:
                    taken.refused.append((line, str(refused)))
                except (ValidationError, Refusal) as fault:
                    taken.refused.append((line, _reason(refusal_of(fault))))
        if trial:
            transaction.set_rollback(True)
    return taken


def _known(contact_center: ContactCenter, lines: Sequence[CustomerLine]) -> dict[str, Customer]:
    """The customers of these lines that are there, by account in lower case."""
    accounts = {line.account.lower() for line in lines}
    rows = Customer.objects.alias(lowered=Lower("account")).filter(contact_center=contact_center, lowered__in=accounts)
    found: dict[str, Customer] = {row.account.lower(): row for row in rows}
    for row in found.values():
        row.contact_center = contact_center
    return found


def _line_take(contact_center: ContactCenter, line: CustomerLine, known: dict[str, Customer]) -> str:
    if line.action not in ACTIONS:
        raise _LineRefused(f"Action: there is {', '.join(filter(None, ACTIONS))}.")
    there, given = known.get(line.account.lower()), line.given()
    if line.action == "DELETE":
        customer_delete(_needed(there))
        del known[line.account.lower()]
        return "deleted"
    if line.action == "UPDATE" or (there is not None and not line.action):
        _update(_needed(there), given)
        return "updated"
    if there is not None:
        raise _LineRefused("Account: there is a customer of this account already.")
    known[line.account.lower()] = customer_create(
        contact_center=contact_center,
        account=line.account,
        email=given.get("email", ""),
        phone=given.get("phone", ""),
        seed=given.get("seed", ""),
    )
    return "added"


def _update(customer: Customer, given: dict[str, str]) -> None:
    seed = given.pop("seed", "")
    key = None
    if seed:
        try:
            key = seed_read(seed)
        except ValidationError as fault:
            raise ValidationError({"authenticator_seed": fault}) from fault
    customer_update(customer, **given)
    if key is None:
        return
    held = Authenticator.objects.filter(customer=customer, confirmed_at__isnull=False).first()
    if held is None:
        authenticator_set(customer, key)
    elif _plain(held) != key:
        # Not exchanged in passing: whoever reads an old file again would take recovery codes and replay marks away.
        raise _LineRefused("Authenticator seed: there is another authenticator; reset it first.")


def _plain(held: Authenticator) -> bytes | None:
    """None of one that does not open: any seed is another."""
    try:
        return seed_unseal(held.seed, held.pk)
    except SealBroken:
        return None


def _needed(there: Customer | None) -> Customer:
    if there is None:
        raise _LineRefused("Account: there is no such customer.")
    return there


def _reason(refused: Refusal) -> str:
    told = [f"{_COLUMNS.get(each.field, each.field)}: {each.message}" for each in refused.fields]
    return " ".join(told) or refused.message
