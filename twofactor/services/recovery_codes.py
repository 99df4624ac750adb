"""Recovery codes: ten digits each, good for one time, kept as keyed MACs bound to their authenticator."""

from __future__ import annotations

import secrets
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from activity.services import change_record
from config.encryption import keyed_hash, keyed_hashes
from config.policy import require
from twofactor.errors import NoAuthenticator
from twofactor.models import Authenticator, Customer, RecoveryCode

COUNT = 10
_DIGITS = 10
_PURPOSE = "two-factor-recovery"


def recovery_code_use(held: Authenticator | None, code: str) -> bool:
    """Whether this is an unused code of the authenticator; it is used from now on."""
    key = held.pk if held else UUID(int=0)
    macs = keyed_hashes(_bound(key, code), purpose=_PURPOSE)
    # The condition stands in the update itself, not in a subquery: a rival's use is seen when its lock is gone.
    rows = RecoveryCode.objects.filter(authenticator_id=key, code_mac__in=macs, used_at__isnull=True)
    return bool(rows.update(used_at=timezone.now()))


def recovery_codes_make() -> list[str]:
    """Ten different codes of ten digits."""
    codes: dict[str, None] = {}
    while len(codes) < COUNT:
        codes[f"{secrets.randbelow(10**_DIGITS):0{_DIGITS}d}"] = None
    return list(codes)


def recovery_codes_store(held: Authenticator, codes: list[str]) -> None:
    """Keep their MACs in place of all that it had; within the caller's transaction."""
    RecoveryCode.objects.filter(authenticator=held).delete()
    RecoveryCode.objects.bulk_create(
        RecoveryCode(authenticator=held, code_mac=keyed_hash(_bound(held.pk, code), purpose=_PURPOSE)) for code in codes
    )


def recovery_codes_renew(customer: Customer, *, reason: str | None = None) -> list[str]:
    """New codes, told this once; the old ones open nothing any more. Raises Forbidden, NoAuthenticator."""
    require("write", customer)
    codes = recovery_codes_make()
    with transaction.atomic():
        rows = Authenticator.objects.select_for_update().filter(customer=customer, confirmed_at__isnull=False)
        held = rows.first()
        if held is None:
            raise NoAuthenticator
        recovery_codes_store(held, codes)
        held.customer = customer
        told = {"recovery_codes": "set"}
        change_record(
            action="update", obj=held, before=told, after=told, secret_changed=("recovery_codes",), reason=reason
        )
    return codes


def _bound(authenticator_id: UUID, code: str) -> bytes:
    return f"{authenticator_id}:{code}".encode()
