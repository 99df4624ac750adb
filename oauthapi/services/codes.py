"""Authorization codes: made, burnt by their first use, and remembered when replayed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NoReturn

from django.utils import timezone

from accounts.models import User
from activity.services import event_record
from oauthapi.errors import InvalidGrant
from oauthapi.models import ApiClient, AuthorizationCode
from oauthapi.rules import CODE_LIFETIME
from oauthapi.selectors import token_hash
from oauthapi.services.families import family_revoke


@dataclass(frozen=True, slots=True)
class Proven:
    """The user an authorization is for, under the epochs that proved him; never re-read, only copied."""

    user: User
    user_epoch: int
    installation_epoch: int
    auth_time: datetime


def code_create(
    code: str, *, client: ApiClient, proof: Proven, redirect_uri: str, scope: str, nonce: str, code_challenge: str
) -> None:
    """Store the hash of a new code, good for ``CODE_LIFETIME`` seconds."""
    AuthorizationCode.objects.create(
        code_hash=token_hash(code),
        client=client,
        user=proof.user,
        user_epoch=proof.user_epoch,
        installation_epoch=proof.installation_epoch,
        redirect_uri=redirect_uri,
        scope=scope,
        nonce=nonce,
        code_challenge=code_challenge,
        auth_time=proof.auth_time,
        expires_at=timezone.now() + timedelta(seconds=CODE_LIFETIME),
    )


def code_burn(row: AuthorizationCode) -> None:
    """Use the code up. One conditional update decides; a later use revokes what the first gave (RFC 6749 §4.1.2)."""
    if AuthorizationCode.objects.filter(pk=row.pk, used_at__isnull=True).update(used_at=timezone.now()):
        return
    # Remembered first: a save that runs beside us looks at this flag in its own transaction.
    AuthorizationCode.objects.filter(pk=row.pk).update(replayed_at=timezone.now())
    family_id = AuthorizationCode.objects.values_list("family_id", flat=True).get(pk=row.pk)
    if family_id:
        family_revoke(family_id, because="code replayed")
    code_refuse(row, "the code was used before: what it gave is revoked")


def code_refuse(row: AuthorizationCode | None, reason: str, *, client_id: str = "") -> NoReturn:
    """Record why and raise InvalidGrant with the one public wording."""
    event_record(
        name="code",
        outcome="refused",
        refusal=reason,
        client_id=row.client.client_id if row else client_id,
        user_name=str(row.user) if row else "",
        contact_center_id=row.user.contact_center_id if row else None,
    )
    raise InvalidGrant(reason=reason)
