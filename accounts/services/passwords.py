"""Passwords: their rules, their change, their reset."""

from __future__ import annotations

import datetime

from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts import options
from accounts.errors import PasswordRefused, PasswordUpdateRefused
from accounts.models import PasswordHistory, User
from activity.services import change_record, event_record
from config.http.errors import FieldError
from config.policy import require
from config.stamps import new_stamp

LONGEST = 1024
"""Characters; a longer text is refused before it costs a hash."""
_common = CommonPasswordValidator()


def password_faults(password: str, *, user: User) -> list[FieldError]:
    """Every rule of ``security-authentication-rules`` that the text breaks, and the common-password list."""
    holder = user.contact_center_id
    shortest = options.PASSWORD_MIN_LENGTH.of(holder)
    rules = [
        (len(password) < shortest, "too_short", f"Use at least {shortest} characters."),
        (len(password) > LONGEST, "too_long", f"Use at most {LONGEST} characters."),
        ("\x00" in password, "invalid", "Use no NUL character."),
        (
            options.PASSWORD_REQ_ALPHA.of(holder) and not any(c.isalpha() for c in password),
            "no_letter",
            "Use a letter.",
        ),
        (
            options.PASSWORD_REQ_NUMBER.of(holder) and not any(c.isdigit() for c in password),
            "no_number",
            "Use a digit.",
        ),
        (
            options.PASSWORD_REQ_MIXED_CASE.of(holder)
            and not (any(c.isupper() for c in password) and any(c.islower() for c in password)),
            "no_mixed_case",
            "Use a capital and a small letter.",
        ),
        (
            options.PASSWORD_REQ_PUNCTUATION.of(holder)
            and not any(not c.isalnum() and not c.isspace() for c in password),
            "no_punctuation",
            "Use a punctuation character.",
        ),
        (is_common(password), "too_common", "This password is on the list of common passwords."),
    ]
    return [FieldError("newPassword", code, words) for broken, code, words in rules if broken]


def password_expired(user: User, *, now: datetime.datetime | None = None) -> bool:
    """Whether the password's age demands a change at this sign-in."""
    days = options.PASSWORD_EXPIRATION.of(user.contact_center_id)
    if not days or user.password_changed_at is None:
        return False
    return (now or timezone.now()) - user.password_changed_at > datetime.timedelta(days=days)


def password_change(*, user: User, old_password: str, new_password: str) -> int:
    """The user's own change, after ``old_password`` was proven. Returns the new epoch, which ends every other proof.

    Raises PasswordRefused naming every rule broken; PasswordUpdateRefused when another change came first.
    """
    faults = password_faults(new_password, user=user) or _repeat_fault(user, old_password, new_password)
    if faults:
        raise PasswordRefused(fields=faults, reason="rules broken: " + ", ".join(fault.code for fault in faults))
    return _password_write(user, make_password(new_password), must_change=False, event="password-changed")


def password_reset(*, user: User, new_password: str, must_change: bool = True, reason: str | None = None) -> int:
    """An administrator sets the password; the user must change it at the next sign-in unless said otherwise."""
    require("administer", user)
    faults = password_faults(new_password, user=user)
    if faults:
        raise PasswordRefused(fields=faults, reason="rules broken: " + ", ".join(fault.code for fault in faults))
    return _password_write(
        user, make_password(new_password), must_change=must_change, event="password-reset", why=reason
    )


def _password_write(user: User, encoded: str, *, must_change: bool, event: str, why: str | None = None) -> int:
    epoch, now = new_stamp(), timezone.now()
    keep = options.PASSWORD_NO_REPEATS.of(user.contact_center_id)
    with transaction.atomic():
        # The proven row decides: of two changes at once only one finds it, and a sign-out everywhere that came
        # between proof and write is not undone for what the caller presented.
        changed = User.objects.filter(pk=user.pk, password=user.password, epoch=user.epoch).update(
            password=encoded, password_changed_at=now, must_change_password=must_change, epoch=epoch, stamp=new_stamp()
        )
        if not changed:
            refusal = PasswordUpdateRefused(
                reason="the password was changed, or the user signed out everywhere, meanwhile"
            )
        else:
            refusal = None
            if keep and user.has_usable_password():
                PasswordHistory.objects.create(user=user, password=user.password)
            _forget_older(user, keep)
            change_record(
                action="update",
                obj=user,
                before={"must_change_password": user.must_change_password},
                after={"must_change_password": must_change},
                secret_changed=("password",),
                reason=why,
            )
            event_record(name=event, user_name=str(user), contact_center_id=user.contact_center_id)
    if refusal:
        raise refusal
    user.password, user.epoch, user.must_change_password, user.password_changed_at = encoded, epoch, must_change, now
    return epoch


def _forget_older(user: User, keep: int) -> None:
    kept = PasswordHistory.objects.filter(user=user).order_by("-id").values_list("pk", flat=True)[:keep]
    PasswordHistory.objects.filter(user=user).exclude(pk__in=list(kept)).delete()


def _repeat_fault(user: User, old_password: str, new_password: str) -> list[FieldError]:
    """A password may not repeat the last N, the present one counted first. Outside any transaction: it hashes."""
    repeats = options.PASSWORD_NO_REPEATS.of(user.contact_center_id)
    if not repeats:
        return []
    earlier = user.old_passwords.values_list("password", flat=True)[: repeats - 1]
    if new_password == old_password or any(check_password(new_password, encoded) for encoded in earlier):
        return [FieldError("newPassword", "repeated", f"Do not repeat one of the last {repeats} passwords.")]
    return []


def is_common(password: str) -> bool:
    """Whether Django's list of common passwords has it."""
    try:
        _common.validate(password)
    except ValidationError:
        return True
    return False
