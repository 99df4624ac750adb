"""A customer confirms an authenticator by its first code, over the link that was made for it."""

from __future__ import annotations

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from activity.services import change_record, event_record, snapshot
from config.encryption import SealBroken
from config.http.errors import FieldError
from twofactor import totp
from twofactor.errors import EnrolmentOver, WrongFirstCode
from twofactor.models import Authenticator
from twofactor.seeds import seed_unseal
from twofactor.selectors.enrolments import MOST_FAILURES, pending_by
from twofactor.services.authenticators import authenticators_drop, customer_hold
from twofactor.services.recovery_codes import recovery_codes_make, recovery_codes_store

_EVENT = "authenticator-enrolled"


def authenticator_confirm(token: str, code: str) -> list[str]:
    """Confirm what this link was made for, in place of the authenticator in use; returns new recovery codes.

    They are told this once. Raises EnrolmentOver for a link that does not work (also after 5 wrong codes),
    WrongFirstCode.
    """
    begun = pending_by(token)
    if begun is None:
        raise EnrolmentOver
    if not (len(code) == totp.DIGITS and code.isascii() and code.isdigit()):
        raise _wrong()
    # Counted before it is compared, and kept whatever comes: codes sent at once have no more tries than others.
    waiting = Authenticator.objects.filter(pk=begun.pk, confirmed_at__isnull=True, link_failures__lt=MOST_FAILURES)
    if not waiting.update(link_failures=F("link_failures") + 1):
        raise EnrolmentOver
    try:
        found = totp.matches(seed_unseal(begun.seed, begun.pk), code, drift=0)
    except SealBroken as broken:
        raise EnrolmentOver(reason=str(broken)) from broken
    if not found:
        _tell(begun, "refused", "wrong code")
        raise _wrong()
    return _confirm(begun, found[0])


def _confirm(begun: Authenticator, match: totp.Match) -> list[str]:
    codes, customer = recovery_codes_make(), begun.customer
    before = snapshot(begun)
    with transaction.atomic():
        customer_hold(customer)
        authenticators_drop(customer, pending=False)
        done = Authenticator.objects.filter(pk=begun.pk, confirmed_at__isnull=True).update(
            confirmed_at=timezone.now(),
            last_step=match.step,
            drift=match.drift,
            token_hash="",
            link_expires_at=None,
            link_failures=0,
        )
        if not done:
            # Undoes the drop above: somebody else confirmed it, or began anew.
            raise EnrolmentOver(reason="confirmed or replaced meanwhile")
        recovery_codes_store(begun, codes)
        begun.refresh_from_db()
        change_record(action="update", obj=begun, before=before, after=snapshot(begun))
        _tell(begun, "ok", "")
    return codes


def _tell(begun: Authenticator, outcome: str, refusal: str) -> None:
    event_record(
        name=_EVENT,
        outcome="ok" if outcome == "ok" else "refused",
        refusal=refusal,
        user_name=begun.customer.account,
        contact_center_id=begun.customer.contact_center_id,
    )


def _wrong() -> WrongFirstCode:
    return WrongFirstCode(fields=[FieldError("code", "invalid", WrongFirstCode.message)])
