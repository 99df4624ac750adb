"""Temporary authorization tokens (contract basicauth.md): issued to a signed-in administrator, proven, revoked.

A token is a JWT signed RS512 with a key of its own purpose. What ends it is asked of the rows at each use: its own
``jti``, the administrator's and the installation's epoch, the contact center.
"""

from __future__ import annotations

import re
import secrets
from datetime import timedelta
from typing import NoReturn

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts import options, selectors
from accounts.errors import ProofRefused
from accounts.models import BasicCredential, SigningKey, TemporaryToken, User
from accounts.services.keys import has_ended, header_typ, issuer, signed_claims, signed_jwt
from activity.services import event_record
from config.context import current
from config.policy import require
from environment.models import ContactCenter

TYP = "temporary+jwt"
_JTI = re.compile(r"[A-Za-z0-9_-]{1,64}")
_EVENT = "temporary-token"


def audience() -> str:
    """``aud``: the only door that such a token opens."""
    return f"{settings.DESKGATE_PUBLIC_URL}/configuration/basicauth"


def temporary_token_issue(
    *, user: User, user_epoch: int, installation_epoch: int, contact_center: ContactCenter
) -> tuple[str, TemporaryToken]:
    """The token's text, told this once, and its row. The epochs are those of the proof that ``user`` signed in with.

    Raises Forbidden unless the asker administers Basic credentials in this contact center.
    """
    require("administer", BasicCredential(contact_center=contact_center))
    # Whole seconds, as the claims have them: the row and the token end at the same instant.
    now = timezone.now().replace(microsecond=0)
    token = TemporaryToken(
        id=secrets.token_urlsafe(16),
        user=user,
        contact_center=contact_center,
        user_epoch=user_epoch,
        installation_epoch=installation_epoch,
        issued_at=now,
        expires_at=now + timedelta(minutes=options.TEMPORARY_TOKEN_MINUTES.of(contact_center.pk)),
        address=current().address,
    )
    claims = {
        "iss": issuer(),
        "sub": user.subject,
        "aud": audience(),
        "contextId": str(contact_center.number),
        "iat": int(token.issued_at.timestamp()),
        "exp": int(token.expires_at.timestamp()),
        "jti": token.id,
    }
    text = signed_jwt(SigningKey.Purpose.TEMPORARY, claims, typ=TYP)
    with transaction.atomic():
        token.save(force_insert=True)
        event_record(
            name=f"{_EVENT}-issued",
            user_name=str(user),
            contact_center_id=contact_center.pk,
            detail={"jti": token.id, "expires": token.expires_at.isoformat()},
        )
    return text, token


def temporary_token_revoke(token: TemporaryToken, *, reason: str | None = None) -> bool:
    """End it; it is refused on its next use. True when this call did it. Raises Forbidden unless it is the asker's own
    or his to write.
    """
    if current().principal.user_id != token.user_id:
        require("write", token)
    with transaction.atomic():
        rows = TemporaryToken.objects.filter(pk=token.pk, revoked_at__isnull=True)
        ended = bool(rows.update(revoked_at=timezone.now()))
        if ended:
            event_record(
                name=f"{_EVENT}-revoked",
                user_name=str(token.user),
                contact_center_id=token.contact_center_id,
                detail={"jti": token.pk, "reason": reason or ""},
            )
    token.refresh_from_db()
    return ended


def is_temporary_token(text: str) -> bool:
    """Whether the text says of itself that it is such a token: then nobody else judges it."""
    return header_typ(text) == TYP


def temporary_token_prove(text: str) -> tuple[User, TemporaryToken]:
    """Whose token this is, and its row. Raises ProofRefused, recorded, with one public wording for every cause."""
    claims = signed_claims(SigningKey.Purpose.TEMPORARY, text, typ=TYP)
    if claims is None:
        _refuse("not signed by us as a temporary token")
    if claims.get("iss") != issuer() or claims.get("aud") != audience():
        _refuse("iss or aud is not ours")
    if has_ended(claims.get("exp")):
        _refuse("expired")
    jti = claims.get("jti")
    rows = TemporaryToken.objects.select_related("user__contact_center", "contact_center")
    token = rows.filter(pk=jti).first() if isinstance(jti, str) and _JTI.fullmatch(jti) else None
    if token is None or claims.get("sub") != token.user.subject:
        _refuse("no row of this jti and sub")
    fault = _standing_fault(token)
    if fault:
        _refuse(fault, token)
    _touch(token)
    return token.user, token


def _standing_fault(token: TemporaryToken) -> str:
    """Why the row opens nothing now, in inner words; "" when it does."""
    user, now = token.user, timezone.now()
    faults = (
        (token.revoked_at is not None, "revoked"),
        (now >= token.expires_at, "expired"),
        (not user.is_active, "the user is not active"),
        (user.contact_center_id not in (None, token.contact_center_id), "the user moved to another contact center"),
        (not token.contact_center.enabled, "contact center is disabled"),
        (user.epoch != token.user_epoch, "the user's epoch changed"),
        (selectors.installation_epoch() != token.installation_epoch, "the installation's epoch changed"),
    )
    return next((words for broken, words in faults if broken), "")


def _refuse(reason: str, token: TemporaryToken | None = None) -> NoReturn:
    event_record(
        name=_EVENT,
        outcome="refused",
        refusal=reason,
        user_name=str(token.user) if token else "",
        contact_center_id=token.contact_center_id if token else None,
        detail={"jti": token.pk} if token else {},
    )
    raise ProofRefused(reason=f"temporary token: {reason}")


def _touch(token: TemporaryToken) -> None:
    """Stamp the use, at most once a minute."""
    now = timezone.now()
    before = now - timedelta(minutes=1)
    if token.last_used_at is None or token.last_used_at < before:
        stale = Q(last_used_at__isnull=True) | Q(last_used_at__lt=before)
        TemporaryToken.objects.filter(stale, pk=token.pk).update(last_used_at=now)
