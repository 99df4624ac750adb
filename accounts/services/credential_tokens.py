"""Tokens of Basic credentials: for callers that would rather not send the password each time.

A token says no more than which credential it stands for and under which stamp of its row; whatever changes, rotates,
disables or deletes the credential ends it at the next use.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any, NoReturn

from django.conf import settings
from django.utils import timezone

from accounts import options
from accounts.errors import ProofRefused
from accounts.models import BasicCredential, SigningKey
from accounts.services.credentials import credential_admit
from accounts.services.keys import has_ended, header_typ, issuer, signed_claims, signed_jwt
from activity.services import event_record
from config.http.members import LARGEST_KEY, number_of

TYP = "credential+jwt"


def audience() -> str:
    """``aud``: every door of this installation that takes the pair."""
    return str(settings.DESKGATE_PUBLIC_URL)


def credential_token_issue(credential: BasicCredential) -> tuple[str, int]:
    """A token for a credential just proven, and its life in seconds: never past the credential's expiry.

    Raises ProofRefused when the credential ends within this second.
    """
    now = timezone.now().replace(microsecond=0)
    ends = now + timedelta(minutes=options.CREDENTIAL_TOKEN_MINUTES.of(credential.contact_center_id))
    if credential.expires_at:
        ends = min(ends, credential.expires_at.replace(microsecond=0))
    if ends <= now:
        _refuse("the credential is about to end", credential)
    claims = {
        "iss": issuer(),
        "sub": str(credential.pk),
        "aud": audience(),
        "iat": int(now.timestamp()),
        "exp": int(ends.timestamp()),
        "stamp": str(credential.stamp),
    }
    text = signed_jwt(SigningKey.Purpose.CREDENTIAL, claims, typ=TYP)
    event_record(
        name="credential-token-issued",
        user_name=credential.name,
        contact_center_id=credential.contact_center_id,
        detail={"expires": ends.isoformat()},
    )
    return text, claims["exp"] - claims["iat"]  # type: ignore[operator]


def is_credential_token(text: str) -> bool:
    """Whether the text says of itself that it is such a token: then nobody else judges it."""
    return header_typ(text) == TYP


def credential_token_prove(text: str) -> BasicCredential:
    """The credential that the token stands for. Raises ProofRefused, recorded, with one public wording."""
    claims = signed_claims(SigningKey.Purpose.CREDENTIAL, text, typ=TYP)
    if claims is None:
        _refuse("not signed by us as a credential's token")
    if claims.get("iss") != issuer() or claims.get("aud") != audience():
        _refuse("iss or aud is not ours")
    credential = _row(claims)
    if credential is None:
        _refuse("the credential is deleted")
    if has_ended(claims.get("exp")):
        _refuse("expired", credential)
    if claims.get("stamp") != str(credential.stamp):
        _refuse("the credential was changed since", credential)
    credential_admit(credential)
    return credential


def _row(claims: dict[str, Any]) -> BasicCredential | None:
    subject = claims.get("sub")
    key = number_of(subject, most=LARGEST_KEY) if isinstance(subject, str) else None
    if key is None:
        return None
    rows = BasicCredential.objects.filter(contact_center__isnull=False)
    return rows.select_related("contact_center", "role").filter(pk=key).first()


def _refuse(reason: str, credential: BasicCredential | None = None) -> NoReturn:
    event_record(
        name="credential-token",
        outcome="refused",
        refusal=reason,
        user_name=credential.name if credential else "",
        contact_center_id=credential.contact_center_id if credential else None,
    )
    raise ProofRefused(reason=f"credential's token: {reason}")
