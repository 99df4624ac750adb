"""Whom a code may be sent to: customers with their verified addresses, authenticators and recovery codes."""

from __future__ import annotations

import uuid
from typing import ClassVar

from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower

from config.policy import Governed
from config.tracking import Tracked
from environment.models import ContactCenter

ACCOUNT = RegexValidator(
    r"^[^\s\x00-\x1f\x7f-\x9f](?:[^\x00-\x1f\x7f-\x9f]*[^\s\x00-\x1f\x7f-\x9f])?\Z",
    "Use no control characters, and no blank at either end.",
)
E164 = RegexValidator(r"^\+[1-9][0-9]{6,14}\Z", "Write it with the country code, as in +14155550142.")


class Customer(Tracked):
    """A person who calls. What stands here counts as verified. Addresses are never told whole."""

    governed: ClassVar[Governed] = Governed(
        "customers", contact_center="contact_center_id", secrets=frozenset({"email", "phone"})
    )

    contact_center = models.ForeignKey(ContactCenter, on_delete=models.PROTECT, related_name="+", db_index=False)
    account = models.CharField(
        max_length=255, validators=[ACCOUNT], help_text="The reference that callers give, such as an account number."
    )
    email = models.EmailField("verified e-mail", max_length=254, blank=True)
    phone = models.CharField("verified phone", max_length=16, blank=True, validators=[E164])
    enabled = models.BooleanField(default=True)
    made_by_demo = models.BooleanField(default=False, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["contact_center", "account"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                "contact_center",
                Lower("account"),
                name="customer_account_once",
                violation_error_message="This account is there already.",
            )
        ]

    def __str__(self) -> str:
        return self.account


class Authenticator(models.Model):
    """An RFC 6238 device of a customer: one that is confirmed, and at most one that waits for its first code.

    ``seed`` is sealed to the row. ``last_step`` is the last time step that was accepted, ``drift`` how many steps the
    device's clock is ahead.
    """

    governed: ClassVar[Governed] = Governed(
        "customers",
        contact_center="customer__contact_center_id",
        secrets=frozenset({"seed", "token_hash"}),
        unrecorded=frozenset({"last_step", "drift"}),
    )

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="authenticators", db_index=False)
    seed = models.TextField(editable=False)
    confirmed_at = models.DateTimeField("confirmed", null=True, blank=True)
    last_step = models.BigIntegerField(default=0, editable=False)
    drift = models.SmallIntegerField(default=0, editable=False)
    token_hash = models.CharField(max_length=80, blank=True, editable=False, help_text="Of the link to enrol by.")
    link_expires_at = models.DateTimeField("link expires", null=True, blank=True)
    link_failures = models.PositiveSmallIntegerField(default=0, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering: ClassVar = ["customer", "created_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                "customer", condition=models.Q(confirmed_at__isnull=False), name="authenticator_confirmed_once"
            ),
            models.UniqueConstraint(
                "customer", condition=models.Q(confirmed_at__isnull=True), name="authenticator_pending_once"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["token_hash"], name="authenticator_by_token"),
            models.Index(
                fields=["link_expires_at"], name="authenticator_by_link", condition=models.Q(confirmed_at__isnull=True)
            ),
        ]

    def __str__(self) -> str:
        return f"authenticator of {self.customer}"


class RecoveryCode(models.Model):
    """A code of ten digits for whoever lost the authenticator, good for one time; only its keyed MAC is kept."""

    authenticator = models.ForeignKey(Authenticator, on_delete=models.CASCADE, related_name="recovery_codes")
    code_mac = models.CharField(max_length=80)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint("authenticator", "code_mac", name="recovery_code_once")]

    def __str__(self) -> str:
        return f"recovery code of {self.authenticator_id}"
