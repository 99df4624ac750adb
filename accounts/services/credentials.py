"""Basic credentials: proven by name and password, at one hash per minute and row; made, rotated, disabled."""

from __future__ import annotations

import secrets
import unicodedata
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network
from typing import NoReturn
from uuid import UUID

from django.contrib.auth.hashers import check_password, make_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import ProtectedError, Q
from django.utils import timezone

from accounts import options
from accounts.errors import ProofRefused
from accounts.models import BasicCredential, FailureCounter
from accounts.services import lockout, verified
from accounts.services.passwords import is_common
from activity.services import change_record, event_record, snapshot
from config.context import current
from config.http.errors import FieldError, NotFound
from config.policy import require
from config.stamps import new_stamp
from environment.errors import rivals_told
from environment.services.objects import changed_fields, in_use

_KIND = "credential"
SHORTEST, LONGEST = 12, 128
"""Characters of a credential's password."""


def credential_prove(*, name: str, password: str) -> BasicCredential:
    """The credential that this pair opens. Raises ProofRefused: unknown, wrong, disabled, expired, from elsewhere.

    The row is read every time, so a change holds on the next call in every worker; only the hash is remembered.
    """
    credential = BasicCredential.named(name).first()
    fingerprint = verified.fingerprint(_KIND, name.casefold(), password)
    # Events tell it in its own spelling, by which they are looked for.
    name = credential.name if credential else name
    limit = lockout.client_limit(name, current().address, FailureCounter.Kind.CREDENTIAL)
    everybodys = lockout.credentials_limit(current().address)
    if lockout.any_refused([limit, everybodys]):
        # Before the remembered pair too: its owner's calls must not open a door without a lock to a guesser.
        _refuse(name, f"locked: {limit.subject}, or all credentials from there")
    # A pair that opens nothing now is hashed each time: else the time would tell that its password is right.
    known = verified.recall(fingerprint) if credential and not _standing_fault(credential) else None
    if not (credential and known and known.subject == credential.pk and known.stamp == credential.stamp):
        right = check_password(password, credential.password if credential else _nobody())
        if not (right and credential):
            # Invented names have no counter of their own: they would fill the table.
            for counted in (limit, everybodys) if credential else (everybodys,):
                lockout.failure_count(counted)
            _refuse(name, "wrong password" if credential else "unknown credential")
        verified.remember(fingerprint, credential.pk, credential.stamp)
    credential_admit(credential)
    return credential


def credential_admit(credential: BasicCredential) -> None:
    """Stamp the use of a credential just proven. Raises ProofRefused: disabled, expired, from elsewhere."""
    fault = _standing_fault(credential)
    if fault:
        _refuse(credential.name, fault)
    _touch(credential)


def credential_password_faults(password: str) -> list[FieldError]:
    """What is wrong with a password for a credential; no rule of letters and digits (contract basicauth.md).

    RFC 7617 §2: control characters cannot be sent at all.
    """
    rules = [
        (len(password) < SHORTEST, "too_short", f"Use at least {SHORTEST} characters."),
        (len(password) > LONGEST, "too_long", f"Use at most {LONGEST} characters."),
        (any(unicodedata.category(one) == "Cc" for one in password), "invalid", "Use no control characters."),
        (is_common(password), "too_common", "This password is on the list of common passwords."),
    ]
    return [FieldError("password", code, words) for broken, code, words in rules if broken]


def credential_lifetime(contact_center_id: UUID) -> timedelta:
    """How long a credential lives that is registered without an expiry: the usual time, at most the longest."""
    usual, longest = options.CREDENTIAL_LIFETIME, options.CREDENTIAL_LONGEST_LIFETIME
    return timedelta(days=min(usual.of(contact_center_id), longest.of(contact_center_id)))


def credential_expiry(contact_center_id: UUID) -> datetime:
    """When a credential ends that is registered now without an expiry: to the millisecond, as it is told."""
    ends = timezone.now() + credential_lifetime(contact_center_id)
    return ends.replace(microsecond=ends.microsecond // 1000 * 1000)


def _require_good(password: str) -> None:
    faults = [ValidationError(each.message, code=each.code) for each in credential_password_faults(password)]
    if faults:
        raise ValidationError({"password": faults})


def _require_near(credential: BasicCredential) -> None:
    """In a contact center an expiry lies no farther ahead than the option allows; to have none is another decision."""
    if not (credential.contact_center_id and credential.expires_at):
        return
    days = options.CREDENTIAL_LONGEST_LIFETIME.of(credential.contact_center_id)
    if credential.expires_at > timezone.now() + timedelta(days=days):
        fault = ValidationError(f"This is more than {days} days ahead.", code="too_far")
        raise ValidationError({"expires_at": fault})


def credential_create(
    credential: BasicCredential, *, password: str, encoded_password: str | None = None, reason: str | None = None
) -> BasicCredential:
    """Store a new credential; ``password`` is judged and hashed, unless its hash was made beforehand (bulk).

    Raises Forbidden, ValidationError, NameTaken.
    """
    require("administer", credential)
    if encoded_password is None:
        _require_good(password)
    _require_near(credential)
    credential.password = encoded_password or make_password(password)
    credential.full_clean()
    with rivals_told("name"), transaction.atomic():
        credential.save(force_insert=True)
        change_record(action="create", obj=credential, before={}, after=snapshot(credential), reason=reason)
    return credential


def credential_rotate(credential: BasicCredential, *, password: str, reason: str | None = None) -> None:
    """Give it another password; the old one is refused on the next call.

    Raises Forbidden, ValidationError, NotFound.
    """
    require("administer", credential)
    _require_good(password)
    encoded = make_password(password)
    with transaction.atomic():
        if not BasicCredential.objects.filter(pk=credential.pk).update(password=encoded, stamp=new_stamp()):
            raise NotFound(reason="the credential was deleted meanwhile")
        change_record(action="update", obj=credential, before={}, after={}, secret_changed=("password",), reason=reason)
    credential.refresh_from_db()


def credential_update(credential: BasicCredential, *, reason: str | None = None) -> BasicCredential:
    """Store other changed fields (role, expiry, networks, enabled) under a new stamp."""
    with rivals_told("name"), transaction.atomic():
        old = BasicCredential.objects.select_for_update().get(pk=credential.pk)
        require("administer", old)
        require("administer", credential)
        credential.full_clean()
        fields = [name for name in changed_fields(credential, old) if name not in _WRITTEN_ELSEWHERE]
        if not fields:
            return credential
        if "expires_at" in fields:
            _require_near(credential)
        before = snapshot(old)
        credential.stamp = new_stamp()
        credential.save(update_fields=[*fields, "stamp"])
        credential.refresh_from_db()
        change_record(action="update", obj=credential, before=before, after=snapshot(credential), reason=reason)
    return credential


_WRITTEN_ELSEWHERE = {"password", "stamp", "last_used_at"}
"""Fields with a service of their own: a row read earlier must not write an old password back."""


def credential_delete(credential: BasicCredential, *, reason: str | None = None) -> None:
    """Delete it; its name is free again. Raises Forbidden, NotFound, or InUse naming what uses it."""
    require("administer", credential)
    with transaction.atomic():
        if BasicCredential.objects.select_for_update().filter(pk=credential.pk).first() is None:
            raise NotFound(reason="the credential was deleted meanwhile")
        change_record(action="delete", obj=credential, before=snapshot(credential), after={}, reason=reason)
        try:
            credential.delete()
        except ProtectedError as used:
            raise in_use(credential, used) from used


def password_generate() -> str:
    """A password nobody chooses: 192 random bits in URL-safe characters."""
    return secrets.token_urlsafe(24)


def _standing_fault(credential: BasicCredential) -> str:
    if not credential.enabled:
        return "credential is disabled"
    if credential.expires_at and credential.expires_at <= timezone.now():
        return "credential is expired"
    if credential.contact_center and not credential.contact_center.enabled:
        return "contact center is disabled"
    if credential.source_networks and not _comes_from(credential.source_networks, current().address):
        return f"not from {current().address}"
    return ""


def _comes_from(networks: list[str], address: str) -> bool:
    try:
        source = ip_address(address)
    except ValueError:
        return False
    return any(source in ip_network(network, strict=False) for network in networks)


def _refuse(name: str, reason: str) -> NoReturn:
    event_record(name="basic-credential", outcome="refused", refusal=reason, user_name=name)
    raise ProofRefused(reason=reason)


def _touch(credential: BasicCredential) -> None:
    """Stamp the use, at most once a minute."""
    now = timezone.now()
    stale = Q(last_used_at__isnull=True) | Q(last_used_at__lt=now - timedelta(minutes=1))
    if credential.last_used_at is None or now - credential.last_used_at > timedelta(minutes=1):
        BasicCredential.objects.filter(stale, pk=credential.pk).update(last_used_at=now)


def _nobody() -> str:
    from accounts.services.proofs import nobodys_password

    return nobodys_password()
