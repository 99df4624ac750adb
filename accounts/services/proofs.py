"""Proving a user by name and password: one way for the sign-in page, the password grant, Basic and the admin."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import NoReturn
from uuid import UUID

from django.contrib.auth.hashers import check_password, make_password
from django.utils import timezone

from accounts import options
from accounts.errors import ContactCenterDisabled, ProofRefused
from accounts.models import User
from accounts.selectors import Login, home_of_login, installation_epoch, user_by_login
from accounts.services import lockout, verified
from accounts.services.passwords import LONGEST, password_expired
from activity.services import event_record
from config.context import current
from config.http.errors import Busy
from environment.selectors import tenant_name


@dataclass(frozen=True, slots=True)
class PasswordProof:
    """A user proven just now. The epochs are those of the very rows that proved him: copy them, never re-read."""

    user: User
    user_epoch: int
    installation_epoch: int
    must_change: bool
    proved_at: datetime


def password_prove(
    *,
    login: Login,
    password: str,
    via: str,
    contact_center_ids: frozenset[UUID] = frozenset(),
    client_id: str = "",
    remembered: frozenset[int] = frozenset(),
    administration: bool = False,
    user: User | None = None,
) -> PasswordProof:
    """Prove a typed name and password, counting failures; ``via`` names the door in the security event.

    ``user`` says who it must be when that is known already (a password change); it is read anew.
    ``remembered`` holds the ids of users who signed in from this device before. Raises ProofRefused, with one public
    wording for all, and equal work for an unknown name, a wrong password and a disabled account; a locked try is not
    looked at, whether the name is known or not.
    """
    epoch = installation_epoch()
    known = user
    if known is not None:
        user = User.objects.select_related("contact_center").filter(pk=known.pk).first()
    else:
        user = user_by_login(login, contact_center_ids=contact_center_ids, administration=administration)
    account, home = _account(login, contact_center_ids, known, found=user)
    limits = lockout.limits_of(
        account=account,
        address=current().address,
        contact_center_id=home,
        remembered=bool(user and user.pk in remembered),
        real_name=str(user) if user else "",
    )
    told = _Told(user, account, via, client_id)
    user = _compared(user, password, limits, told)
    if not user.is_active:
        told.refused(ContactCenterDisabled(reason="contact center is disabled"))
    proof = _proof(user, epoch)
    if user.last_login is None or proof.proved_at - user.last_login > timedelta(minutes=1):
        User.objects.filter(pk=user.pk).update(last_login=proof.proved_at)
    return proof


def _compared(user: User | None, password: str, limits: list[lockout.Limit], told: _Told) -> User:
    """Reserve the try, compare, and count: the user when the pair is his. Raises ProofRefused, recorded; Busy."""
    refusing = lockout.try_reserve(limits)
    if refusing:
        told.refused(lockout.refused_by(refusing))
    try:
        fault = _fault(user, password)
    except Busy:
        lockout.try_released(limits)
        raise
    if fault or user is None:
        for limit in lockout.try_failed(limits):
            told.locked(limit)
        told.refused(ProofRefused(reason=fault))
    lockout.try_succeeded(limits)
    return user


def password_prove_basic(
    *, login: Login, password: str, via: str, contact_center_ids: frozenset[UUID] = frozenset(), client_id: str = ""
) -> PasswordProof:
    """Like ``password_prove`` for a pair that comes with every request: proven once per minute and user's stamp."""
    # A bare name means another user for a client that is bound to another contact center.
    bound = ",".join(sorted(map(str, contact_center_ids)))
    fingerprint = verified.fingerprint("user", f"{bound}|{login}", password)
    recalled = verified.recall(fingerprint)
    if recalled is not None and not _is_locked(login, contact_center_ids):
        epoch = installation_epoch()
        user = User.objects.select_related("contact_center").filter(pk=recalled.subject).first()
        if user and user.stamp == recalled.stamp and user.is_active:
            return _proof(user, epoch)
    proof = password_prove(
        login=login, password=password, via=via, contact_center_ids=contact_center_ids, client_id=client_id
    )
    verified.remember(fingerprint, proof.user.pk, proof.user.stamp)
    return proof


def _account(
    login: Login, contact_center_ids: frozenset[UUID], known: User | None = None, *, found: User | None = None
) -> tuple[str, UUID | None]:
    """What a try counts on and under whose rules: made from the name alone, so that a known name and an invented one
    have one counter for all their spellings (another domain of the contact center, a bare name).
    """
    if known is not None:
        return lockout.countable(str(known)), known.contact_center_id
    # A user found in a contact center was found in the one that the name speaks of.
    home = found.contact_center_id if found else None
    home = home or home_of_login(login, contact_center_ids=contact_center_ids)
    named = f"{tenant_name(home)}\\{login.user_name}" if home else str(login)
    return lockout.countable(named), home


def _is_locked(login: Login, contact_center_ids: frozenset[UUID]) -> bool:
    """Before a remembered pair is looked at: else its owner's calls would open a door without a lock to others."""
    account, home = _account(login, contact_center_ids)
    limits = lockout.limits_of(account=account, address=current().address, contact_center_id=home, remembered=False)
    return lockout.any_refused(limits)


def _proof(user: User, epoch: int) -> PasswordProof:
    return PasswordProof(
        user=user,
        user_epoch=user.epoch,
        installation_epoch=epoch,
        must_change=user.must_change_password or password_expired(user),
        proved_at=timezone.now(),
    )


def _fault(user: User | None, password: str) -> str:
    """Why the pair opens nothing, in inner words; empty when it does. Always one hash of work."""
    if len(password) > LONGEST:
        password = ""
    encoded = user.password if user and user.has_usable_password() else nobodys_password()
    right = check_password(password, encoded) and user is not None and user.has_usable_password()
    if user is None:
        return "unknown user"
    if not right:
        return "wrong password"
    if not user.enabled:
        return "user is disabled"
    if _idle_too_long(user):
        return "account expired: not used for too long"
    return ""


@cache
def nobodys_password() -> str:
    """Hashed once per process: an unknown name costs what a known one does."""
    return make_password("nobody has this password")


def _idle_too_long(user: User) -> bool:
    days = options.ACCOUNT_EXPIRATION.of(user.contact_center_id)
    seen = user.last_login or user.created_at
    return bool(days) and timezone.now() - seen > timedelta(days=days)


@dataclass(frozen=True, slots=True)
class _Told:
    """Writes what happened to the security events, with the inner reason that the public answer hides."""

    user: User | None
    account: str
    via: str
    client_id: str

    def _event(self, name: str, refusal: str) -> None:
        event_record(
            name=name,
            outcome="refused",
            refusal=refusal[:300],
            user_name=str(self.user) if self.user else self.account,
            client_id=self.client_id,
            contact_center_id=self.user.contact_center_id if self.user else None,
            detail={"via": self.via},
        )

    def locked(self, limit: lockout.Limit) -> None:
        self._event("locked", f"{limit.kind}: {limit.subject} after {limit.limit} failures")

    def refused(self, refusal: ProofRefused) -> NoReturn:
        """Record and raise. Nothing is rolled back by it: no transaction is open here."""
        self._event("sign-in", refusal.reason)
        raise refusal
