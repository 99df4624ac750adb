"""Customers, as the flow asks for them."""

from __future__ import annotations

from django.db.models import Value
from django.db.models.functions import Lower

from environment.models import Application
from twofactor.models import Customer


def customer_of(application: Application, account: str) -> Customer | None:
    """The enabled customer of this account, in any case of letters, in the application's contact center."""
    rows = Customer.objects.filter(contact_center=application.contact_center_id, enabled=True)
    return rows.alias(lowered=Lower("account")).filter(lowered=Lower(Value(account))).first()
