"""Purges of deliveries that belong to no call (tests), and of the demo's outbox."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import QuerySet

from activity.purges import purge
from twofactor.models import Delivery, OutboxMessage


@purge(name="twofactor.deliveries-purge", every=timedelta(hours=1), by="made_at", kept=timedelta(days=90))
def deliveries_purge(before: datetime) -> QuerySet[Delivery]:
    """Test sends of long ago; deliveries of calls go with their sessions."""
    return Delivery.objects.filter(challenge__isnull=True, made_at__lt=before)


@purge(name="twofactor.outbox-purge", every=timedelta(hours=1), by="at", kept=timedelta(days=7))
def outbox_purge(before: datetime) -> QuerySet[OutboxMessage]:
    """What the demo sent a week ago."""
    return OutboxMessage.objects.filter(at__lt=before)
