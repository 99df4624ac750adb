"""Purges of this room. Nothing rests on them: ends are also checked at use.

Jobs run in the order of their names: tokens go before the families that hold them.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import QuerySet

from activity.purges import purge
from oauthapi.models import AccessToken, AuthorizationCode, AuthorizationRequest, RefreshToken, TokenFamily

_MARGIN = timedelta(hours=1)
"""A row just ended may still be looked at by a request under way."""
_EVIDENCE = timedelta(days=1)
"""A used code is remembered so long after its end: a replay still revokes what it gave (RFC 6749 §4.1.2)."""


_OFTEN = timedelta(minutes=5)


@purge(name="oauthapi.access-tokens-purge", every=_OFTEN, by="expires_at", kept=_MARGIN)
def access_tokens_purge(before: datetime) -> QuerySet[AccessToken]:
    """Access tokens that have expired."""
    return AccessToken.objects.filter(expires_at__lt=before)


@purge(name="oauthapi.codes-purge", every=_OFTEN, by="expires_at", kept=_EVIDENCE)
def codes_purge(before: datetime) -> QuerySet[AuthorizationCode]:
    """Authorization codes, the used ones too."""
    return AuthorizationCode.objects.filter(expires_at__lt=before)


@purge(name="oauthapi.families-purge", every=_OFTEN, by="ends_at", kept=_EVIDENCE)
def families_purge(before: datetime) -> QuerySet[TokenFamily]:
    """Families whose last token has ended, a day after their tokens went: so that few rows go by cascade."""
    return TokenFamily.objects.filter(ends_at__lt=before)


@purge(name="oauthapi.refresh-tokens-purge", every=_OFTEN, by="expires_at", kept=_MARGIN)
def refresh_tokens_purge(before: datetime) -> QuerySet[RefreshToken]:
    """Refresh tokens that have expired; used ones stay till then, since reuse of them is news."""
    return RefreshToken.objects.filter(expires_at__lt=before)


@purge(name="oauthapi.requests-purge", every=timedelta(minutes=10), by="expires_at", kept=_MARGIN)
def requests_purge(before: datetime) -> QuerySet[AuthorizationRequest]:
    """Sign-ins that nobody finished, and finished ones."""
    return AuthorizationRequest.objects.filter(expires_at__lt=before)
