"""Registering a Basic credential in a contact center from what a script sent, every fault told at once."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils import timezone

from accounts import options
from accounts.credential_records import CredentialRecord
from accounts.errors import CredentialExists
from accounts.models import BasicCredential, Role
from accounts.selectors import role_called
from accounts.services.credentials import credential_create, credential_expiry
from config.context import current
from config.http.errors import FieldError, Forbidden, ValidationRefused
from config.policy import require
from environment.errors import NameTaken
from environment.models import ContactCenter
from environment.selectors import contact_center_called


def credential_register(record: CredentialRecord) -> BasicCredential:
    """The credential that the record describes, stored.

    Raises Forbidden for a contact center that is not the caller's, before anything in it is looked up, and for a role
    above the caller's; ValidationRefused naming every fault; CredentialExists.
    """
    require("administer", BasicCredential)
    faults = list(record.faults)
    center = _contact_center(record.context_id)
    if center is not None:
        _require_own(center)
    elif record.context_id:
        words = 'There is no such contact center. Give its number or its id, such as "1".'
        faults.append(FieldError("contextId", "unknown", words))
    role = role_called(record.role_name, center) if record.role_name and center else None
    if record.role_name and role is None and (center or not _is_role_of_caller(record.role_name)):
        faults.append(FieldError("userRole", "unknown", "There is no such role here. Capitals count."))
    faults += expiry_faults(record.expires_at, center)
    if faults or center is None:
        raise ValidationRefused(fields=faults, reason="; ".join(f"{one.field}: {one.code}" for one in faults))
    credential = BasicCredential(
        name=record.username,
        contact_center=center,
        role=role,
        expires_at=record.expires_at or credential_expiry(center.pk),
    )
    return _create(credential, record.password)


def expiry_faults(expires_at: datetime | None, center: ContactCenter | None) -> list[FieldError]:
    """An expiry that is over already, or farther ahead than the option allows."""
    if expires_at is None:
        return []
    now, days = timezone.now(), options.CREDENTIAL_LONGEST_LIFETIME.of(center)
    if expires_at <= now:
        return [FieldError("dateExpiry", "past", "This time is over already.")]
    if expires_at > now + timedelta(days=days):
        return [FieldError("dateExpiry", "too_far", f"This is more than {days} days ahead.")]
    return []


def _contact_center(called: str) -> ContactCenter | None:
    found = contact_center_called(called) if called else None
    return found if found and found.enabled else None


def _require_own(center: ContactCenter) -> None:
    """Raise Forbidden naming ``contextId`` unless the caller administers Basic credentials there."""
    try:
        require("administer", BasicCredential(contact_center=center))
    except Forbidden as refused:
        words = "You do not administer the Basic credentials of this contact center."
        raise Forbidden(words, field="contextId", reason=refused.reason) from None


def _is_role_of_caller(name: str) -> bool:
    """Whether the caller could mean some role by this name, when it is not known in which contact center."""
    usable = Q(contact_center=None) | Q(contact_center__in=current().principal.contact_center_ids)
    return Role.objects.filter(usable, name=name).exists() or current().principal.everywhere


def _create(credential: BasicCredential, password: str) -> BasicCredential:
    # The right before the name: who may not make it is not told what there is.
    require("administer", credential)
    if _is_taken(credential.name):
        raise _exists()
    try:
        return credential_create(credential, password=password)
    except (NameTaken, ValidationError) as rival:
        if _is_taken(credential.name):
            raise _exists() from rival
        raise


def _is_taken(name: str) -> bool:
    return BasicCredential.named(name).exists()


def _exists() -> CredentialExists:
    return CredentialExists(fields=[FieldError("username", "exists", CredentialExists.message)])
