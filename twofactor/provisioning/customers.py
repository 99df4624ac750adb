"""Customers in provisioning files. A seed there is the first one only: it is never compared, changed or shown."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models.functions import Lower
from pydantic import SecretStr

from environment.models import ContactCenter
from environment.provision.faults import Fault
from environment.provision.kinds import Entry, Key, Kind, Row, Step, kind
from environment.provision.world import World
from twofactor.destinations import email_read, phone_read
from twofactor.models import Customer
from twofactor.seeds import seed_read
from twofactor.services.customers import customer_create, customer_update

_READ = {"email": email_read, "phone": phone_read}


class CustomerRow(Row):
    contact_center: str
    account: str
    email: str = ""
    phone: str = ""
    enabled: bool = True
    authenticator_seed: SecretStr | None = None


@kind
class Customers(Kind[CustomerRow, Customer]):
    """``two-factor-customers``: by contact center and account, in any case. Addresses are never shown in a plan."""

    name = "two-factor-customers"
    row = CustomerRow
    after = ("contact-centers",)
    secrets = frozenset({"email", "phone", "authenticator_seed"})

    def key(self, entry: Entry[CustomerRow], world: World) -> Key:
        return (world.contact_center_id(entry, entry.row.contact_center), entry.row.account.lower())

    def find(self, keys: Collection[Key], world: World) -> dict[Key, Customer]:
        rows = Customer.objects.alias(lowered=Lower("account"))
        rows = rows.filter(
            contact_center_id__in={home for home, _account in keys}, lowered__in={account for _home, account in keys}
        )
        return {(one.contact_center_id, one.account.lower()): one for one in rows}

    def label(self, row: CustomerRow) -> str:
        return f"{row.contact_center} {row.account}"

    def wanted(self, row: CustomerRow, world: World) -> dict[str, Any]:
        return row.given("enabled") | {name: _plain(name, value) for name, value in row.given(*_READ).items()}

    def current(self, obj: Customer, row: CustomerRow, world: World) -> dict[str, Any]:
        return {"enabled": obj.enabled, "email": obj.email, "phone": obj.phone}

    def judge(self, step: Step[CustomerRow, Customer]) -> Iterator[Fault]:
        row = step.row
        seed = row.authenticator_seed.get_secret_value() if row.authenticator_seed else ""
        for name, read in _READ.items():
            try:
                read(getattr(row, name))
            except ValidationError as error:
                yield step.entry.fault(error.messages[0], name)
        try:
            if seed:
                seed_read(seed, demo=step.entry.made_by_demo)
        except ValidationError as error:
            yield step.entry.fault(error.messages[0], "authenticator-seed")

    def create(self, step: Step[CustomerRow, Customer], world: World) -> None:
        row = step.row
        customer_create(
            contact_center=ContactCenter.objects.get(pk=step.key[0]),
            account=row.account,
            seed=row.authenticator_seed.get_secret_value() if row.authenticator_seed else "",
            made_by_demo=step.entry.made_by_demo,
            **row.given("email", "phone", "enabled"),
        )

    def update(self, step: Step[CustomerRow, Customer], world: World) -> None:
        assert step.obj is not None  # noqa: S101 - a step without an object is a create
        customer_update(step.obj, **step.row.given("email", "phone", "enabled"))


def _plain(name: str, value: str) -> str:
    """As it is stored; what is wrong with it is told by ``judge``."""
    try:
        return _READ[name](value)
    except ValidationError:
        return value
