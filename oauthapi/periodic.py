"""Purges of this room. Nothing rests on them: ends are also checked at use.

Jobs run in the order of their names: tokens go before the families that hold them.
"""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from activity.jobs import Done, periodic, slice_purge
from oauthapi.models import AccessToken, AuthorizationCode, AuthorizationRequest, RefreshToken, TokenFamily

_MARGIN = timedelta(hours=1)
"""A row just ended may still be looked at by a request under way."""
_EVIDENCE = timedelta(days=1)
"""A used code is remembered so long after its end: a replay still revokes what it gave (RFC 6749 §4.1.2)."""


@periodic(name="oauthapi.access-tokens-purge", every=timedelta(minutes=5))
def access_tokens_purge() -> Done:
    """Delete access tokens that have expired."""
    return slice_purge(AccessToken.objects.filter(expires_at__lt=timezone.now() - _MARGIN), by="expires_at")


@periodic(name="oauthapi.codes-purge", every=timedelta(minutes=5))
def codes_purge() -> Done:
    """Delete authorization codes, the used ones too."""
    return slice_purge(AuthorizationCode.objects.filter(expires_at__lt=timezone.now() - _EVIDENCE), by="expires_at")


@periodic(name="oauthapi.families-purge", every=timedelta(minutes=5))
def families_purge() -> Done:
    """Delete families whose last token has ended, a day after their tokens went: so that few rows go by cascade."""
    return slice_purge(TokenFamily.objects.filter(ends_at__lt=timezone.now() - _EVIDENCE), by="ends_at")


@periodic(name="oauthapi.refresh-tokens-purge", every=timedelta(minutes=5))
def refresh_tokens_purge() -> Done:
    """Delete refresh tokens that have expired; used ones stay till then, since reuse of them is news."""
    return slice_purge(RefreshToken.objects.filter(expires_at__lt=timezone.now() - _MARGIN), by="expires_at")


@periodic(name="oauthapi.requests-purge", every=timedelta(minutes=10))
def requests_purge() -> Done:
    """Delete sign-ins that nobody finished, and finished ones."""
    return slice_purge(AuthorizationRequest.objects.filter(expires_at__lt=timezone.now() - _MARGIN), by="expires_at")
