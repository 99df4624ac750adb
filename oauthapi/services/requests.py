"""Stored authorize requests: a row of its own for each tab, bound to the browser, 10 minutes, single use."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import User
from accounts.services.proofs import PasswordProof
from oauthapi.models import ApiClient, AuthorizationRequest
from oauthapi.selectors import token_hash
from oauthapi.services.codes import Proven

LIFETIME = timedelta(minutes=10)
PENDING = timedelta(minutes=5)
"""How long a right password that must be changed opens the page where it is changed."""


def request_store(params: dict[str, str], *, client: ApiClient | None, browser: str) -> str:
    """Keep a checked request; its id, of which only the hash is stored."""
    request_id = secrets.token_urlsafe(24)
    AuthorizationRequest.objects.create(
        request_hash=token_hash(request_id),
        browser_hash=token_hash(browser),
        client=client,
        params=params,
        expires_at=timezone.now() + LIFETIME,
    )
    return request_id


def request_load(request_id: str, browser: str) -> AuthorizationRequest | None:
    """The waiting request of this id, when it is this browser's, not used and not too old."""
    if not request_id or not browser or len(request_id) > 64:
        return None
    rows = AuthorizationRequest.objects.select_related("client", "pending_user__contact_center")
    return rows.filter(
        request_hash=token_hash(request_id),
        browser_hash=token_hash(browser),
        used_at__isnull=True,
        expires_at__gt=timezone.now(),
    ).first()


def request_use(row: AuthorizationRequest) -> bool:
    """Use it up; False when another click was first. One conditional update decides."""
    return bool(AuthorizationRequest.objects.filter(pk=row.pk, used_at__isnull=True).update(used_at=timezone.now()))


def request_prove(row: AuthorizationRequest, user: User) -> None:
    """Note that this user gave the password for this very request."""
    _update(row, proved_at=timezone.now(), proved_user=user, pending_user=None, pending_epoch=None, pending_until=None)


def request_is_proved_by(row: AuthorizationRequest, proven: Proven | None) -> bool:
    """Whether the user who is signed in now is the one who gave his password for this request: in another tab of the
    browser somebody else may have signed in since.
    """
    return row.proved_at is not None and proven is not None and row.proved_user_id == proven.user.pk


def request_pend(row: AuthorizationRequest, proof: PasswordProof) -> None:
    """Note who gave a right password that must be changed before anything else."""
    _update(row, pending_user=proof.user, pending_epoch=proof.user_epoch, pending_until=timezone.now() + PENDING)


def request_is_pending(row: AuthorizationRequest) -> bool:
    """Whether the change-password page is open for this request: proven lately, and nothing changed since."""
    user = row.pending_user
    return bool(
        user
        and row.pending_until
        and row.pending_until > timezone.now()
        and row.pending_epoch == user.epoch
        and user.is_active
    )


def _update(row: AuthorizationRequest, **fields: Any) -> None:
    AuthorizationRequest.objects.filter(pk=row.pk).update(**fields)
    for name, value in fields.items():
        setattr(row, name, value)
