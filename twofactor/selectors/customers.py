"""Customers by what callers give."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Exists, OuterRef, QuerySet, Value
from django.db.models.functions import Lower

from environment.models import Application, ContactCenter
from twofactor.models import Authenticator, Customer


def customer_of(application: Application, account: str) -> Customer | None:
    """The enabled customer of this account, in any case, in the application's contact center."""
    if application.contact_center_id is None:
        return None
    found = customer_called(application.contact_center_id, account)
    return found if found and found.enabled else None


def customer_called(contact_center: ContactCenter | UUID, account: str) -> Customer | None:
    """The customer of this account, in any case; enabled or not."""
    return called(Customer.objects.filter(contact_center=contact_center), account).first()


def called(rows: QuerySet[Customer], account: str) -> QuerySet[Customer]:
    """Those of ``rows`` that have this account, in any case."""
    # What no row can have is not asked for: a store refuses it.
    if "\x00" in account or account.encode(errors="ignore").decode() != account:
        return rows.none()
    return rows.alias(lowered=Lower("account")).filter(lowered=Lower(Value(account)))


def with_authenticator(rows: QuerySet[Customer]) -> QuerySet[Customer]:
    """The rows with ``is_enrolled``: whether they have a confirmed authenticator."""
    confirmed = Authenticator.objects.filter(customer=OuterRef("pk"), confirmed_at__isnull=False)
    return rows.annotate(is_enrolled=Exists(confirmed))


def has_authenticator(customer: Customer) -> bool:
    """Whether the customer has a confirmed one."""
    return Authenticator.objects.filter(customer=customer, confirmed_at__isnull=False).exists()
