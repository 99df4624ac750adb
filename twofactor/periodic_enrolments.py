"""Enrolments that nobody finished."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import QuerySet

from activity.purges import purge
from twofactor.models import Authenticator


@purge(name="twofactor.enrolments-purge", every=timedelta(hours=1), by="link_expires_at", kept=timedelta(days=7))
def enrolments_purge(before: datetime) -> QuerySet[Authenticator]:
    """Authenticators that nobody confirmed, a week after their link expired."""
    return Authenticator.objects.filter(confirmed_at__isnull=True, link_expires_at__lt=before)
